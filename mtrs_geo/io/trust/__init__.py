"""Which sources are opened: what a user gives, and what files refer to (docs/untrusted-data.md).

In: paths.  Out: nothing, or an error.  Imported by the modules of ``io`` that open files, and by
the command line.
"""
