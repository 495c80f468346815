"""Requirements of QGIS 4: Qt 6 has no unscoped enums and removed some names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[2] / "qgis_plugin"
FILES = sorted(PLUGIN.rglob("*.py"))
# QGIS's PyQt provides these also on Qt 6.
ALLOWED = {"QVariant.Int", "QVariant.Double", "QVariant.String"}
REMOVED = re.compile(
    r"\.exec_\(|\bQRegExp\b|\bQDesktopWidget\b|\bQTextCodec\b|\bMidButton\b|\.globalPos\(\)"
    r"|\.setMargin\(|fontMetrics\(\)\.width\(|\bQSignalMapper\b|\.toTime_t\(|\.screenGeometry\("
)


def unscoped(tree: ast.AST) -> Iterator[str]:
    """Yield expressions like ``Qt.AlignLeft``: a class name, then a value of one of its enums.

    Calls (``QgsTask.fromFunction()``), scoped enums (``Qt.AlignmentFlag.AlignLeft``) and type
    annotations are excluded.
    """
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qgis")
        for alias in node.names
    }
    excluded = {
        id(node.value if isinstance(node, ast.Attribute) else node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Call)
    }
    types = {
        id(child)
        for node in ast.walk(tree)
        for name in ("annotation", "returns")
        if getattr(node, name, None) is not None
        for child in ast.walk(getattr(node, name))
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or id(node) in excluded | types:
            continue
        is_enum = isinstance(node.value, ast.Name) and node.value.id in imported
        if is_enum and node.attr[:1].isupper() and not node.attr.isupper():
            yield ast.unparse(node)


def test_the_check_finds_unscoped_enums() -> None:
    code = "from qgis.PyQt.QtCore import Qt\na(Qt.AlignLeft, Qt.AlignmentFlag.AlignLeft, Qt.Key(1))"
    assert list(unscoped(ast.parse(code))) == ["Qt.AlignLeft"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PLUGIN)))
def test_ready_for_qt_6(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert set(unscoped(ast.parse(text))) <= ALLOWED
    assert REMOVED.findall(text) == []
