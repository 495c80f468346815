"""Fine-tuning: a model folder and labelled pairs in, a model folder out.

``own_data`` reads pairs and layers and holds places back, ``budget`` ends a run in time,
``finetune`` trains and scores.  Imported by ``main``.
"""
