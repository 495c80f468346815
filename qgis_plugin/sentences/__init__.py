"""How the worker understood a sentence, in the language of QGIS.

``question`` words the questions of the worker's jobs explain and detect; ``conditions`` words their
rules and times, ``doubts`` what is uncertain.  A text without a code stays as the worker wrote it.
Imports i18n; imported by worker, algorithms, dock and results.
"""
