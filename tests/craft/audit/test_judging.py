"""Verdicts, undo, edits, gold items and the queue, through the pages' own requests."""

from __future__ import annotations

import html
import json
import re

import numpy as np

from mtrs_geo.craft.audit.queue import Filters, count_waiting, next_item
from mtrs_geo.craft.audit.views import read_view
from mtrs_geo.craft.project.gold import gold_answers
from mtrs_geo.craft.project.items import (
    NewRound,
    add_round,
    last_round,
    read_item,
    read_mask,
    set_state,
)
from mtrs_geo.craft.project.records import Origin
from mtrs_geo.craft.project.verdicts import standing_verdicts, verdicts_of

YES = {"mask_right": True, "sentence_right": True, "complete": True}
NO = YES | {"mask_right": False, "reason": "the mask is too large"}
RULE = Origin("rule", "class maps", "1")


def data_of(page: str) -> dict:
    return json.loads(html.unescape(re.search(r'data-item="([^"]+)"', page)[1]))


def open_item(person, item):
    return data_of(person.page(f"/items/{item}"))


def judge(person, item, answers=YES, kind="verdict", **more):
    data = open_item(person, item)
    body = {"kind": kind, "key": data["key"], "round": data["round"], "seconds": 4.0}
    return person.post(f"/items/{item}/verdict", body | answers | more)


def state(site, item):
    return read_item(site.project, item).state


def next_of(person) -> int:
    answer = person.client.get("/next", follow_redirects=False)
    found = re.search(r"/items/(\d+)", answer.headers["location"])
    return int(found[1]) if found else 0


def test_doubtful_items_come_first_and_judged_ones_leave(site, ana):
    assert next_of(ana) == site.items[0]
    answer = judge(ana, 1)
    assert answer.json() == {"is_new": True, "go": "/next"}
    assert (state(site, 1), next_of(ana)) == ("accepted", 2)
    judge(ana, 2, NO)
    assert (state(site, 2), next_of(ana)) == ("rejected", 3)
    verdict = standing_verdicts(site.project, 2)[0]
    assert (verdict.auditor, verdict.reason, verdict.seconds) == ("Ana", NO["reason"], 4.0)


def test_a_no_needs_a_reason_and_a_verdict_three_answers(site, ana):
    assert "reason" in judge(ana, 1, NO, reason=" ").json()["message"]
    assert "three answers" in judge(ana, 1, YES, complete=None).json()["message"]
    assert state(site, 1) == "ready"


def test_a_repeated_request_is_stored_once(site, ana):
    data = open_item(ana, 1)
    body = {"kind": "verdict", "key": data["key"], "round": 0, "seconds": 4.0} | YES
    answers = [ana.post("/items/1/verdict", body).json()["is_new"] for _ in range(3)]
    assert answers == [True, False, False]
    assert len(verdicts_of(site.project, 1)) == 1


def test_a_second_tab_does_no_harm(site, ana):
    first = open_item(ana, 1)
    second = dict(first)
    assert judge(ana, 1).status_code == 200
    body = {"kind": "verdict", "key": second["key"], "round": 0} | NO
    answer = ana.post("/items/1/verdict", body)
    assert answer.status_code == 409
    assert "in another tab" in answer.json()["message"]
    assert judge(ana, 1, NO).status_code == 409
    assert [v.accepts for v in standing_verdicts(site.project, 1)] == [True]
    ana.post("/items/2/edit", {"round": 0, "sentence": "edited in one tab"})
    answer = ana.post("/items/2/edit", {"round": 0, "sentence": "edited in another"})
    assert answer.status_code == 409
    assert ana.post("/items/2/verdict", body | {"key": "2|0|Ana"}).status_code == 409


def test_undo_takes_back_the_last_verdicts_one_by_one(site, ana):
    judge(ana, 1)
    judge(ana, 2, NO)
    last = open_item(ana, 3)["lastKey"]
    for _ in range(2):  # a repeated request takes back only one
        assert ana.post("/undo", {"key": last}).json() == {"go": "/items/2"}
    assert (state(site, 1), state(site, 2)) == ("accepted", "ready")
    ana.post("/undo", {"key": open_item(ana, 3)["lastKey"]})
    assert (state(site, 1), open_item(ana, 3)["lastKey"]) == ("ready", None)
    assert len(verdicts_of(site.project, 1)) == 2
    assert judge(ana, 1, NO).json()["is_new"]
    assert state(site, 1) == "rejected"


def test_a_mask_of_the_stages_waits_again_after_undo(site, ana):
    judge(ana, 1, NO)
    add_round(site.project, 1, NewRound("returned", "house number 0", RULE, 1, NO["reason"]))
    set_state(site.project, 1, "ready")
    judge(ana, 1)
    assert state(site, 1) == "accepted"
    ana.post("/undo", {"key": open_item(ana, 2)["lastKey"]})
    assert state(site, 1) == "ready"
    assert next_of(ana) == 1


def test_nobody_takes_back_the_verdict_of_another(site, ana, ben):
    judge(ana, 1)
    assert ben.post("/undo", {"key": "1|0|Ana"}).status_code == 409
    assert state(site, 1) == "accepted"


def test_skipped_items_come_last(site, ana):
    judge(ana, 1, {}, kind="skip")
    assert next_of(ana) == 2
    for item in site.items[1:]:
        judge(ana, item)
    assert next_of(ana) == 1
    judge(ana, 1)
    assert next_of(ana) == 0


def test_an_item_that_one_auditor_sees_is_not_given_to_another(site, ana, ben):
    assert (next_of(ana), next_of(ben), next_of(ana)) == (1, 2, 1)


def test_edits_become_rounds_with_their_person(site, ana):
    answer = ana.post(
        "/items/1/edit", {"round": 0, "sentence": "  a new\n house ", "change_type": "state"}
    )
    assert answer.json() == {"round": 1}
    last = last_round(site.project, 1)
    assert (last.sentence, last.stage, last.sentence_origin) == (
        "a new house", "audit", Origin("person", "Ana"),
    )  # fmt: skip
    assert last.note == "sentence edited, type appear -> state"
    assert last.mask_origin == RULE
    assert read_item(site.project, 1).change_type == "state"
    assert ana.post("/items/1/edit", {"round": 1, "sentence": "a new house"}).json() == {"round": 1}
    for wrong in ({"sentence": ""}, {"sentence": "x" * 501}, {"change_type": "grow"}):
        assert ana.post("/items/1/edit", {"round": 1} | wrong).status_code == 400


def test_a_rejected_item_comes_back_with_its_reason(site, ana):
    judge(ana, 1, NO)
    assert "the mask is too large" in ana.page("/items/1")
    add_round(site.project, 1, NewRound("correct", "a smaller house", RULE, None, "redone"))
    site.project.connection.execute("UPDATE items SET state = 'ready' WHERE id = 1")
    assert next_of(ana) == 1
    page = ana.page("/items/1")
    assert "Rejected before:" in page
    assert "the mask is too large" in page
    assert "You have judged this round" not in page


def test_a_double_item_goes_to_two_auditors_who_do_not_see_each_other(site, ana, ben):
    site.project.set("audit_double_share", 1.0)
    ana.post("/items/1/edit", {"round": 0, "sentence": "what Ana wrote", "change_type": "state"})
    judge(ana, 1)
    judge(ana, 2, NO)
    assert next_of(ana) == 3
    assert next_of(ben) == 1
    page = ben.page("/items/1")
    assert "what Ana wrote" not in page
    assert data_of(page)["type"] == "appear"
    assert NO["reason"] not in ben.page("/items/2")
    judge(ben, 1)
    judge(ben, 2)
    assert (state(site, 1), state(site, 2)) == ("accepted", "rejected")
    assert next_of(ben) == 4  # Ana has the third one before her
    cleo = Filters()
    assert count_waiting(site.project, "Cleo", cleo) == 4


def test_gold_items_are_slipped_in_and_measure(site, ana, ben):
    judge(ana, 1, NO)
    assert ana.post("/items/1/gold", {}).status_code == 200
    assert ana.post("/items/2/gold", {}).status_code == 400
    gold = site.project.connection.execute("SELECT item_id FROM gold").fetchone()[0]
    assert gold_answers(site.project, gold) == (False, True, True)
    assert next_of(ben) == 2
    site.project.set("audit_gold_every", 1)
    assert next_of(ana) == 3  # she has judged its original, Ben has item 2
    assert next_of(ben) == gold
    page = ben.page(f"/items/{gold}")
    assert "gold of" not in page
    assert NO["reason"] not in page
    judge(ben, gold)
    assert state(site, gold) == "ready"
    assert next_of(ben) == 2
    assert "0 of 1" in ana.page("/dashboard")


def test_filters(site, ana):
    project = site.project
    counts = {
        name: count_waiting(project, "Ana", Filters(**{name: value}))
        for name, value in (
            ("change_type", "state"), ("source", "set one"), ("backend", "class maps"),
        )
    }  # fmt: skip
    assert counts == {"change_type": 2, "source": 6, "backend": 6}
    assert count_waiting(project, "Ana", Filters(source="' OR 1=1 --")) == 0
    assert next_item(project, "Ana", Filters(change_type="disappear")) == 2
    page = ana.page("/items/2?change_type=disappear&source=set+one")
    assert "/queue?change_type=disappear&amp;source=set+one" in page
    assert ana.client.get("/queue?shown=nonsense").status_code == 400
    judge(ana, 3, NO)
    assert "house number 2" in ana.page("/queue?shown=rejected")
    assert "house number 2" in ana.page("/queue?shown=mine")
    assert "house number 2" not in ana.page("/queue")


def stroke(person, key, round_number=0, action="add", **drawn):
    body = {"action": action, "key": key * 8, "round": round_number}
    if drawn:
        body["stroke"] = drawn
    answer = person.post("/items/1/stroke", body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_strokes_are_stored_one_by_one_and_undone(site, ana, ben):
    brush = {"tool": "brush", "radius_px": 3, "points": [[40.5, 40.5], [50.5, 40.5]]}
    polygon = {"tool": "polygon", "points": [[30, 2], [40, 2], [40, 8], [30, 8]]}
    eraser = {"tool": "eraser", "radius_px": 2.5, "points": [[10.5, 6.5]]}
    stroke(ana, "a", **brush)
    stroke(ana, "a", **brush)  # a repeated request
    stroke(ana, "b", **eraser)
    assert stroke(ana, "b", action="undo") == {"active": ["a" * 8], "redo": "b" * 8}
    assert stroke(ana, "b", action="redo")["active"] == ["a" * 8, "b" * 8]
    stroke(ana, "b", action="undo")
    assert stroke(ana, "c", **polygon) == {"active": ["a" * 8, "c" * 8], "redo": None}
    assert open_item(ana, 1)["strokes"]["active"] == ["a" * 8, "c" * 8]
    assert open_item(ben, 1)["strokes"]["active"] == []
    drafts = [ana.client.get(f"/items/1/masks/0/0/0/0.png?{q}").content for q in ("", "draft")]
    assert drafts[0] != drafts[1]
    before = read_mask(site.project, last_round(site.project, 1).mask_id)
    assert ana.post("/items/1/edit", {"round": 0, "with_strokes": True}).json() == {"round": 1}
    view = read_view(site.project, 1, "Ana")
    mask = read_mask(site.project, view.current.mask_id)
    assert view.current.mask_origin == Origin("person", "Ana")
    assert view.current.sentence_origin == RULE
    assert mask[40, 40:51].all()
    assert mask[2:8, 30:40].all()
    rows, cols = np.mgrid[:64, :64]
    near = np.hypot(cols - cols.clip(40, 50), rows - 40) <= 3  # from centre to centre
    np.testing.assert_array_equal((mask & ~before)[10:], near[10:])
    assert not (before & ~mask).any()
    assert open_item(ana, 1)["strokes"]["active"] == []
    late = {"action": "add", "key": "d" * 8, "round": 0, "stroke": brush}
    assert ana.post("/items/1/stroke", late).status_code == 409


def test_a_broken_stroke_is_refused(ana):
    body = {"action": "add", "key": "a" * 8, "round": 0}
    for wrong in (
        {"tool": "spray", "points": [[1, 1]], "radius_px": 2},
        {"tool": "brush", "points": [], "radius_px": 2},
        {"tool": "brush", "points": [[1, 1]], "radius_px": 1e9},
        {"tool": "brush", "points": [[1e12, 1]], "radius_px": 2},
        {"tool": "brush", "points": [[1]], "radius_px": 2},
        {"tool": "brush", "points": "ab", "radius_px": 2},
        {"tool": "polygon", "points": [[1, 1], [2, 2]]},
        {"tool": "brush", "points": [[1, 1]] * 5001, "radius_px": 2},
        {"points": [[1, 1]]},
    ):
        assert ana.post("/items/1/stroke", body | {"stroke": wrong}).status_code == 400, wrong
    good = {"tool": "brush", "points": [[1, 1]], "radius_px": 2}
    for key in ("", "x" * 8, "a" * 65, "../a"):
        assert ana.post("/items/1/stroke", body | {"key": key, "stroke": good}).status_code == 400
    assert open_item(ana, 1)["strokes"]["active"] == []


def test_strokes_outside_of_the_image(site, ana):
    stroke(ana, "a", tool="brush", radius_px=4, points=[[-50, -50], [-3, 20], [200, 20]])
    ana.post("/items/1/edit", {"round": 0, "with_strokes": True})
    mask = read_mask(site.project, last_round(site.project, 1).mask_id)
    assert mask[17:23, 10:].all()
    assert np.count_nonzero(mask) < mask.size / 2
