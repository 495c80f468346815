"""The worker as seen from QGIS: which Python runs it, and how jobs reach it.

``environment`` finds the Python environment, ``python_setting`` stores the user's choice,
``stored`` reads settings of QGIS.  ``builder`` creates an environment: ``install_source`` is what
pip installs from, ``torch_build`` chooses the build of PyTorch, ``install_advice`` explains
failures.  ``client`` drives one worker process, ``shared`` keeps one process for all algorithms,
``proxy`` passes QGIS's proxy to worker and pip.
Imports i18n and sentences; imported by algorithms, dock, settings and the plugin.
"""
