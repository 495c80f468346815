"""Translation: a sentence in another language in, an English sentence of the grammar out.

``language_detection`` names the language, by script or by the words of the tables;
``phrase_table`` reads ``languages/*.toml``; ``no_search`` finds plans and reasons; ``exceptions``,
``negations`` and ``contrasts`` set apart what is left out, or not there at one of two dates;
``ellipsis`` repeats the nouns of a second wish; ``roles``, ``quantities``, ``facts``, ``growth``,
``ranks`` and ``conditions`` find what is asked; ``alternatives`` finds an "or" that cannot be
translated; ``translate`` composes the English sentence from it, so that word order does not
matter.  Imported by `mtrs_geo.understanding`.
"""

from __future__ import annotations

from mtrs_geo.understanding.translation.translate import Translation, messages, translate

__all__ = ["Translation", "messages", "translate"]
