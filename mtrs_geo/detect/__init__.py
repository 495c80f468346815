"""Detection: paths and sentences in, a `ChangeResult` out.

``options`` checks the request, ``inference`` streams tiles through the model, ``finding``
turns the stream into changes, ``scene_rules`` decides the rules of a query, ``pipeline``
composes all of it as `detect_changes`.  This is the only room that knows io and models at
once.  May be imported by training, evaluation and the applications.
"""
