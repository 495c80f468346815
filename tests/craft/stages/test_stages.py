"""The stages: resumable, idempotent, and unmoved by what backends answer."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import numpy as np
import pytest

from mtrs_geo.craft.backends.contract import (
    BackendError,
    BudgetExceededError,
    Described,
    Judgement,
    Proposal,
    Review,
    Rewrite,
)
from mtrs_geo.craft.backends.grid import plan_cells
from mtrs_geo.craft.project import Origin, Verdict
from mtrs_geo.craft.project.items import (
    NewRound,
    add_edit,
    add_round,
    last_round,
    list_items,
    read_mask,
    rounds_of,
)
from mtrs_geo.craft.project.verdicts import add_verdict
from mtrs_geo.craft.project.work import failures
from mtrs_geo.craft.stages.check import check_mask, check_position, check_type
from mtrs_geo.craft.stages.context import RunOptions
from mtrs_geo.craft.stages.kept_meaning import lost_meaning
from mtrs_geo.craft.stages.run import run_stages
from mtrs_geo.craft.stages.verify import is_audited
from mtrs_geo.craft.status import read_status
from mtrs_geo.errors import OutputError, RequestError

SOMEONE = Origin("model", "someone", "1")


class Scripted:
    """A describer and segmenter that answers what it is given."""

    origin = SOMEONE

    def __init__(self, **answers):
        self.answers = answers
        self.calls = []

    def describe(self, pair, cells):
        self.calls.append("describe")
        found = self.answers.get("describe")
        if isinstance(found, Exception):
            raise found
        first = Proposal("new houses in the top-left", "appear", "building", cells[0].name)
        return found or [
            Described(cells[0].name, (first,)),
            *(Described(c.name) for c in cells[1:]),
        ]

    def segment(self, pair, proposal, hint=""):
        self.calls.append(f"segment {hint}".strip())
        mask = np.zeros(pair.after.shape[:2], bool)
        mask[6:20, 8 : 26 + len(hint)] = True
        return self.answers.get("mask", mask)

    def review(self, pair, proposal, mask):
        self.calls.append("review")
        found = self.answers.get("reviews")
        return found.pop(0) if found else Review("accept")

    def rewrite(self, pair, proposal, mask, others):
        return Rewrite(self.answers.get("rewrite", "new houses beside the road"))

    def verify(self, pair, proposal, mask):
        return [Judgement(q, yes=True, confidence=0.8) for q in ("mask", "sentence", "complete")]


def run(context, backend, **options):
    context = replace(context, describer=backend, segmenter=backend, failed=0,
                      options=RunOptions(**options))  # fmt: skip
    return run_stages(context)


def dump(project):
    rows = []
    for table in ("items", "rounds", "masks", "checks", "judgements", "cells", "work"):
        rows += [tuple(r) for r in project.connection.execute(f"SELECT * FROM {table}")]
    return rows


def test_rules_make_ready_items(context):
    assert run_stages(context).failed == 0
    status = read_status(context.project)
    assert status.items["ready"] >= 6
    assert status.negatives >= 1
    assert not status.failures
    for item in list_items(context.project):
        last = last_round(context.project, item.id)
        mask = read_mask(context.project, last.mask_id)
        assert mask.any() != item.is_negative
        assert "top-" not in last.sentence
        stages = [r.stage for r in rounds_of(context.project, item.id)]
        assert stages == ["negatives"] or stages[:2] == ["perceive", "segment"]
    answers = dict(context.project.connection.execute("SELECT name, answer FROM cells").fetchall())
    assert len(answers) == 9
    assert answers["mid-right"] == "nothing"


def test_a_second_run_does_nothing(context):
    run_stages(context)
    first = dump(context.project)
    run_stages(context)
    assert dump(context.project) == first


def test_what_another_backend_made_stays_and_is_named(context):
    assert run(context, Scripted()).kept == ()
    other = Scripted()
    other.origin = Origin("model", "another", "2")
    sentences, masks = run(context, other).kept
    assert not {"describe", "segment"} & set(other.calls)
    assert "1 pairs keep the sentences of 'someone' 1; 'another' 2 is not asked." in sentences
    assert "items keep the masks of 'someone' 1; 'another' 2 is not asked." in masks
    assert run(context, Scripted()).kept == ()


def test_a_failure_is_told_and_tried_again(context):
    report = run(context, Scripted(describe=BackendError("refused: I cannot help with that")))
    assert report.failed == 1
    assert failures(context.project)[0][2] == "refused: I cannot help with that"
    assert run(context, Scripted()).failed == 0
    assert not failures(context.project)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([Described("basement")], "not every cell was answered"),
        ([], None),
        ([Described("top-left", (Proposal("x", "explode", "building", "top-left"),))], "missing"),
    ],
)
def test_wrong_cells_are_refused(context, answer, reason):
    report = run(context, Scripted(describe=answer))
    assert report.failed == (reason is not None)
    assert reason is None or reason in failures(context.project)[0][2]


@pytest.mark.parametrize(
    ("proposal", "reason"),
    [
        (Proposal("x", "explode", "building", "top-left"), "type of a change"),
        (Proposal("", "appear", "building", "top-left"), "empty"),
        (Proposal("x" * 301, "appear", "building", "top-left"), "301 characters"),
        (Proposal("x", "appear", "building", "center"), "is about 'center'"),
        ((Proposal("x", "appear", "building", "top-left"),) * 51, "51 proposals in the cell"),
    ],
)
def test_wrong_proposals_are_refused(context, proposal, reason):
    from mtrs_geo.craft.project.records import CELLS

    proposals = proposal if isinstance(proposal, tuple) else (proposal,)
    answer = [Described(CELLS[0], proposals), *(Described(c) for c in CELLS[1:])]
    assert run(context, Scripted(describe=answer)).failed == 1
    assert reason in failures(context.project)[0][2]


def test_a_mask_of_another_size_is_refused(context):
    assert run(context, Scripted(mask=np.ones((3, 3), bool))).failed == 1
    assert "(3, 3) pixels" in failures(context.project)[0][2]


def test_correction_ends_on_acceptance_or_after_its_rounds(context):
    backend = Scripted(reviews=[Review("change_mask", hint="wider"), Review("accept")])
    run(context, backend)
    assert backend.calls == ["describe", "segment", "review", "segment wider", "review"]
    (item,) = list_items(context.project, "WHERE is_negative = 0")
    rounds = rounds_of(context.project, item.id)
    assert [r.stage for r in rounds] == ["perceive", "segment", "correct", "beautify"]
    assert rounds[2].note == "change_mask; look for: wider"
    assert rounds[3].sentence == "new houses beside the road"


def test_correction_gives_up(context):
    wishes = [Review("change_mask", hint="w" * i) for i in range(1, 9)]
    run(context, Scripted(reviews=wishes), rounds=2)
    found = context.project.connection.execute("SELECT detail FROM work WHERE stage = 'correct'")
    assert found.fetchone()[0] == "not accepted after 2 reviews"


def test_a_rewrite_that_lost_the_type_is_rejected(context):
    run(context, Scripted(rewrite="demolished houses beside the road"))
    (item,) = list_items(context.project, "WHERE is_negative = 0")
    assert last_round(context.project, item.id).sentence == "new houses in the top-left"


@pytest.mark.parametrize(
    ("old", "new", "thing", "reason"),
    [
        ("new houses in the top-left", "new homes by the river", "building", ""),
        ("new houses", "removed houses", "building", "its type is disappear"),
        ("new houses", "new roads", "building", "it asks for"),
        ("new houses", "houses", "building", "its type of change is not clear"),
        ("new houses", "new houses in the mid-left", "building", "names the grid"),
        ("new houses", "new houses in row 2", "building", "names the grid"),
        ("a new crane in the center", "a new crane by the quay", "crane", ""),
        ("a new crane in the center", "a new ship by the quay", "crane", "'crane' is not named"),
        ("new houses", "new houses " + "x " * 100, "building", "much longer"),
    ],
)
def test_kept_meaning(old, new, thing, reason):
    found = lost_meaning(old, new, "appear", thing)
    assert found.startswith(reason) if not reason else reason in found
    assert bool(found) == bool(reason)


def test_a_budget_stops_the_run(context):
    report = run(context, Scripted(describe=BudgetExceededError("0.50 of 0.50 is used")))
    assert report.stopped == "0.50 of 0.50 is used"
    assert report.failed == 0
    assert run(context, Scripted()).stopped == ""


def test_checks():
    mask = np.zeros((90, 90), bool)
    assert not check_mask(mask).passed
    assert not check_mask(~mask).passed
    mask[5:25, 60:85] = True
    assert check_mask(mask).passed
    large = np.zeros((512, 512), bool)
    large[:9, :9] = True
    assert not check_mask(large).passed  # nobody sees 81 of 262,144 pixels
    assert check_position("new houses in the north-east", mask).passed
    assert not check_position("new houses in the south", mask).passed


def test_the_type_is_checked_against_the_pixels(context):
    run(context, Scripted())
    (item,) = list_items(context.project, "WHERE is_negative = 0")
    mask = np.ones((4, 4), bool)
    nothing, house = np.full((4, 4), 255, np.uint8), np.ones((4, 4), np.uint8)
    assert check_type(item, "new houses", mask, (nothing, house)).passed
    assert not check_type(item, "new houses", mask, (house, nothing)).passed
    assert not check_type(item, "demolished houses", mask, None).passed


def test_duplicates_are_dropped(context):
    from mtrs_geo.craft.project.records import CELLS

    same = [Proposal(f"new houses in the {c}", "appear", "building", c) for c in CELLS[:2]]
    answer = [Described(c, (p,)) for c, p in zip(CELLS, same, strict=False)]
    run(context, Scripted(describe=[*answer, *(Described(c) for c in CELLS[2:])]))
    states = [item.state for item in list_items(context.project, "WHERE is_negative = 0")]
    assert states == ["ready", "dropped"]


def test_auto_accept_leaves_a_share_to_people(context):
    run(context, Scripted(), auto_accept=0.75, audit_share=0.0)
    assert read_status(context.project).items == {"accepted": 1}
    share = sum(is_audited(f"pair {i}/x", 0.2) for i in range(2000)) / 2000
    assert 0.17 < share < 0.23


def test_without_auto_accept_nothing_is_accepted(context):
    run(context, Scripted())
    assert set(read_status(context.project).items) == {"ready"}
    run(context, Scripted(), auto_accept=0.9)  # 0.8 is less
    assert set(read_status(context.project).items) == {"ready"}


def test_a_rejected_mask_comes_back_with_its_reason(context):
    run(context, Scripted())
    (item,) = list_items(context.project, "WHERE is_negative = 0")
    last = last_round(context.project, item.id)
    no = Verdict("k1", item.id, last.number, "Ana", False, True, True, "too narrow")
    add_verdict(context.project, no)
    backend = Scripted()
    run(context, backend)
    assert backend.calls == ["segment too narrow"]
    (item,) = list_items(context.project, "WHERE is_negative = 0")
    newest = last_round(context.project, item.id)
    assert (item.state, newest.stage, newest.note) == ("ready", "returned", "too narrow")


def test_an_item_that_a_person_mends_meanwhile_stays_so(context):
    run(context, Scripted())
    (item,) = list_items(context.project, "WHERE is_negative = 0")
    last = last_round(context.project, item.id)
    add_verdict(context.project, Verdict("k1", item.id, last.number, "Ana", False, True, True, "x"))

    class Slow(Scripted):
        def segment(self, pair, proposal, hint=""):
            new = NewRound("audit", "houses by Ana", Origin("person", "Ana"), last.mask_id)
            number = add_round(context.project, item.id, new)
            add_edit(context.project, item.id, number, "Ana")
            yes = Verdict("k2", item.id, number, "Ana", True, True, True)
            add_verdict(context.project, yes)
            return super().segment(pair, proposal, hint)

    run(context, Slow())
    (item,) = list_items(context.project, "WHERE is_negative = 0")
    newest = last_round(context.project, item.id)
    assert (item.state, newest.sentence) == ("accepted", "houses by Ana")


def test_only_what_was_verified_is_accepted_without_people(context):
    run(context, Scripted())
    (item,) = list_items(context.project, "WHERE is_negative = 0")
    last = last_round(context.project, item.id)
    new = NewRound("audit", "an edit without a verdict", Origin("person", "Ana"), last.mask_id)
    add_edit(context.project, item.id, add_round(context.project, item.id, new), "Ana")
    run(context, Scripted(), auto_accept=0.5, audit_share=0.0)
    (item,) = list_items(context.project, "WHERE is_negative = 0")
    assert item.state == "ready"


def test_a_grid_of_many_cells_may_have_many_proposals(context):
    cells = plan_cells((120, 120), (8, 8))
    answer = [
        Described(c.name, (Proposal("new houses", "appear", "building", c.name),)) for c in cells
    ]
    assert run(context, Scripted(describe=answer), grid=(8, 8)).failed == 0
    assert len(list_items(context.project, "WHERE is_negative = 0")) == 64


@pytest.mark.parametrize("wrong", [(0, 3), (9, 9)])
def test_a_grid_that_cannot_be_drawn_is_not_kept(context, wrong):
    with pytest.raises(RequestError, match="cannot be drawn"):
        run(context, Scripted(), grid=wrong)
    context.project.set("grid", list(wrong))  # as an older version did
    run(context, Scripted(), grid=(2, 2))
    with pytest.raises(RequestError, match="has a grid of 2 × 2"):
        run(context, Scripted(), grid=(3, 3))


def test_a_grid_is_kept(context):
    run(context, Scripted())
    with pytest.raises(RequestError, match="has a grid of 3 × 3"):
        run(context, Scripted(), grid=(2, 2))


def test_two_runs_at_once_are_refused(context):
    from mtrs_geo.outputs.target_lock import TargetLock

    lock = TargetLock(context.project.path)
    with pytest.raises(OutputError, match="being written by another run"):
        run(context, Scripted())
    lock.release()


def test_results_and_work_are_one_transaction(context, monkeypatch):
    import mtrs_geo.craft.stages.context as module

    def fail(*_args):
        raise sqlite3.OperationalError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(module, "mark", fail)
        with pytest.raises(sqlite3.OperationalError):
            run(context, Scripted())
    assert list_items(context.project) == []
