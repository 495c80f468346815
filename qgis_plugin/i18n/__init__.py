"""Texts in the language of QGIS: ``translate`` and ``duration`` return them.

``strings`` updates the translation files.  Imported by every folder of the plugin; imports none.
"""
