"""The page in a real Chromium: every key, each mode, drawing, reload, a killed server."""

from __future__ import annotations

import json
import os
import signal

import pytest
from audit_page import AuditPage, served
from audit_site import ATTACK, fill_project
from chromium import COMMAND, Chromium

from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.items import last_round, read_item, read_mask, rounds_of
from mtrs_geo.craft.project.verdicts import standing_verdicts, verdicts_of

pytestmark = pytest.mark.skipif(COMMAND is None, reason="Chromium is not installed")


@pytest.fixture
def path(tmp_path):
    fill_project(tmp_path / "project.db", 6)
    return tmp_path / "project.db"


@pytest.fixture
def page(tmp_path):
    with Chromium(tmp_path / "profile") as chrome:
        yield AuditPage(chrome)
        # Refusals are wanted in the test that kills the server only.
        assert not [error for error in chrome.errors if "403" not in error and "ERR_" not in error]


def stored_strokes(path):
    with Project(path) as project:
        rows = project.connection.execute("SELECT is_undone, stroke FROM strokes ORDER BY rowid")
        return [(bool(row[0]), json.loads(row[1])["tool"]) for row in rows]


def test_an_audit_by_keys_and_mouse(page, path):
    with served(path) as (_, [address]):
        page.enter(address)
        assert page.begin() == 1
        page.check_buttons()
        page.look()
        page.draw()
        assert stored_strokes(path) == [
            (False, "brush"), (False, "brush"), (False, "eraser"), (False, "polygon"),
        ]  # fmt: skip
        assert page.chrome.run("document.getElementById('sentence').textContent") == ATTACK
        page.edit_sentence("a house <b>of brick</b>")
        page.change_type("state")
        page.read_history_and_help()
        assert page.reject("a corner is missing") == 2
        assert page.accept() == 3
        assert page.skip() == 4
        assert page.undo() == 3
        assert page.accept() == 4
        assert page.undo() == 3
        assert [page.accept() for _ in range(4)] == [4, 5, 6, 0]
        assert page.chrome.run("Boolean(document.querySelector('.notice'))")
        page.make_gold(address.partition("/enter")[0], 2)
        page.read_dashboard()
    with Project(path) as project:
        assert read_item(project, 1).state == "rejected"
        assert [r.note for r in rounds_of(project, 1)][1:] == [
            "mask edited", "sentence edited", "type appear -> state",
        ]  # fmt: skip
        mask = read_mask(project, last_round(project, 1).mask_id)
        assert mask[40, 41:50].all()
        assert mask[51:59, 39].all()
        assert not mask[6, 9:12].any()
        assert last_round(project, 1).sentence == "a house <b>of brick</b>"
        assert standing_verdicts(project, 1)[0].reason == "a corner is missing"
        assert [v.kind for v in verdicts_of(project, 3)] == [
            "skip", "undo", "verdict", "undo", "verdict",
        ]  # fmt: skip
        assert all(read_item(project, item).state == "accepted" for item in range(2, 7))
        assert project.connection.execute("SELECT COUNT(*) FROM gold").fetchone()[0] == 1


def test_a_key_right_after_help_is_closed_is_taken(page, path):
    script = """{
        for (const key of ["?", "Escape", "m", "s", "C", "Enter"]) {
            const event = { key, shiftKey: key === "C", bubbles: true };
            document.activeElement.dispatchEvent(new KeyboardEvent("keydown", event));
        }
    }"""
    with served(path) as (_, [address]):
        page.enter(address)
        page.begin()
        # In one script, as the browser takes the focus off the hidden button only after it.
        page.chrome.run(script)
        page.chrome.wait("document.activeElement.id === 'reason'", 5)


def test_a_verdict_outlives_a_killed_server(page, path):
    chrome = page.chrome
    with served(path) as (server, [address]):
        port = int(address.partition("/enter")[0].rpartition(":")[2])
        page.enter(address)
        assert page.begin() == 1
        assert page.accept() == 2
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        chrome.press("a")
        chrome.wait("document.getElementById('message').textContent.includes('kept here')")
    with served(path, port=port) as (_, [address]):
        chrome.wait("document.getElementById('message').textContent.includes('started again')")
        chrome.open(address)
        chrome.press("Enter")
        chrome.wait("localStorage.getItem('mtrs-geo-audit-outbox-Ana') === '[]'")
    with Project(path) as project:
        assert [len(standing_verdicts(project, item)) for item in (1, 2, 3)] == [1, 1, 0]
