"""Sampling: datasets in, batches of crops with sentences out.

``datamodule``, ``pairs_datamodule`` and ``sentence_datamodule`` are Lightning's data modules.
``crops`` and ``own_pairs`` draw samples, ``transforms`` augments them, ``source_weights`` holds
how often each source is drawn, ``composed_split`` writes composed pairs to disk, and
``spatial_split`` holds out whole places for validation. May be imported by training and by the
command line.
"""
