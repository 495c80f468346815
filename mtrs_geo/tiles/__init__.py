"""Tiles: cut a grid into overlapping tiles and blend their probabilities into one raster.

``plan`` takes a `Grid` and returns the tiles; ``mosaic`` takes the probabilities of the tiles
and returns blocks of final pixels.  Both are pure numpy: no files, no model.  May be imported
by detect and by every package above it.
"""
