"""Results on the map: styled layers of a finished run, and comparing both dates.

``results`` adds layers to the project, ``result_style`` and ``probability_style`` draw them,
``swipe`` compares before and after.  Imports only i18n.
"""
