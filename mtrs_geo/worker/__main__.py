"""``python -m mtrs_geo.worker``."""

import os
import sys

from mtrs_geo.worker import main

if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # libraries' threads and exit hooks have nothing left to do
