"""A small project, its application, and browsers of people who are signed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from starlette.testclient import TestClient

from mtrs_geo.craft.project import Origin, Project
from mtrs_geo.craft.project.items import NewItem, NewRound, add_item, add_round, store_mask
from mtrs_geo.craft.project.pairs import NewPair, add_pair

SIDE = 64
RULE = Origin("rule", "class maps", "1")
ATTACK = "<script>alert(1)</script> a house\" onload='x"
BASE = "http://127.0.0.1:8766"
TOKENS = {"token-of-ana": "Ana", "token-of-ben": "Ben", "token-of-all": ""}


def write_image(path: Path, value: int) -> Path:
    pixels = np.full((3, SIDE, SIDE), value, np.uint8)
    pixels[0, : SIDE // 2] = 255 - value
    profile = {"driver": "PNG", "height": SIDE, "width": SIDE, "count": 3, "dtype": "uint8"}
    with rasterio.open(path, "w", **profile) as file:
        file.write(pixels)
    return path


def square(row: int, col: int, side: int) -> np.ndarray:
    mask = np.zeros((SIDE, SIDE), bool)
    mask[row : row + side, col : col + side] = True
    return mask


def fill_project(path: Path, items: int) -> list[int]:
    """Make a project with one pair and items of falling doubt; the first one is an attack."""
    with Project.create(path) as project, project.transaction():
        project.set("audit_double_share", 0.0)
        project.set("audit_gold_every", 0)
        before = write_image(path.parent / "before.png", 60)
        after = write_image(path.parent / "after.png", 160)
        pair = add_pair(project, NewPair("<b>place</b> 1", before, after, SIDE, SIDE, "set one"))
        rows = []
        for number in range(items):
            change_type = ("appear", "disappear", "state")[number % 3]
            row = add_item(project, NewItem(pair, f"house {number}", change_type, "house"))
            mask = store_mask(project, square(4 + number, 8, 10), RULE)
            sentence = ATTACK if number == 0 else f"house number {number}"
            add_round(project, row, NewRound("perceive", sentence, RULE, mask, "a note"))
            project.connection.execute(
                "UPDATE items SET state = 'ready', doubt = ? WHERE id = ?",
                (1 - number / items, row),
            )
            rows.append(row)
    return rows


@dataclass
class Person:
    """A browser of one auditor."""

    client: TestClient
    csrf: str = ""

    def page(self, address: str) -> str:
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.text
        found = re.search(r'name="csrf" content="([^"]+)"', answer.text)
        assert found
        self.csrf = found[1]
        return answer.text

    def post(self, address: str, body: object, **headers: str):
        sent = {"origin": BASE, "x-csrf-token": self.csrf} | headers
        return self.client.post(address, json=body, headers=sent)


@dataclass
class AuditSite:
    """A project, its application and its people."""

    path: Path
    items: list[int]
    project: Project
    application: object

    def browser(self, token: str) -> Person:
        person = Person(TestClient(self.application, base_url=BASE, follow_redirects=True))
        person.client.get(f"/enter?token={token}")
        return person

    def person(self, name: str) -> Person:
        person = self.browser(f"token-of-{name.lower()}")
        person.page("/queue")
        return person
