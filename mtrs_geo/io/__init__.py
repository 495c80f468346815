"""Rasters and vectors in and out; no torch."""
