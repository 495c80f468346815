"""Write short forms in words of the grammar: a text in lower case goes in, another one comes out.

``places`` has letters ("N side") and directions behind a noun ("new roads north"), ``dates`` years
of two digits, periods and dates that a change is counted from ("compared to 2010").  They serve
`mtrs_geo.query.grammar` and `mtrs_geo.query.times`.
"""

from mtrs_geo.query.short_forms.dates import write_dates
from mtrs_geo.query.short_forms.places import write_compass

__all__ = ["write_compass", "write_dates"]
