"""What an auditor does on the pages of `mtrs-geo craft audit`, in a headless Chromium."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chromium import Chromium

_ITEM = "JSON.parse(document.getElementById('item').dataset.item)"
_OUTBOX = "localStorage.getItem('mtrs-geo-audit-outbox-{}') in {{null: 1, '[]': 1}}"
_TYPES = ("appear", "disappear", "state")


@contextmanager
def served(
    path: Path, auditors: Sequence[str] = ("Ana",), port: int = 0
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Serve a project as the command line does; yield the process and an address per auditor."""
    command = [sys.executable, "-m", "mtrs_geo", "craft", "audit", str(path), "--port", str(port),
               "--no-browser", "--json"]  # fmt: skip
    for name in auditors:
        command += ["--auditor", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield server, [json.loads(server.stdout.readline())["address"] for _ in auditors]
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(60) in (0, -signal.SIGKILL)


@dataclass
class AuditPage:
    """The pages as one auditor sees them; every method waits for what it causes."""

    chrome: Chromium
    auditor: str = "Ana"

    def enter(self, address: str) -> None:
        """Come in with the address of an auditor, which leads to the queue."""
        self.chrome.open(address)
        assert self.chrome.run("location.pathname + location.search") == "/queue"

    def begin(self) -> int:
        """Begin with the first item of the queue, and return its number."""
        self.chrome.press("Enter")
        return self.next_item(0)

    def on_item(self, item: int, round_number: int = 0) -> None:
        """Wait for the page of an item and of its round."""
        self.chrome.wait(
            f"location.pathname === '/items/{item}' && document.readyState === 'complete' && "
            f"{_ITEM}.round === {round_number} && "
            "document.getElementById('zoom-label').textContent"
        )

    def next_item(self, last: int) -> int:
        """Wait for the page of an item other than ``last``; return its number, 0 for the queue."""
        self.chrome.wait(
            f"location.pathname !== '/items/{last}' && document.readyState === 'complete' && "
            "(location.pathname === '/queue' && location.search || "
            "document.getElementById('zoom-label')?.textContent)"
        )
        path: str = self.chrome.run("location.pathname")
        return int(path.rpartition("/")[2]) if path.startswith("/items/") else 0

    def item(self) -> dict[str, Any]:
        """Return what the server says of the item."""
        found: dict[str, Any] = self.chrome.run(_ITEM)
        return found

    def view(self) -> dict[str, float]:
        """Return the centre of the view, in pixels of the image, and the zoom."""
        kept = f"JSON.parse(sessionStorage.getItem('mtrs-geo-audit-item-' + {_ITEM}.item)).view"
        found: dict[str, float] = self.chrome.run(kept)
        return found

    def is_pressed(self, name: str) -> bool:
        """Return whether a button is pressed."""
        return bool(self.chrome.run(f"document.getElementById('{name}').ariaPressed === 'true'"))

    def wait_for_strokes(self, count: int) -> None:
        """Wait until the server has so many strokes, or none, and the page shows them."""
        self.chrome.wait(
            "performance.getEntriesByType('resource').length && "
            f"document.getElementById('stroke-undo').disabled === {str(count == 0).lower()} && "
            + _OUTBOX.format(self.auditor)
        )

    def canvas_box(self) -> tuple[float, float, float, float]:
        """Return x, y, width and height of the images on the page."""
        box = "document.getElementById('canvas').getBoundingClientRect()"
        x, y, width, height = self.chrome.run(f"(b => [b.x, b.y, b.width, b.height])({box})")
        return x, y, width, height

    def at(self, col: float, row: float) -> tuple[float, float]:
        """Return where a pixel of the image is on the page."""
        x, y, width, height = self.canvas_box()
        view = self.view()
        return (
            x + width / 2 + (col - view["x"]) * view["zoom"],
            y + height / 2 + (row - view["y"]) * view["zoom"],
        )

    def check_buttons(self) -> None:
        """Check that every button has a key, shows it, and says it to a screen reader."""
        assert self.chrome.run(
            "[...document.querySelectorAll('button')].every(b => b.dataset.key && "
            "b.ariaKeyShortcuts !== '' && b.querySelector('kbd').textContent)"
        )

    def look(self) -> None:
        """Use every mode, overlay and zoom; zoom and place stay."""
        chrome, pair = self.chrome, self.item()["pair"]
        for key in ("+", "+", "ArrowRight", "ArrowDown", "-"):
            chrome.press(key)
        seen = self.view()
        assert seen["x"] > pair["cols"] / 2
        assert seen["y"] > pair["rows"] / 2
        for key, name in (("b", "mode-blink"), ("v", "mode-side"), ("w", "mode-swipe")):
            chrome.press(key)
            assert self.is_pressed(name)
            self._press_overlays()
            assert self.view() == seen
        chrome.press("b")
        chrome.press(" ")
        chrome.wait("document.getElementById('label-before').hidden !== "
                    "document.getElementById('label-after').hidden")  # fmt: skip
        chrome.press("w")
        self._move_swipe_line(seen)
        self._move_by_mouse(seen)
        chrome.press("f")
        top, _, bottom, _ = self.item()["box"] or (0, 0, pair["rows"], pair["cols"])
        assert self.view()["y"] == (top + bottom) / 2
        chrome.press("0")
        assert self.view()["x"] == pair["cols"] / 2

    def _press_overlays(self) -> None:
        for key, button in (("o", "overlay-fill"), ("l", "overlay-outline")):
            was = str(self.is_pressed(button)).lower()
            self.chrome.press(key)
            self.chrome.wait(f"document.getElementById('{button}').ariaPressed !== '{was}'")
            self.chrome.press(key)
        for opacity in ("j", "j", "k"):
            self.chrome.press(opacity)

    def _move_swipe_line(self, seen: dict[str, float]) -> None:
        x, y, width, _ = self.canvas_box()
        kept = "JSON.parse(localStorage.getItem('mtrs-geo-audit-view')).divider"
        self.chrome.press("ArrowLeft", shift=True)
        assert abs(self.chrome.run(kept) - 0.48) < 1e-6
        self.chrome.press("ArrowRight", shift=True)
        self.chrome.drag((x + 0.5 * width, y + 50), (x + 0.7 * width, y + 60))
        assert abs(self.chrome.run(kept) - 0.7) < 0.02
        assert self.view() == seen

    def _move_by_mouse(self, seen: dict[str, float]) -> None:
        x, y, width, height = self.canvas_box()
        self.chrome.drag((x + 90, y + 90), (x + 60, y + 60))
        assert self.view()["x"] > seen["x"]
        self.chrome.mouse("mouseWheel", x + width / 2, y + height / 2, deltaX=0, deltaY=-300)
        self.chrome.wait(
            f"JSON.parse(sessionStorage.getItem('mtrs-geo-audit-item-' + {_ITEM}.item)).view.zoom"
            f" > {seen['zoom']}"
        )

    def draw(self, scale: float = 1.0) -> None:
        """Draw with brush, eraser and polygon, by mouse and keys, with undo and a reload between.

        The mask is saved as a new round.  The brush paints row 40 from column 40 to 50 and the
        polygon has the corners (30, 50), (40, 50), (40, 60), as columns and rows.

        Args:
            scale: multiplies columns and rows.
        """
        chrome, item = self.chrome, self.item()
        chrome.press("p")
        zoom = self.view()["zoom"]

        def at(col: float, row: float) -> tuple[float, float]:
            return self.at(col * scale, row * scale)

        for key in (",", ",", "."):
            chrome.press(key)
        chrome.drag(at(40, 40), at(45, 40), at(50, 40))
        self.wait_for_strokes(1)
        for _ in range(3):
            chrome.press("ArrowDown")
        chrome.press(" ")
        for _ in range(4):
            chrome.press("ArrowRight", shift=True)
        chrome.press(" ")
        self.wait_for_strokes(2)
        chrome.press("x")
        chrome.drag(at(9, 6), at(12, 6))
        self.wait_for_strokes(3)
        chrome.press("z")
        chrome.press("y")
        chrome.press("z", control=True)
        chrome.press("y", control=True)
        self.wait_for_strokes(3)
        chrome.press("z")
        self.wait_for_strokes(2)
        self.reload()
        assert chrome.run("document.getElementById('tool-help').textContent").startswith(
            "2 strokes"
        )
        assert self.view()["zoom"] == zoom
        chrome.press("y")
        self.wait_for_strokes(3)
        self._draw_polygon([at(30, 50), at(40, 50), at(60, 5)], at(40, 60))
        self.wait_for_strokes(4)
        chrome.press("Escape")
        assert chrome.run("document.getElementById('tool-none').disabled")
        chrome.press("Enter")
        self.on_item(item["item"], item["round"] + 1)

    def reload(self) -> None:
        """Load the page of the item again."""
        item = self.item()
        self.chrome.run("document.body.id = 'before-reload'")
        self.chrome.call("Page.reload")
        self.chrome.wait("document.body && document.body.id !== 'before-reload'")
        self.on_item(item["item"], item["round"])

    def _draw_polygon(
        self, corners: Sequence[tuple[float, float]], last: tuple[float, float]
    ) -> None:
        """Draw a polygon whose third corner is replaced by one that is set by the keyboard."""
        self.chrome.press("g")
        for corner in corners:
            self.chrome.mouse("mousePressed", *corner)
            self.chrome.mouse("mouseReleased", *corner)
        self.chrome.press("Backspace")
        self.chrome.mouse("mouseMoved", *last)
        self.chrome.press(" ")
        self.chrome.press("Enter")

    def edit_sentence(self, sentence: str) -> None:
        """Edit the sentence, with a reload and a cancelled edit before it is saved."""
        chrome, item = self.chrome, self.item()
        chrome.press("e")
        chrome.run("document.getElementById('sentence-edit').select()")
        chrome.type("kept over a reload")
        self.reload()
        chrome.wait("document.getElementById('sentence-edit').value === 'kept over a reload'")
        chrome.press("Escape")
        chrome.press("e")
        chrome.run("document.getElementById('sentence-edit').select()")
        chrome.type(sentence)
        chrome.press("Enter", control=True)
        self.on_item(item["item"], item["round"] + 1)

    def change_type(self, change_type: str) -> None:
        """Change the type; a new round is made unless it is the type already."""
        item = self.item()
        self.chrome.press(str(1 + _TYPES.index(change_type)))
        self.on_item(item["item"], item["round"] + (change_type != item["type"]))
        assert self.is_pressed(f"type-{change_type}")

    def read_history_and_help(self) -> None:
        """Show the mask of the first round, and the list of keys."""
        self.chrome.press("h")
        rounds = "document.querySelectorAll('.history li')"
        assert self.chrome.run(f"[...{rounds}].findIndex(line => line.matches('.shown'))") == 0
        self.chrome.press("?")
        assert self.chrome.run("document.getElementById('keys').open")
        assert self.chrome.run("document.querySelectorAll('#keys-table tr').length") > 30
        self.chrome.press("Escape")
        self.chrome.wait("!document.getElementById('keys').open")

    def reject(self, reason: str, wrong: str = "M") -> int:
        """Say no to one question by its key, with a reason; return the number of the next item."""
        item = self.item()["item"]
        for key in ("m", "s", "c"):
            self.chrome.press(key)
        assert not self.chrome.run("document.getElementById('send').disabled")
        self.chrome.press(wrong, shift=True)
        self.chrome.press("Enter")
        self.chrome.wait("document.activeElement.id === 'reason'")
        self.chrome.type(reason)
        self.chrome.press("Enter")
        return self.next_item(item)

    def accept(self) -> int:
        """Accept an item, and return the number of the next one."""
        item = self.item()["item"]
        self.chrome.press("a")
        return self.next_item(item)

    def skip(self) -> int:
        """Skip an item, and return the number of the next one."""
        item = self.item()["item"]
        self.chrome.press("n")
        return self.next_item(item)

    def undo(self) -> int:
        """Take the last verdict back, and return the number of its item."""
        item = self.item()["item"]
        self.chrome.press("u")
        return self.next_item(item)

    def make_gold(self, site: str, item: int) -> None:
        """Make a gold item of an item that was judged."""
        self.chrome.open(f"{site}/items/{item}?shown=mine")
        self.next_item(0)
        self.chrome.press("G", shift=True)
        self.chrome.wait("document.getElementById('status').textContent.includes('gold')")

    def read_dashboard(self) -> None:
        """Open the dashboard by its key, with all of its pictures, and go back to the queue."""
        self.chrome.press("d")
        self.chrome.wait(
            "location.pathname === '/dashboard' && document.readyState === 'complete' && "
            "document.images.length === 3 && "
            "[...document.images].every(image => image.naturalWidth)",
            120,
        )
        self.chrome.press("q")
        self.chrome.wait("location.pathname === '/queue' && document.readyState === 'complete'")

    def untried_keys(self) -> set[str]:
        """Return the keys of the item's buttons that were never pressed."""
        found = self.chrome.run(
            "[...document.querySelectorAll('[data-key]')].map(b => b.dataset.key)"
        )
        return set(found) - self.chrome.pressed
