"""A datasheet of an export, in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mtrs_geo import __version__
from mtrs_geo.craft.export.audit_error import ErrorEstimate
from mtrs_geo.craft.project import Project

__all__ = ["LICENCES", "datasheet"]

LICENCES = "licences"
"""Setting of a project: name of a source to the text of its licence."""

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~])")


def datasheet(
    project: Project, statistics: Mapping[str, Any], errors: Sequence[ErrorEstimate]
) -> str:
    """Return the datasheet.

    Args:
        project: for the licences of the sources and the costs.
        statistics: see `mtrs_geo.craft.export.statistics.summarise`.
        errors: see `mtrs_geo.craft.export.audit_error.estimate_errors`.
    """
    sections = (
        _contents(statistics),
        _sources(project, statistics),
        _making(project, statistics),
        _audit(statistics, errors),
        _limits(statistics),
    )
    return "\n".join(line for section in sections for line in section) + "\n"


def _contents(statistics: Mapping[str, Any]) -> Iterator[str]:
    made = datetime.now(UTC).date().isoformat()
    yield "# Datasheet"
    yield ""
    yield f"Image pairs with sentences and masks, written by mtrs-geo {__version__} on {made}."
    yield ""
    yield "## Contents"
    yield ""
    yield "| subset | places | pairs | sentences |"
    yield "|---|---|---|---|"
    for name, counts in statistics["subsets"].items():
        yield f"| {name} | {counts['places']} | {counts['pairs']} | {counts['sentences']} |"
    yield ""
    yield (
        f"{statistics['empty_share']:.1%} of the sentences have an empty mask: nothing in the "
        f"pair is meant ({statistics['negatives_on_purpose']} of them on purpose). No place is in "
        "both subsets. `statistics.json` and `statistics.png` have all numbers."
    )
    words = statistics["words_per_sentence"]
    yield ""
    yield (
        f"A sentence has {words['mean']:.1f} words on average ({words['least']:.0f} to "
        f"{words['most']:.0f}); {statistics['vocabulary']} different words occur."
    )
    yield from _table("type of change", statistics["change_types"])
    yield from _table("object", statistics["object_classes"])


def _sources(project: Project, statistics: Mapping[str, Any]) -> Iterator[str]:
    given: Mapping[str, str] = project.setting(LICENCES, {})
    yield "## Sources and licences"
    yield ""
    yield "| source of the images | sentences | licence as given |"
    yield "|---|---|---|"
    for source, count in statistics["sources"].items():
        yield f"| {_plain(source)} | {count} | {_plain(given.get(source, 'not given'))} |"
    yield ""
    yield "Check the licence of each source before you pass images on."
    yield ""


def _making(project: Project, statistics: Mapping[str, Any]) -> Iterator[str]:
    yield "## How it was made"
    yield from _table("sentence by", statistics["sentence_origins"])
    yield from _table("mask by", statistics["mask_origins"])
    calls, tokens, price = project.connection.execute(
        "SELECT COUNT(*), TOTAL(input_tokens + output_tokens), TOTAL(price) FROM costs "
        "WHERE outcome != 'cached'"
    ).fetchone()
    currency = _plain(str(project.setting("currency", "")))
    if calls:
        yield (
            f"{calls} calls of models, {tokens:.0f} tokens, price {price:.2f} {currency}".rstrip()
            + ", for the whole project."
        )
        yield ""


def _audit(statistics: Mapping[str, Any], errors: Sequence[ErrorEstimate]) -> Iterator[str]:
    alone = statistics["without_a_person"]
    yield "## Audit"
    yield ""
    yield (
        f"{statistics['sentences'] - alone} of the {statistics['sentences']} triplets were "
        f"accepted by people, {alone} by the machine alone."
    )
    yield ""
    yield "Estimated error, with the Wilson interval of 95 %:"
    yield ""
    yield "| triplets | judged again | wrong | share | 95 % interval |"
    yield "|---|---|---|---|---|"
    for error in errors:
        share = "not measured" if error.share is None else f"{error.share:.1%}"
        low, high = error.interval
        between = "–" if error.share is None else f"{low:.1%} to {high:.1%}"
        yield f"| {error.kind} | {error.audited} | {error.rejected} | {share} | {between} |"
    yield ""
    yield (
        "The first two rows estimate how many triplets of that kind are wrong in this export. "
        "The last one says how often auditors miss an error that is there."
    )
    yield ""


def _limits(statistics: Mapping[str, Any]) -> Iterator[str]:
    yield "## Limits"
    yield ""
    yield (
        "Sentences describe what is seen in these images, in English unless somebody wrote "
        "otherwise. Masks are as exact as their origin above. The numbers above are counted, the "
        "errors are estimated from a sample."
    )
    if not statistics["subsets"]["val"]["sentences"]:
        yield ""
        yield "There is no validation subset: all triplets are of one place."


def _table(name: str, counts: Mapping[str, int]) -> Iterator[str]:
    yield ""
    yield f"| {name} | sentences |"
    yield "|---|---|"
    for value, count in counts.items():
        yield f"| {_plain(value)} | {count} |"
    yield ""


def _plain(text: str) -> str:
    """Return a text in which Markdown and HTML mean nothing."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))
