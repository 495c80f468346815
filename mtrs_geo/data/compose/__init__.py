"""Pairs composed from labelled scenes: see engine.py for how one is made."""

from mtrs_geo.data.compose.engine import Composer, Effects, Recipe
from mtrs_geo.data.compose.library import Library

__all__ = ["Composer", "Effects", "Library", "Recipe"]
