"""Sentences about pairs that know the class of every pixel: see sentences.py."""

from mtrs_geo.data.sentences.draw import draw_expressions
from mtrs_geo.data.sentences.land_cover import CLASS_TASKS, ClassTask, write_class_expression
from mtrs_geo.data.sentences.text_only import say_of_classes
from mtrs_geo.data.sentences.wording import ClassWording, Noun

__all__ = [
    "CLASS_TASKS",
    "ClassTask",
    "ClassWording",
    "Noun",
    "draw_expressions",
    "say_of_classes",
    "write_class_expression",
]
