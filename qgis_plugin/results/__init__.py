"""Results on the map: styled layers of a finished run, and a before/after comparison.

``results`` adds layers to the project, ``result_style`` and ``probability_style`` style them,
``change_direction`` holds the colours, ``swipe`` and ``swipe_item`` compare both dates.
Imports i18n and layer_dates; imported by the dock.
"""
