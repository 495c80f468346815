"""Callbacks of a training run: learning curves, sample sheets, provenance, facts, checkpoints.

Lightning calls them with metrics and predictions; each writes files to the run's folder or values
to the checkpoint.  Used in ``configs`` by name; imported by ``command``, ``export`` and
``finetune``.
"""
