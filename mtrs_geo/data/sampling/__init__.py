"""Sampling: datasets in, batches of crops with sentences out.

``datamodule`` and ``sentence_datamodule`` are Lightning's data modules; ``crops`` and
``own_pairs`` draw samples, ``transforms`` augments them, ``source_weights`` says how often
each source is drawn, ``spatial_split`` holds places back.  May be imported by training.
"""
