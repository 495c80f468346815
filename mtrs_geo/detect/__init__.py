"""Detection: paths and sentences in, a `ChangeResult` out.

``options`` checks the request, ``run`` executes it: ``inference`` streams tiles through the
model, ``finding`` turns the stream into changes, ``scene_rules`` applies the rules of a query.
``pipeline`` holds the public functions.  This is the lowest package that imports both io and
models.  May be imported by training, evaluation and the applications.
"""
