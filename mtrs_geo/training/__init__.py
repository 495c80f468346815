"""Two-stage training on Lightning and torchgeo."""
