"""Fine-tuning: a model folder and labelled pairs in, a model folder out.

``own_data`` reads pairs and layers and splits them by place, ``budget`` is the schedule by steps
and time, ``finetune`` trains and scores.  Imported by ``main``.
"""
