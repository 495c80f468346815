"""Layers that answer at every pixel: heads of land cover and ground, and finer outlines."""
