"""CRAFT-Agent: image pairs in, audited triplets of pair, sentence and mask out.

``project`` is the SQLite file that every other part reads and writes.  ``backends`` describe and
segment; ``stages`` call them and write what they did; ``audit`` shows items to people in a
browser; ``export`` writes training data.  Only the command line imports this package.
"""
