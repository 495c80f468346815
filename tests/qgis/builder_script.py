"""Script of test_builder.py for QGIS's Python: creates environments with venv and pip."""

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
from qgis_plugin.worker.environment import (  # noqa: E402
    EnvironmentBuilder,
    _with_proxy,
    clean_environment,
    has_mtrs_geo,
)


def build(target: Path, wheels: str, is_stopped: bool = False) -> dict[str, Any]:
    builder, loop, facts = EnvironmentBuilder(target, wheels), QEventLoop(), {"log": ""}

    def add_output(text: str) -> None:
        facts["log"] += text
        if is_stopped:
            QTimer.singleShot(0, builder.cancel)

    def finish(succeeded: bool, text: str) -> None:
        facts.update(done=succeeded, text=text)
        loop.quit()

    builder.output.connect(add_output)
    builder.done.connect(finish)
    QTimer.singleShot(0, builder.start)
    loop.exec() if hasattr(loop, "exec") else loop.exec_()
    return facts


def create_on_page() -> list[str]:
    """Click the button of the settings page with a folder of wheels without mtrs-geo."""
    page, loop = OptionsPage(), QEventLoop()
    page.wheels.setFilePath(str(folder / "empty"))
    page.run_create()
    during = page.create.text()
    page._builder.done.connect(lambda *_: QTimer.singleShot(0, loop.quit))
    loop.exec() if hasattr(loop, "exec") else loop.exec_()
    return [during, page.create.text(), page.state.text(), page.report.toPlainText()]


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
(folder / "blocked").write_text("")
facts = {
    "whole": whole, "has": has_mtrs_geo(Path(whole["text"])),
    "bare": build(folder / "bare", str(folder / "empty")),
    "blocked": build(folder / "blocked", str(folder / "empty")),
    "stopped": build(folder / "stopped", str(folder / "wheels"), is_stopped=True),
    "page": create_on_page(), "proxy": proxy(),
}  # fmt: skip
print(json.dumps(facts), flush=True)  # noqa: T201
os._exit(0)
