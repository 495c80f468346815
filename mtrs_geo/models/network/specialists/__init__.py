"""Decoders after published referring segmenters of one image: LAVT, CRIS and RMSIN.

All take what `MaskDecoder` takes: the features of a fused pair and the words of a sentence.
None uses the prior, the intent or the query projector of MTRefSeg-R1.  ``pyramid_decoder`` is
their common base; each of ``lavt``, ``cris`` and ``rmsin`` says how it differs from its source.
Imported by `mtrs_geo.models.network.build`.
"""
