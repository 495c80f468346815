"""Models of transformers in local folders: a describer, and segmenters of one date.

``folders`` loads a model and its processor from a folder, ``answerer`` asks a model for text,
``segmenters`` ask CLIPSeg, SAM 3, or Grounding DINO with SAM 2 for what a proposal names,
``opening`` makes the backends of the catalog.  Nothing is downloaded and no code of a folder runs.
"""
