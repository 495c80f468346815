"""Review: a layer of changes in, decisions of the user in its columns out.

``review`` handles the keys and the map, ``panel`` shows the state, ``shape_edit`` edits outlines,
``store`` writes the decisions.  Imports i18n; imported by the plugin.
"""
