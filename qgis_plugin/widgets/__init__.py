"""Widgets that fit a narrow panel: they wrap, and their minimum width is small.

``flow`` wraps rows of widgets, ``text`` wraps text inside words too, ``narrow`` sets up combo
boxes and scroll areas.  Imported by dock, review and settings; imports none.
"""
