"""Training tasks: Lightning modules of the three stages, and their losses.

Batches of `mtrs_geo.data.sampling` in, a trained network out.  Imported by ``command`` and
``finetune``.
"""
