"""Training on Lightning and torchgeo: two stages, the intent head, fine-tuning, compression.

Configurations (``configs``) and data in; checkpoints and model folders out.  ``main`` holds the
public functions.  Imported by the command line only.
"""
