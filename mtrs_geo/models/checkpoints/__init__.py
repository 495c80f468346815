"""Checkpoints: weights on disk to models, and back.

``checkpoint`` reads and writes model folders, ``strict`` rejects tensors that do not fit,
``initial`` and ``hub_folder`` read pretrained weights, ``release`` converts the paper's release.
No georeference.  Imported by runtime and training.
"""
