"""Predictions exchange: a folder of masks that any program can write is scored like a run.

``folder`` is the format (docs/predictions.md), ``check`` finds its defects, ``write`` writes one
with a model of ours.  Imported by the benchmark and the command line.
"""
