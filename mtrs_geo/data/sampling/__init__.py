"""Sampling: datasets in, batches of crops with sentences out.

``datamodule``, ``pairs_datamodule`` and ``sentence_datamodule`` are Lightning's data modules.
``crops`` and ``own_pairs`` draw samples, ``transforms`` augments them, ``source_weights`` holds
how often each source is drawn and ``scene_sets`` which scene sets are read.  ``pooled_crops`` and
``pool_geometry`` make larger crops for a pool on an accelerator, ``composed_split`` writes composed
pairs to disk, and ``spatial_split`` holds out whole places for validation. May be imported by
training and by the command line.
"""
