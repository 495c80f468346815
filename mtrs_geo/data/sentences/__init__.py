"""Referring expressions: label maps or class maps in, sentences with exact masks out.

``buildings`` writes about change labels of buildings, ``land_cover`` about class maps of both
dates, ``text_only`` without an image.  Each uses a training vocabulary or a held-out one for
validation, which share no template.  May be imported by data.sampling, training and benchmarks.
"""

from mtrs_geo.data.sentences.draw import draw_expressions
from mtrs_geo.data.sentences.land_cover import CLASS_TASKS, ClassTask, write_class_expression
from mtrs_geo.data.sentences.text_only import write_class_text
from mtrs_geo.data.sentences.wording import ClassWording, Noun

__all__ = [
    "CLASS_TASKS",
    "ClassTask",
    "ClassWording",
    "Noun",
    "draw_expressions",
    "write_class_expression",
    "write_class_text",
]
