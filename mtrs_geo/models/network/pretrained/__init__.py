"""Networks of tiny whose pretrained weights are public, each in a module that loads fast.

They have the tensor names of timm and transformers and give the same numbers; importing those
packages takes longer than loading tiny.  Imported by the encoders of ``network``.
"""
