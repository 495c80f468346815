"""Rendering: a seed in, a place at two dates with exact truth out.

``rendered_scene`` lays out and paints a place, ``synthetic`` makes two dates of it and writes
GeoTIFFs.  Used by the demo, tests, benchmarks and training.
"""
