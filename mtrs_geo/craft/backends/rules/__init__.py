"""Backends without a language model: sentences and masks from class maps and measured geometry.

``evidence`` is what is known of the pixels of a pair, from label maps (``labels``) or from the
heads of the bundled model (``model``).  ``themes`` finds what changed in it, ``wording`` and
``relations`` write it down in the vocabulary of training, ``meaning`` reads a sentence back into
pixels.
"""
