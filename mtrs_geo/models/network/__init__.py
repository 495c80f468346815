"""The network: MTRefSeg-R1 in PyTorch, tensors in and tensors out.

``mtrefseg_r1`` composes the parts, ``build`` chooses each part by its configuration, the
other modules are one part each.  No files and no georeference.  May be imported by
checkpoints, runtime and training.
"""
