"""The command line: parses arguments, calls a public function, maps errors to exit codes.

One module per group of commands; ``app`` puts them together.  Heavy imports happen inside
the commands, so that ``--help`` answers at once.  Nothing imports this package.
"""

from mtrs_geo.cli.app import app, main

__all__ = ["app", "main"]
