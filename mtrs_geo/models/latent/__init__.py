"""Latent matching, after AnyChange: changes without training on changes.

The features of an encoder at both dates are compared segment by segment.  ``waterpixels`` cuts an
image into segments, ``matching`` compares, ``segmenter`` is the `ChangeSegmenter`, and ``names``
knows its name.  Imported by `mtrs_geo.models.runtime`.
"""
