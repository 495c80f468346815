"""Reading from servers that may stall: limits of HTTP requests, and a process that can be ended.

In: paths that may lead to a server, and functions that read them.  Out: what the functions
return.  Imported by the other modules of ``io``.
"""
