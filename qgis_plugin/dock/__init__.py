"""The dock: layers and sentences in, a run of the Processing algorithm out.

``dock`` composes the widgets, one module each; ``detect_task`` runs the algorithm in the
background.  Imports i18n, layer_dates, results and worker; imported by the plugin.
"""
