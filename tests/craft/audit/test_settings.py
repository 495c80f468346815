"""Settings and gold items from the command line."""

from __future__ import annotations

import json

import pytest
from audit_site import fill_project
from typer.testing import CliRunner

from mtrs_geo.cli import app
from mtrs_geo.craft.audit.queue import Filters, count_waiting
from mtrs_geo.craft.project import Project
from mtrs_geo.craft.project.audit_rates import audit_rates
from mtrs_geo.craft.project.gold import gold_answers
from mtrs_geo.errors import RequestError


@pytest.fixture
def path(tmp_path):
    fill_project(tmp_path / "project.db", 4)
    return tmp_path / "project.db"


def craft(*arguments, code=0):
    done = CliRunner().invoke(app, ["craft", *map(str, arguments)])
    assert done.exit_code == code, done.output + repr(done.exception)
    return done.output


def test_settings_are_printed_and_changed(path):
    assert "double share: 0 of the items" in craft("settings", path)
    said = craft(
        "settings", path, "--double-share", "0.25", "--gold-every", 7, "--random-share", "0.3",
        "--licence", "set one=academic, no resale", "--licence", "other=CC0", "--json",
    )  # fmt: skip
    assert json.loads(said) == {
        "double_share": 0.25, "gold_every": 7, "random_share": 0.3,
        "licences": {"set one": "academic, no resale", "other": "CC0"},
    }  # fmt: skip
    craft("settings", path, "--gold-every", 0)
    assert "no gold items" in craft("settings", path)
    with Project(path) as project:
        assert audit_rates(project).double_limit == 1 << 30
        assert project.setting("licences")["other"] == "CC0"


def test_a_licence_of_no_source_is_noticed(path):
    known = craft("settings", path, "--licence", "set one=CC0")
    assert "warning" not in known
    said = craft("settings", path, "--licence", "set two=CC0")
    assert "warning: no pair has the source 'set two'; those of the project are 'set one'" in said


@pytest.mark.parametrize(
    "wrong", [("--double-share", "1.5"), ("--random-share", "nan"), ("--gold-every", "-1")]
)
def test_wrong_settings_change_nothing(path, wrong):
    done = CliRunner().invoke(app, ["craft", "settings", str(path), *wrong])
    assert isinstance(done.exception, RequestError)
    craft("settings", path, "--licence", "no equals sign", code=2)
    assert "double share: 0 of" in craft("settings", path)


def test_a_project_file_with_other_values_is_refused_with_advice(path):
    with Project(path) as project:
        project.set("audit_double_share", "many")
        with pytest.raises(RequestError, match="'many' is not in 0 to 1") as error:
            count_waiting(project, "Ana", Filters())
        assert "craft settings" in error.value.advice


def test_gold_items_by_number(path):
    craft("gold", path, 1, 2)
    said = craft("gold", path, 2, "--wrong", "mask", "--wrong", "complete")
    assert said.splitlines() == [
        "gold of item 1: three times yes, 0 verdicts",
        "gold of item 2: no to mask, complete, 0 verdicts",
        "2 gold items",
    ]
    with Project(path) as project:
        rows = project.connection.execute("SELECT id FROM items WHERE is_gold ORDER BY id")
        assert [gold_answers(project, row[0]) for row in rows] == [
            (True, True, True), (False, True, False),
        ]  # fmt: skip
    assert len(json.loads(craft("gold", path, "--json"))) == 2


def test_gold_of_no_item_makes_none(path):
    for number, text in ((99, "there is no item 99"), (5, "is a gold item already")):
        done = CliRunner().invoke(app, ["craft", "gold", str(path), "3", str(number)])
        assert isinstance(done.exception, RequestError)
        assert text in done.exception.message
        expected = 0 if number == 99 else 1
        assert len(json.loads(craft("gold", path, "--json"))) == expected
        craft("gold", path, 1)
    craft("gold", path, 1, "--wrong", "colour", code=2)
