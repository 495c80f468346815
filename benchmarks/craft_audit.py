"""Pages of the audit on a large project, and verdicts while the server is killed.

A project of rendered squares is made, with half of its items judged.  Pages are asked for over HTTP
from a server in a process of its own; its CPU time per page is printed beside the time that passes,
as other programs may use the machine.  Then verdicts are sent while the server is killed at random
moments and started again: each one that was confirmed must be stored, and each once.

Example: ``python benchmarks/craft_audit.py --items 20000 --kills 20``
"""

from __future__ import annotations

import argparse
import html
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from PIL import Image

from mtrs_geo.craft.project import Origin, Project, Verdict
from mtrs_geo.craft.project.items import NewItem, NewRound, add_item, add_round, store_mask
from mtrs_geo.craft.project.pairs import NewPair, add_pair
from mtrs_geo.craft.project.verdicts import insert_verdict

SIDE_PX, ITEMS_PER_PAIR, REPEATS = 256, 100, 5
LIMITS_S = {"/items/1": 0.3, "/next": 0.3, "/queue": 1.0, "/queue?change_type=state": 1.0,
            "/dashboard": 1.0}  # fmt: skip
BACKENDS = (Origin("rule", "class maps", "1"), Origin("model", "qwen-vl", "3"))
TYPES = ("appear", "disappear", "state")


def main() -> int:
    """Make the project, measure, kill."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "project.db"
        started = time.perf_counter()
        fill(path, options.items)
        report(f"{options.items:,} items made in {time.perf_counter() - started:.0f} s")
        is_fast = measure(path)
        is_whole = kill(path, options.kills)
    return 0 if is_fast and is_whole else 1


def report(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def fill(path: Path, count: int) -> None:
    """Make a project; every second item is judged, one of ten by two people."""
    chance = random.Random(5)
    people = [Origin("person", name) for name in ("Ana", "Ben", "Cleo")]
    for name, value in (("before", 90), ("after", 160)):
        Image.new("RGB", (SIDE_PX, SIDE_PX), (value, 120, 80)).save(path.parent / f"{name}.png")
    with Project.create(path) as project, project.transaction():
        for number in range(count):
            if number % ITEMS_PER_PAIR == 0:
                pair = add_pair(
                    project,
                    NewPair(
                        f"pair {number}", path.parent / "before.png", path.parent / "after.png",
                        SIDE_PX, SIDE_PX, f"set {number % 3}",
                    ),
                )  # fmt: skip
            item = add_item(
                project, NewItem(pair, f"{number}", TYPES[number % 3], "house", "center")
            )
            backend = BACKENDS[number % 2]
            for stage, side in (("perceive", 40), ("correct", 30)):
                mask = store_mask(project, square(number, side), backend)
                add_round(project, item, NewRound(stage, f"house {number}", backend, mask))
            project.connection.execute(
                "UPDATE items SET state = 'ready', doubt = ? WHERE id = ?", (chance.random(), item)
            )
            if number % 2:
                for person in chance.sample(people, 2 if number % 10 == 1 else 1):
                    judge(project, item, person, chance)


def square(number: int, side: int) -> np.ndarray:
    """Return a mask with one square."""
    mask = np.zeros((SIDE_PX, SIDE_PX), bool)
    row, col = number % 200, (number * 7) % 200
    mask[row : row + side, col : col + side] = True
    return mask


def judge(project: Project, item: int, person: Origin, chance: random.Random) -> None:
    """Add a verdict, and a mask before it in one of ten."""
    number = 1
    if chance.random() < 0.1:
        mask = store_mask(project, square(item, 25), person)
        number = add_round(project, item, NewRound("audit", f"house {item}", person, mask))
        project.connection.execute(
            "INSERT INTO edits VALUES (?, ?, ?, 'state', 'state')", (item, number, person.name)
        )
    right = chance.random() < 0.8
    insert_verdict(
        project,
        Verdict(
            f"{item}|0|{person.name}", item, number, person.name, right, True, True,
            "" if right else "too large", chance.lognormvariate(2, 0.7),
            created=time.time() - chance.random() * 1e5,
        ),
    )  # fmt: skip


@dataclass
class Server:
    """A running server and one browser's session."""

    process: subprocess.Popen[str]
    port: int
    cookie: str = ""

    def request(self, address: str, body: object = None, csrf: str = "") -> tuple[int, str, str]:
        """Return status, text and the address that the answer leads to."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"cookie": self.cookie, "x-csrf-token": csrf,
                   "origin": f"http://127.0.0.1:{self.port}"}  # fmt: skip
        sent = None if body is None else json.dumps(body)
        connection.request("GET" if body is None else "POST", address, sent, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        self.cookie = self.cookie or (answer.getheader("set-cookie") or "").partition(";")[0]
        connection.close()
        return answer.status, text, answer.getheader("location") or ""

    def cpu_s(self) -> float:
        """Return the CPU time that the server has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serve(path: Path) -> Iterator[Server]:
    """Start a server as the command line does."""
    command = [sys.executable, "-m", "mtrs_geo", "craft", "audit", str(path), "--port", "0",
               "--no-browser", "--json", "--auditor", "Dora"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            address = urlsplit(json.loads(process.stdout.readline())["address"])
            server = Server(process, address.port or 0)
            server.request(f"{address.path}?{address.query}")
            yield server
        finally:
            process.kill()


def measure(path: Path) -> bool:
    """Print the time of each page, and whether all are as fast as promised."""
    kept = True
    with serve(path) as server:
        for address, limit in LIMITS_S.items():
            walls, cpus = [], []
            for number in range(REPEATS + 1):
                if address == "/dashboard":
                    add_skip(path, number)
                start, cpu = time.perf_counter(), server.cpu_s()
                status, _, _ = server.request(address)
                walls.append(time.perf_counter() - start)
                cpus.append(server.cpu_s() - cpu)
                assert status in (200, 303), (address, status)
            wall, cpu = statistics.median(walls[1:]), statistics.median(cpus[1:])
            kept &= wall < limit
            report(
                f"{address}: {1000 * wall:.0f} ms ({1000 * cpu:.0f} ms of CPU), first "
                f"{1000 * walls[0]:.0f} ms ({1000 * cpus[0]:.0f} ms of CPU), "
                f"promised < {1000 * limit:.0f} ms: {'kept' if wall < limit else 'BROKEN'}"
            )
    return kept


def add_skip(path: Path, number: int) -> None:
    """Store a skip, after which the dashboard has to count again."""
    with Project(path) as project, project.transaction():
        key = f"{number + 2}|{time.time()}|Cleo"
        insert_verdict(project, Verdict(key, number + 2, 1, "Cleo", None, None, None, kind="skip"))


def kill(path: Path, kills: int) -> bool:
    """Send verdicts while the server is killed; print whether each one is stored, and once."""
    chance = random.Random(11)
    confirmed: list[str] = []
    sent: set[str] = set()
    for _ in range(kills):
        with serve(path) as server:
            kill_after_some(server, sent, confirmed, chance)
    with Project(path) as project:
        rows = project.connection.execute("SELECT key FROM verdicts WHERE auditor = 'Dora'")
        stored = [row["key"] for row in rows]
        check = project.connection.execute("PRAGMA integrity_check").fetchone()[0]
        states = project.connection.execute(
            "SELECT COUNT(*) FROM items AS i WHERE state = 'ready' AND EXISTS (SELECT 1 FROM "
            "standing_verdicts AS v WHERE v.item_id = i.id AND v.auditor = 'Dora')"
        ).fetchone()[0]
    lost = set(confirmed) - set(stored)
    is_whole = not lost and set(stored) <= sent and check == "ok" and states == 0
    report(
        f"{kills} kills: {len(confirmed)} verdicts confirmed, {len(stored)} stored, {len(lost)} "
        f"lost, integrity {check}: {'kept' if is_whole else 'BROKEN'}"
    )
    return is_whole


def kill_after_some(
    server: Server, sent: set[str], confirmed: list[str], chance: random.Random
) -> None:
    """Kill a server at a random moment of the verdict that follows a random number of them."""
    started = time.perf_counter()
    count = chance.randint(1, 8)
    for _ in range(count):
        send_next(server, sent, confirmed)
    delay = chance.random() * (time.perf_counter() - started) / count
    timer = threading.Timer(delay, server.process.send_signal, [signal.SIGKILL])
    timer.start()
    try:
        while send_next(server, sent, confirmed):
            pass
    except (OSError, HTTPException):
        pass
    finally:
        timer.join()


def send_next(server: Server, sent: set[str], confirmed: list[str]) -> bool:
    """Judge the next item; return whether there was one."""
    _, _, address = server.request("/next")
    if not address.startswith("/items/"):
        return False
    _, page, _ = server.request(address)
    data = json.loads(html.unescape(re.findall(r'data-item="([^"]+)"', page)[0]))
    csrf = re.findall(r'name="csrf" content="([^"]+)"', page)[0]
    body = {"kind": "verdict", "key": data["key"], "round": data["round"], "seconds": 1.0,
            "mask_right": True, "sentence_right": True, "complete": True}  # fmt: skip
    sent.add(data["key"])
    status, text, _ = server.request(f"{address}/verdict", body, csrf)
    assert status == 200, text
    confirmed.append(data["key"])
    return True


if __name__ == "__main__":
    sys.exit(main())
