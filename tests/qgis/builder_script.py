"""Script of test_builder.py for QGIS's Python: creates environments with venv and pip."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QEventLoop, QTimer

root, folder = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(root))
app = QgsApplication([], True)
app.initQgis()

from qgis_plugin import settings  # noqa: E402
from qgis_plugin.settings import OptionsPage  # noqa: E402
from qgis_plugin.worker import torch_build  # noqa: E402
from qgis_plugin.worker.builder import EnvironmentBuilder, running_builder  # noqa: E402
from qgis_plugin.worker.environment import clean_environment, has_mtrs_geo  # noqa: E402
from qgis_plugin.worker.install_source import InstallSource  # noqa: E402
from qgis_plugin.worker.proxy import with_proxy  # noqa: E402

torch_build.CPU_INDEX = os.environ["TEST_CPU_INDEX"]
EMPTY = folder / "empty_environment"
"""Copy of an environment in which nothing but pip is installed."""


def build(
    name: str, path: str = "", uses_index: bool = True, has_gpu: bool = False,
    is_stopped: bool = False,
) -> dict[str, Any]:  # fmt: skip
    source = InstallSource(str(folder / path) if path else "", uses_index)
    if EMPTY.is_dir() and not (folder / name).exists():
        # venv is fast where pip is installed already.
        shutil.copytree(EMPTY, folder / name, symlinks=True)
    builder = EnvironmentBuilder(folder / name, source, has_gpu)
    loop, facts = QEventLoop(), {"log": "", "kind": source.kind}

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
    page.source.setFilePath(str(folder / "empty"))
    page.run_create()
    during = page.create.text()
    page._builder.done.connect(lambda *_: QTimer.singleShot(0, loop.quit))
    loop.exec() if hasattr(loop, "exec") else loop.exec_()
    return [during, page.create.text(), page.state.text(), page.report.toPlainText()]


def close_page() -> list[Any]:
    """Close the page during a creation, open another one, and hide it during a test."""
    page, loop, ends = OptionsPage(), QEventLoop(), []
    page.source.setFilePath(str(folder / "empty"))
    page.run_create()
    builder = running_builder()
    builder.done.connect(lambda *end: (ends.append(end), loop.quit()))
    page.deleteLater()
    del page
    QTimer.singleShot(200, loop.quit)
    loop.exec() if hasattr(loop, "exec") else loop.exec_()
    other = OptionsPage()
    shown = [other.create.text(), other.report.toPlainText().partition(":")[0]]
    if not ends:
        loop.exec() if hasattr(loop, "exec") else loop.exec_()
    shown.append(other.create.text())
    other.show()
    other.run_test()
    other.hide()
    return [shown, [end[0] for end in ends], running_builder(), other.test.isEnabled(),
            other.state.text()]  # fmt: skip


def sources_on_page() -> dict[str, Any]:
    """Set each kind of path on the settings page."""
    page, facts = OptionsPage(), {}
    facts["start"] = [page.kind.currentData(), page.install_source().path, page.disk.text()]
    for name in ("ours/mtrs_geo-9.9-py3-none-any.whl", "ours", "whole", "checkout"):
        page.source.setFilePath(str(folder / name))
        shown = [page.kind.currentData(), page.uses_index.isChecked(), page.command.text()]
        facts[name] = [shown[0], shown[1], shown[2].partition(" --upgrade ")[2]]
    page.uses_index.setChecked(False)
    facts["without"] = page.command.text()
    page.kind.setCurrentIndex(page.kind.findData("index"))
    page.kind.activated.emit(0)
    facts["back"] = page.command.text().partition(" --upgrade ")[2]
    real, settings.free_disk_gb = settings.free_disk_gb, lambda _: 0.5
    full = OptionsPage()
    facts["full"] = full.disk.text()
    settings.free_disk_gb = real
    return facts


def proxy() -> list[str]:
    settings = QgsSettings()
    for key, value in (
        ("Enabled", True), ("Type", "HttpProxy"), ("Host", "proxy.test"), ("Port", "8080"),
        ("User", "me"), ("Password", "p@ss"),
    ):  # fmt: skip
        settings.setValue(f"proxy/proxy{key}", value)
    found = with_proxy(clean_environment())
    settings.setValue("proxy/proxyEnabled", False)
    return [found.value("HTTP_PROXY"), found.value("HTTPS_PROXY")]


whole = build("of_folder", "whole", uses_index=False)
bare = build("of_bare", "empty", uses_index=False)
shutil.copytree(folder / "of_bare", EMPTY, symlinks=True)
(folder / "blocked").write_text("")
WHEEL = "ours/mtrs_geo-9.9-py3-none-any.whl"
facts = {
    "whole": whole, "has": has_mtrs_geo(Path(whole["text"])),
    "wheel": build("of_wheel", WHEEL),
    "checkout": build("of_checkout", "checkout"),
    "own_folder": build("of_own_folder", "ours", has_gpu=True),
    "index": build("of_index"),
    "bare": bare,
    "missing": build("of_missing", "no/such.whl"),
    "blocked": build("blocked", "empty"),
    "stopped": build("of_stopped", "whole", uses_index=False, is_stopped=True),
    "page": create_on_page(), "closed": close_page(), "sources": sources_on_page(),
    "proxy": proxy(),
}  # fmt: skip
os.environ["PIP_INDEX_URL"] = os.environ["TEST_PLAIN_INDEX"]
facts["plain_index"] = build("of_plain_index", WHEEL)
torch_build.CPU_INDEX = "http://127.0.0.1:9/simple/"
facts["no_cpu_build"] = build("of_no_cpu_build", WHEEL)
print(json.dumps(facts), flush=True)  # noqa: T201
os._exit(0)
