"""Review: a layer of changes in, decisions of a person in its columns out.

``review`` handles keys and the map, ``panel`` shows the state, ``shape_edit`` edits outlines,
``store`` writes decisions.  Imports only i18n; imported by the plugin.
"""
