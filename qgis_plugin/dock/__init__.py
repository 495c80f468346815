"""The dock: layers and sentences in, a run of the Processing algorithm out.

``dock`` composes the widgets, one module each; ``detect_task`` runs the algorithm in the
background.  Imports results and worker; imported by the plugin.
"""
