"""The worker as seen from QGIS: which Python runs it, and how jobs reach it.

``environment`` finds or creates the Python environment, ``python_setting`` stores the user's
choice, ``client`` drives one worker process, ``shared`` keeps one process for all algorithms.
Imports only i18n; imported by algorithms, dock, settings and the plugin.
"""
