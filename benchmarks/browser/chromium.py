"""A headless Chromium that is driven over a pipe, with the Chrome DevTools Protocol."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

COMMAND = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)
_KEYS = {
    "Enter": (13, "\r"), "Escape": (27, ""), "Backspace": (8, ""), "ArrowLeft": (37, ""),
    "ArrowUp": (38, ""), "ArrowRight": (39, ""), "ArrowDown": (40, ""), " ": (32, " "),
    "Tab": (9, ""),
}  # fmt: skip
_SHIFT, _CONTROL = 8, 2
_START = (
    "import os, sys; ends = [os.dup(int(end)) for end in sys.argv[1:3] for _ in range(3)]; "
    "os.dup2(ends[2], 3); os.dup2(ends[5], 4); os.execvp(sys.argv[3], sys.argv[3:])"
)
"""Chromium reads commands from file descriptor 3 and writes answers to 4."""


class Chromium:
    """One page.  Errors of its scripts, and what its policy blocked, are in ``errors``.

    ``pressed`` has the keys that were pressed, with ``Control+`` before those with Ctrl.
    """

    def __init__(self, profile: Path, width: int = 1280, height: int = 800) -> None:
        assert COMMAND
        read_end, self._write = os.pipe()
        self._read, write_end = os.pipe()
        command = [
            COMMAND, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
            "--no-first-run", "--disable-extensions", "--disable-background-networking",
            "--disable-dev-shm-usage", "--hide-scrollbars", "--force-color-profile=srgb",
            f"--user-data-dir={profile}", f"--window-size={width},{height}", "about:blank",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-c", _START, str(read_end), str(write_end), *command],
            pass_fds=(read_end, write_end), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(read_end)
        os.close(write_end)
        self._buffer, self._count, self._session = b"", 0, ""
        self.errors: list[str] = []
        self.pressed: set[str] = set()
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.resize(width, height)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self._write)
        os.close(self._read)

    def call(self, method: str, **parameters: Any) -> Any:  # noqa: ANN401 - JSON
        """Send a command and return its result."""
        self._count += 1
        number = self._count
        sent = {"id": number, "method": method, "params": parameters}
        if self._session:
            sent["sessionId"] = self._session
        os.write(self._write, json.dumps(sent).encode() + b"\0")
        while True:
            message = self._next(60)
            if message.get("id") == number:
                assert "error" not in message, (method, message["error"])
                return message["result"]
            self._note(message)

    def open(self, address: str) -> None:
        """Load an address and wait for it."""
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'", 120)

    def resize(self, width: int, height: int, ratio: float = 1) -> None:
        """Change the size of the page."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=ratio, mobile=False,
        )  # fmt: skip

    def run(self, script: str) -> Any:  # noqa: ANN401 - JSON
        """Return the value of a JavaScript expression; promises are waited for."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, (script, answer["exceptionDetails"])
        return answer["result"].get("value")

    def wait(self, condition: str, seconds: float = 60) -> None:
        """Wait until an expression is true; a page that is being replaced counts as false."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.run(f"Boolean({condition})"):
                    return
            except AssertionError:
                pass
            time.sleep(0.03)
        raise AssertionError(f"{condition} after {seconds} s; {self.errors}")

    def press(self, key: str, *, shift: bool = False, control: bool = False) -> None:
        """Press and release a key."""
        self.pressed.add(f"Control+{key}" if control else key)
        code, text = _KEYS.get(key, (ord(key.upper()) if len(key) == 1 else 0, key))
        modifiers = (_SHIFT if shift else 0) | (_CONTROL if control else 0)
        event = {"key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        typed = {} if control or not text else {"text": text}
        self.call("Input.dispatchKeyEvent", type="keyDown", **event, **typed)
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def type(self, text: str) -> None:
        """Insert a text where the focus is."""
        self.call("Input.insertText", text=text)

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:  # noqa: ANN401
        """Send a mouse event: mousePressed, mouseMoved, mouseReleased or mouseWheel."""
        self.call(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1, **more
        )

    def drag(self, *points: tuple[float, float]) -> None:
        """Press the mouse at the first point, move over the others and release it."""
        self.mouse("mousePressed", *points[0])
        for point in points[1:]:
            self.mouse("mouseMoved", *point, buttons=1)
        self.mouse("mouseReleased", *points[-1])

    def screenshot(self, path: Path, *, full: bool = False) -> None:
        """Save the page, or all of it below the window's end too, as a PNG."""
        found = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=full)
        path.write_bytes(base64.b64decode(found["data"]))

    def _next(self, seconds: float) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(end - time.monotonic(), 0))
            chunk = os.read(self._read, 1 << 16) if ready else b""
            if not chunk:
                raise AssertionError("Chromium does not answer")
            self._buffer += chunk
        message, _, self._buffer = self._buffer.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def _note(self, message: dict[str, Any]) -> None:
        parameters = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(parameters["exceptionDetails"]))
        entry = parameters.get("entry", {})
        if message.get("method") == "Log.entryAdded" and entry.get("level") == "error":
            self.errors.append(f"{entry.get('text')} {entry.get('url', '')}")
