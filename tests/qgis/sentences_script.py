"""Script of test_sentences.py for QGIS's Python: words of the plugin in English and German."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QLocale, QTranslator

folder, questions = sys.argv[1], json.loads(open(sys.argv[2], encoding="utf-8").read())  # noqa: SIM115 - ends with the script
sys.path.insert(0, folder)
app = QgsApplication([], True)
app.initQgis()

from mtrs_geo_qgis.dock.query_preview import QueryPreview  # noqa: E402
from mtrs_geo_qgis.dock.summary import SummaryCard  # noqa: E402
from mtrs_geo_qgis.sentences.question import (  # noqa: E402
    doubt_texts,
    meaning_text,
    note_texts,
)


def words(questions: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {
        sentence: [
            [meaning_text(one), note_texts(one), doubt_texts(one)] for one in found
        ]
        for sentence, found in questions.items()
    }  # fmt: skip


def preview(sentence: str) -> str:
    shown = QueryPreview()
    shown.set_query(sentence)
    shown._explanations[shown._key(sentence)] = {"questions": questions[sentence]}
    shown._show()
    return shown.text()


def card(*sentences: str) -> str:
    """Return the card of a run with no polygons that warned of every doubt."""
    found = [one for sentence in sentences for one in questions[sentence]]
    warnings = ["far apart"]
    for one in found:
        for doubt in one["doubts"]:
            doubt["warning"] = f"{one['text']!r}: {doubt['text']}"
            warnings.append(doubt["warning"])
    shown = SummaryCard()
    shown.show_result(
        {
            "counts": {one["text"]: 0 if one["question"] else 1500 for one in found
                       if one["answered"]} | {one["text"]: 0 for one in found
                                              if not one["answered"]},
            "areas_m2": {one["text"]: 1234567.0 for one in found}, "changes": {},
            "questions": found, "warnings": warnings, "seconds": 1.0,
        }
    )  # fmt: skip
    return shown.text.text()


questions["how many acres of roads were built?"][0]["answer"] = "1,234.5 acres"


def facts() -> dict[str, Any]:
    return {
        "words": words(questions),
        "refused": preview("hello"), "misspelt": preview("new buidlings"),
        "doubtful": preview("new shiny buildings"),
        "card": card("hello", "new shiny buildings", "are there new schools?"),
        "all refused": card("hello"), "acres": card("how many acres of roads were built?"),
    }  # fmt: skip


QLocale.setDefault(QLocale("en_US"))
found = {"en": facts()}
translator = QTranslator()
assert translator.load(f"{folder}/mtrs_geo_qgis/i18n/de.qm")
QCoreApplication.installTranslator(translator)
QLocale.setDefault(QLocale("de_DE"))
found["de"] = facts()
print(json.dumps(found), flush=True)  # noqa: T201
os._exit(0)
