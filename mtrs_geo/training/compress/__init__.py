"""Compression: a trained model in, a model with low-rank convolutions out.

``low_rank`` factorizes layer by layer, ``feature_distance`` measures how far two models are
apart, ``factorize`` is the command.  Imported by ``main``.
"""
