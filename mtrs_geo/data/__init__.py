"""Data for training and validation: files or seeds in, image pairs, sentences and batches out.

``datasets`` reads labelled imagery, ``split`` reads and writes MTRefSeg-21K, ``rendering`` and
``compose`` make synthetic pairs, ``sentences`` writes referring expressions with masks, and
``sampling`` draws training batches.  May be imported by training; evaluation, pairs, demo and
cli import ``split``, ``rendering`` or ``sampling`` only.
"""
