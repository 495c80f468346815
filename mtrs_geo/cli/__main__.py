"""``python -m mtrs_geo.cli``."""

from mtrs_geo.cli import main

main()
