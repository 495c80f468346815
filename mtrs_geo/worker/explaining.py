"""The job ``explain``: how a sentence is understood, without rasters and weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mtrs_geo.errors import RequestError
from mtrs_geo.worker.jobs import Answer, check_types, number_of, text_of

__all__ = ["explain"]


def explain(params: Mapping[str, Any]) -> Answer:
    """Return how a sentence is understood, and whether the model can answer it.

    Args:
        params: ``query``, ``raw``, ``model``, ``references`` and ``answer_anyway`` as of the job
            detect; ``gsd_m``, the pixel size of the rasters in metres.

    Raises:
        QueryError: if ``query`` is too long.
        RequestError: if a parameter is of the wrong type, or ``gsd_m`` is not above 0.
        ModelError: if ``model`` is unknown.
    """
    from mtrs_geo.models import load_vocabulary
    from mtrs_geo.query import ChangeQuery
    from mtrs_geo.understanding import Understanding, understand

    check_types(params)
    text = text_of(params, "query")
    query = ChangeQuery.parse(text, raw=params.get("raw", False) is True)
    if query.raw:
        found: tuple[Understanding, ...] = (Understanding(text, query, direction=query.direction),)
    else:
        name = text_of(params, "model") if params.get("model") else "tiny"
        vocabulary = load_vocabulary(name)
        layers, gsd_m = tuple(params.get("references") or ()), number_of(params, "gsd_m")
        if gsd_m is not None and gsd_m <= 0:
            msg = f"the parameter 'gsd_m' is {gsd_m:g}, which is not the size of a pixel."
            raise RequestError(msg, advice="Give metres, more than 0.")
        anyway = params.get("answer_anyway", False) is True
        found = understand(text, vocabulary, layers=layers, gsd_m=gsd_m, anyway=anyway)
    return {
        "understood": query.explain(),
        "model_text": query.prompt,
        "rules": [rule.explain() for rule in query.rules],
        "change": query.direction,
        "questions": [
            {
                **question.as_dict(),
                "model_text": question.query.prompt,
                "change": question.change,
                "messages": question.messages(),
            }
            for question in found
        ],
    }
