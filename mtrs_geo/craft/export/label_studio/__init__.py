"""Items as tasks for Label Studio, and its annotations as rounds and verdicts of people.

``brush`` is Label Studio's run-length encoding of brush masks, ``interface`` the labeling
configuration, ``tasks`` writes a folder of tasks with their images, ``annotations`` reads an export
of Label Studio, ``importing`` writes it into a project.
"""
