"""Stress tests: how much of its score a model keeps when images or sentences are disturbed.

``axis`` is what an axis is, ``image_axes``, ``colour_axes`` and ``wording_axes`` (with
``paraphrase``) disturb a pair, ``run`` scores a model at every level, ``curves`` writes tables, a
picture and a ``page`` with ``examples``, ``stored`` reads what was written.  Imported by the
command line and the report of a benchmark.
"""
