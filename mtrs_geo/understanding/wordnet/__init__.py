"""Nouns of the five kinds of ground from WordNet: ``nouns.toml``, and how it was written.

The lexicon reads ``nouns.toml`` beside its own file for English, whose words count first.  Nothing
else is imported from here.
"""
