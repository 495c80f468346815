"""Rendering: a seed in, a place at two dates with exact truth out.

``rendered_scene`` lays out and draws a place; ``synthetic`` renders two dates of it and writes
GeoTIFFs.  May be imported by sampling, the demo, tests and benchmarks.
"""
