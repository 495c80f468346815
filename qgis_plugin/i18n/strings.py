"""Update translation files from the sources: ``python -m qgis_plugin.i18n.strings [FILE.ts …]``.

Adds new texts as unfinished and removes texts that are no longer used; needs no QGIS.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from xml.sax.saxutils import escape  # nosec B406 - writes text, reads nothing

__all__ = ["read_ts", "source_texts", "write_ts"]

_PLUGIN = Path(__file__).resolve().parents[1]


def source_texts() -> list[str]:
    """Return every text that the sources translate, sorted."""
    texts: set[str] = set()
    for path in sorted(_PLUGIN.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = _text(node)
            if text is not None:
                texts.add(text)
    return sorted(texts)


def read_ts(path: Path) -> dict[str, str]:
    """Return a mapping of source text to translation; empty if a text is not translated."""
    from xml.etree import ElementTree  # nosec B405 - a file of this repository

    root = ElementTree.parse(path).getroot()  # nosec B314
    return {m.findtext("source", ""): m.findtext("translation", "") for m in root.iter("message")}


def write_ts(path: Path, language: str, translations: dict[str, str]) -> None:
    """Write a translation file for Qt's lrelease and Linguist."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>', "<!DOCTYPE TS>",
        f'<TS version="2.1" language="{language}" sourcelanguage="en">', "<context>",
        "    <name>mtrs_geo</name>",
    ]  # fmt: skip
    for text in source_texts():
        translation = translations.get(text, "")
        state = "" if translation else ' type="unfinished"'
        lines += [
            "    <message>", f"        <source>{escape(text)}</source>",
            f"        <translation{state}>{escape(translation)}</translation>", "    </message>",
        ]  # fmt: skip
    path.write_text("\n".join([*lines, "</context>", "</TS>", ""]), encoding="utf-8")


def _text(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    positions = {"tr": slice(1), "translate": slice(1, 2), "Direction": slice(1, 2)}
    arguments = node.args[positions[name]] if name in positions else []
    is_text = arguments and isinstance(arguments[0], ast.Constant)
    return str(arguments[0].value) if is_text else None


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name)
        write_ts(file, file.stem, read_ts(file))
