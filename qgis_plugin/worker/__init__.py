"""The worker as seen from QGIS: which Python runs it, and how jobs reach it.

``environment`` finds or creates the Python, ``python_setting`` remembers it, ``client`` talks
to one process, ``shared`` keeps one process for all algorithms.  Imports only i18n.
"""
