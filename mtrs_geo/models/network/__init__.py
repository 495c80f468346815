"""Network: MTRefSeg-R1 in PyTorch, tensors in, tensors out.

``mtrefseg_r1`` composes the submodules, ``build`` selects each submodule by its configuration,
every other file is one submodule.  No files and no georeference.  Imported by checkpoints,
runtime and training.
"""
