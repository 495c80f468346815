"""Pages in a browser on which people accept, reject and mend items.

In: a project file.  Out: verdicts, and rounds with sentences, types and masks of people.
``server`` is what the command line starts, ``application`` puts the pages together, ``access``
says who may ask.  ``views``, ``queue`` and ``judging`` read and write the project without HTTP.
Imported by the command line only.
"""
