"""The program `mtrs-geo`, also as ``python -m mtrs_geo``."""

from __future__ import annotations

import signal

__all__ = ["main"]


def main() -> None:
    """Run the command line and exit, see `mtrs_geo.cli.app.main`."""
    # A KeyboardInterrupt inside an import can become another error: until the command line
    # handles signals, Ctrl-C ends the process without one.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from mtrs_geo.cli import main as run

    run()


if __name__ == "__main__":
    main()
