"""Rivals: open-vocabulary and large models of transformers as segmenters of changes.

Such a model finds things in one image.  ``phrases`` reads from a prompt what to look for at each
date, the module of a model (``sam3``, ``grounding_dino``, ``clipseg``, ``florence2``, ``qwen_vl``)
finds it, and ``bitemporal`` compares both dates.  ``names`` lists the models, ``folders`` finds
their files, ``loading`` builds a `RivalSegmenter`.  Imported by `mtrs_geo.models.runtime`.
"""
