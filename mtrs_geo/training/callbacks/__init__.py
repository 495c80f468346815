"""Callbacks of a training run: its curves, its samples and its provenance.

Lightning calls them; each writes files beside the checkpoint.  Named in the configurations.
"""
