"""Run by QGIS's own Python for test_builder.py: real environments, made with venv and pip."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QEventLoop, QTimer

root, folder = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(root))
app = QgsApplication([], True)
app.initQgis()

from qgis_plugin.settings import OptionsPage  # noqa: E402
from qgis_plugin.worker.environment import Builder, _with_proxy, clean_environment, has_mtrs_geo  # noqa: E402


def build(target: Path, wheels: str, stop: bool = False) -> dict[str, Any]:
    builder, loop, facts = Builder(target, wheels), QEventLoop(), {"log": ""}

    def say(text: str) -> None:
        facts["log"] += text
        if stop:
            QTimer.singleShot(0, builder.cancel)

    def end(went_well: bool, text: str) -> None:
        facts.update(done=went_well, text=text)
        loop.quit()

    builder.said.connect(say)
    builder.done.connect(end)
    QTimer.singleShot(0, builder.start)
    loop.exec() if hasattr(loop, "exec") else loop.exec_()
    return facts


def page() -> list[str]:
    """The button of the settings page, on a folder of wheels without mtrs-geo."""
    shown, loop = OptionsPage(), QEventLoop()
    shown.wheels.setFilePath(str(folder / "empty"))
    shown.run_create()
    during = shown.create.text()
    shown._builder.done.connect(lambda *_: QTimer.singleShot(0, loop.quit))
    loop.exec() if hasattr(loop, "exec") else loop.exec_()
    return [during, shown.create.text(), shown.state.text(), shown.report.toPlainText()]


def proxy() -> list[str]:
    settings = QgsSettings()
    for key, value in (
        ("Enabled", True), ("Type", "HttpProxy"), ("Host", "proxy.test"), ("Port", "8080"),
        ("User", "me"), ("Password", "p@ss"),
    ):  # fmt: skip
        settings.setValue(f"proxy/proxy{key}", value)
    found = _with_proxy(clean_environment())
    settings.setValue("proxy/proxyEnabled", False)
    return [found.value("HTTP_PROXY"), found.value("HTTPS_PROXY")]


whole = build(folder / "whole", str(folder / "wheels"))
(folder / "in_the_way").write_text("")
facts = {
    "whole": whole, "has": has_mtrs_geo(Path(whole["text"])),
    "bare": build(folder / "bare", str(folder / "empty")),
    "in_the_way": build(folder / "in_the_way", str(folder / "empty")),
    "stopped": build(folder / "stopped", str(folder / "wheels"), stop=True),
    "page": page(), "proxy": proxy(),
}  # fmt: skip
print(json.dumps(facts), flush=True)  # noqa: T201
os._exit(0)
