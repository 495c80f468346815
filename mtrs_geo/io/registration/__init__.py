"""Measure the shift between the dates of a stack, and read a date at its corrected position.

Windows of two dates on the grid of the run go in; a shift in pixels and metres with a confidence,
or a grid of local shifts, comes out.  Imported by `mtrs_geo.io`, ``detect`` and benchmarks.
"""
