"""Accepted items as training data, statistics and files of other tools, and back.

``accepted`` reads the items, ``places`` splits them, ``run`` writes all formats to one folder that
is renamed into place at the end: MTRefSeg-21K's layout with ``statistics``, ``plots`` and a
``datasheet``, ``coco``, ``georeferenced`` layers, and tasks for Label Studio
(``label_studio``), whose annotations come back as rounds and verdicts.  A project file goes in.
Only the command line imports this package.
"""
