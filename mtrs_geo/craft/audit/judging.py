"""Verdicts, skips, undo and edits of auditors, each in one transaction."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from mtrs_geo.craft.audit.queue import release
from mtrs_geo.craft.audit.strokes import active_strokes, rasterize
from mtrs_geo.craft.audit.views import ItemView, action_key, read_view
from mtrs_geo.craft.project import ChangeType, Origin, Project, Verdict
from mtrs_geo.craft.project.items import NewRound, add_edit, add_round, set_state, store_mask
from mtrs_geo.craft.project.verdicts import insert_verdict, standing_verdicts, verdicts_of
from mtrs_geo.errors import RequestError

__all__ = ["ConflictError", "Edit", "Judged", "edit", "last_action", "submit", "undo"]

MOST_CHARACTERS = 500
"""Of a sentence or a reason."""
_MOST_SECONDS = 3600.0
_TYPES = ("appear", "disappear", "state")
_SPACES = re.compile(r"\s+")


class ConflictError(RequestError):
    """The item has changed since the page was opened, in another tab or by another process."""


@dataclass(frozen=True)
class Judged:
    """What a page sends about an item."""

    key: str
    """That of `action_key` when the page was made."""
    item_id: int
    round_number: int
    auditor: str
    kind: Literal["verdict", "skip"]
    mask_right: bool | None = None
    sentence_right: bool | None = None
    complete: bool | None = None
    reason: str = ""
    seconds: float = 0.0

    @property
    def answers(self) -> tuple[bool | None, bool | None, bool | None]:
        """The three answers."""
        return self.mask_right, self.sentence_right, self.complete


@dataclass(frozen=True)
class Edit:
    """Changes of an item; what is None stays."""

    item_id: int
    round_number: int
    """The round that the auditor saw."""
    auditor: str
    sentence: str | None = None
    change_type: ChangeType | None = None
    with_strokes: bool = False
    """Draw the auditor's strokes into the mask."""


def submit(project: Project, judged: Judged) -> bool:
    """Store a verdict or a skip.

    Returns:
        False if it is stored already: a request was repeated.

    Raises:
        RequestError: if an answer or the reason is missing.
        ConflictError: if the page is out of date; nothing is stored.
        KeyError: if there is no such item.
    """
    reason = _clean(judged.reason, "reason")
    if judged.kind == "verdict":
        _check_answers(judged, reason)
    with project.transaction():
        view = read_view(project, judged.item_id, judged.auditor)
        stored = _find(project, judged)
        if stored is not None:
            if (stored.kind, _answers(stored)) == (judged.kind, judged.answers):
                return False
            raise _judged_already()
        _check_round(view, judged.round_number)
        if judged.key != action_key(project, judged.item_id, judged.auditor):
            msg = "this page is out of date."
            raise ConflictError(msg, advice="Reload it.")
        _check_is_open(project, judged)
        answers = judged.answers if judged.kind == "verdict" else (None, None, None)
        seconds = min(max(judged.seconds, 0.0), _MOST_SECONDS)
        release(project, judged.item_id, judged.auditor)
        return insert_verdict(
            project,
            Verdict(
                judged.key, judged.item_id, judged.round_number, judged.auditor, *answers,
                reason, seconds, judged.kind,
            ),
        )  # fmt: skip


def last_action(project: Project, auditor: str) -> Verdict | None:
    """Return the auditor's last verdict or skip that was not taken back."""
    found = project.connection.execute(
        "SELECT key, item_id FROM verdicts AS v WHERE auditor = ? AND kind != 'undo' AND NOT "
        "EXISTS (SELECT 1 FROM verdicts AS u WHERE u.kind = 'undo' AND u.reason = v.key) "
        "ORDER BY created DESC, rowid DESC LIMIT 1",
        (auditor,),
    ).fetchone()
    if found is None:
        return None
    stored = verdicts_of(project, found["item_id"])
    return next(verdict for verdict in stored if verdict.key == found["key"])


def undo(project: Project, auditor: str, key: str) -> int:
    """Take back the auditor's verdict or skip with a key; a second call changes nothing.

    Returns:
        The item of the verdict.

    Raises:
        ConflictError: if the auditor has no verdict with this key.
    """
    with project.transaction() as connection:
        found = connection.execute(
            "SELECT item_id, round_number FROM verdicts WHERE key = ? AND auditor = ? "
            "AND kind != 'undo'",
            (key, auditor),
        ).fetchone()
        if found is None:
            msg = "you have no verdict to take back."
            raise ConflictError(msg, advice="Reload the page.")
        insert_verdict(
            project,
            Verdict(
                f"undo|{key}", found["item_id"], found["round_number"], auditor, None, None, None,
                key, kind="undo",
            ),
        )  # fmt: skip
    return int(found["item_id"])


def edit(project: Project, change: Edit) -> int:
    """Add a round with what an auditor changed, and return its number.

    The item waits for a verdict again.  Without any change the current round's number is returned.

    Raises:
        RequestError: if the sentence is empty or too long, or the type is unknown.
        ConflictError: if the page is out of date; nothing is stored.
        KeyError: if there is no such item.
    """
    with project.transaction() as connection:
        view = read_view(project, change.item_id, change.auditor)
        _check_round(view, change.round_number)
        person = Origin("person", change.auditor)
        current = view.current
        sentence = _sentence(change, view)
        new_type = change.change_type or view.change_type
        if new_type not in _TYPES:
            msg = f"the type {new_type!r} is not one of {', '.join(_TYPES)}."
            raise RequestError(msg)
        mask_id = _drawn_mask(project, change, view, person)
        notes = [
            note
            for is_changed, note in (
                (sentence != current.sentence, "sentence edited"),
                (mask_id != current.mask_id, "mask edited"),
                (new_type != view.change_type, f"type {view.change_type} -> {new_type}"),
            )
            if is_changed
        ]
        if not notes:
            return current.number
        origin = person if sentence != current.sentence else current.sentence_origin
        number = add_round(
            project, change.item_id, NewRound("audit", sentence, origin, mask_id, ", ".join(notes))
        )
        types = (view.change_type, new_type)
        add_edit(project, change.item_id, number, change.auditor, types)
        if not view.item.is_gold:
            connection.execute(
                "UPDATE items SET change_type = ? WHERE id = ?", (new_type, change.item_id)
            )
            set_state(project, change.item_id, "ready")
    return number


def _check_answers(judged: Judged, reason: str) -> None:
    if None in judged.answers:
        msg = "a verdict needs three answers: mask, sentence, complete."
        raise RequestError(msg, advice="Answer all three questions.")
    if False in judged.answers and not reason:
        msg = 'a verdict with a "no" needs a reason.'
        raise RequestError(msg, advice="Write what is wrong in a few words.")


def _check_round(view: ItemView, round_number: int) -> None:
    if view.current.number != round_number:
        msg = "this item has changed since the page was opened."
        raise ConflictError(msg, advice="Reload the page and look at it again.")


def _check_is_open(project: Project, judged: Judged) -> None:
    standing = standing_verdicts(project, judged.item_id)
    if any(v.auditor == judged.auditor and v.round_number >= judged.round_number for v in standing):
        raise _judged_already()


def _judged_already() -> ConflictError:
    msg = "you have judged this item already, in another tab or before a reload."
    return ConflictError(msg, advice="Undo the last verdict to change it.")


def _find(project: Project, judged: Judged) -> Verdict | None:
    stored = verdicts_of(project, judged.item_id)
    return next((verdict for verdict in stored if verdict.key == judged.key), None)


def _answers(verdict: Verdict) -> tuple[bool | None, bool | None, bool | None]:
    return verdict.mask_right, verdict.sentence_right, verdict.complete


def _sentence(change: Edit, view: ItemView) -> str:
    if change.sentence is None:
        return view.current.sentence
    sentence = _clean(change.sentence, "sentence")
    if not sentence:
        msg = "the sentence is empty."
        raise RequestError(msg, advice="Write a sentence, or judge the item as wrong.")
    return sentence


def _drawn_mask(project: Project, change: Edit, view: ItemView, person: Origin) -> int | None:
    """Return the row of the mask with the auditor's strokes; the current one without strokes."""
    number = view.current.number
    strokes = active_strokes(project, change.item_id, number, change.auditor)
    if not change.with_strokes or not strokes:
        return view.current.mask_id
    mask = rasterize(project, view.current.mask_id, (view.pair.rows, view.pair.cols), strokes)
    return store_mask(project, mask, person)


def _clean(text: str, name: str) -> str:
    """Return a text without control characters and with single spaces.

    Raises:
        RequestError: if it is too long.
    """
    spaced = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
    cleaned = "".join(c for c in spaced if unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    if len(cleaned) > MOST_CHARACTERS:
        msg = f"the {name} has {len(cleaned)} characters, at most {MOST_CHARACTERS} are allowed."
        raise RequestError(msg, advice="Shorten it.")
    return cleaned
