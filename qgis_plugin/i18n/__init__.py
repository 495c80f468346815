"""Texts in the user's language: ``translate`` looks them up, ``strings`` lists them.

Imported by every room of the plugin; imports none.
"""
