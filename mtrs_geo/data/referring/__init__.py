"""Sentences about pairs that know the class of every pixel: see sentences.py."""

from mtrs_geo.data.referring.draw import draw_expressions
from mtrs_geo.data.referring.saying import say_of_classes
from mtrs_geo.data.referring.sentences import CLASS_TASKS, ClassTask, write_class_expression
from mtrs_geo.data.referring.words import ClassWording, Noun

__all__ = [
    "CLASS_TASKS",
    "ClassTask",
    "ClassWording",
    "Noun",
    "draw_expressions",
    "say_of_classes",
    "write_class_expression",
]
