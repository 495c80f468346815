"""Lists the plugin's texts for translators: ``python -m qgis_plugin.i18n.strings [FILE.ts …]``.

Adds new texts to the files, unfinished, and drops those that are gone; needs no QGIS.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from xml.sax.saxutils import escape  # nosec B406 - writes text, reads nothing

__all__ = ["read_ts", "texts", "write_ts"]

_PLUGIN = Path(__file__).resolve().parents[1]


def texts() -> list[str]:
    """Return every text that is shown through ``tr``, in a fixed order."""
    found: dict[str, None] = {}
    for path in sorted(_PLUGIN.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = _text(node)
            if text is not None:
                found[text] = None
    return sorted(found)


def read_ts(path: Path) -> dict[str, str]:
    """Return the translations of a file, empty for what is not translated."""
    from xml.etree import ElementTree  # nosec B405 - a file of this repository

    root = ElementTree.parse(path).getroot()  # nosec B314
    return {m.findtext("source", ""): m.findtext("translation", "") for m in root.iter("message")}


def write_ts(path: Path, language: str, known: dict[str, str]) -> None:
    """Write a file for Qt's lrelease and Linguist."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>', "<!DOCTYPE TS>",
        f'<TS version="2.1" language="{language}" sourcelanguage="en">', "<context>",
        "    <name>mtrs_geo</name>",
    ]  # fmt: skip
    for text in texts():
        said = known.get(text, "")
        state = "" if said else ' type="unfinished"'
        lines += [
            "    <message>", f"        <source>{escape(text)}</source>",
            f"        <translation{state}>{escape(said)}</translation>", "    </message>",
        ]  # fmt: skip
    path.write_text("\n".join([*lines, "</context>", "</TS>", ""]), encoding="utf-8")


def _text(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    given = {"tr": node.args[:1], "translate": node.args[1:2], "Kind": node.args[1:2]}.get(name, [])
    is_text = given and isinstance(given[0], ast.Constant)
    return str(given[0].value) if is_text else None


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name)
        write_ts(file, file.stem, read_ts(file))
