"""Words from WordNet, and how they were written.

``nouns.toml`` has nouns of the five kinds of ground, ``modifiers.txt`` adjectives and adverbs.  The
lexicon reads both beside its own file for English, whose words count first.  Nothing else is
imported from here.
"""
