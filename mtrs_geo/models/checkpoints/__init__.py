"""Checkpoints: weights on disk in, filled networks out, and back.

``checkpoint`` reads and writes model folders, ``strict`` refuses tensors that do not fit,
``initial`` and ``hub_folder`` take pretrained weights, ``release`` converts the paper's.
No georeference.  May be imported by runtime and training.
"""
