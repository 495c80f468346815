"""Several dates: polygons of the same place become events, and a picture of the time.

``events`` takes the table of a run and returns it with events, and the events themselves;
``timeline`` draws the dates and the areas.  Imported by `mtrs_geo.detect`.
"""
