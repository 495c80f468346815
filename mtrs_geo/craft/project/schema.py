"""Tables of a project file, and their version."""

from __future__ import annotations

__all__ = ["SCHEMA_VERSION", "TABLES"]

SCHEMA_VERSION = 1

TABLES = """
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE origins (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
    UNIQUE (kind, name, version));
CREATE TABLE pairs (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    before TEXT NOT NULL, after TEXT NOT NULL,
    before_sha256 TEXT NOT NULL, after_sha256 TEXT NOT NULL,
    rows INTEGER NOT NULL, cols INTEGER NOT NULL,
    source TEXT NOT NULL, place TEXT NOT NULL, georeference TEXT, labels TEXT,
    window TEXT);
CREATE TABLE cells (
    pair_id INTEGER NOT NULL REFERENCES pairs, name TEXT NOT NULL,
    answer TEXT NOT NULL, origin_id INTEGER NOT NULL REFERENCES origins,
    PRIMARY KEY (pair_id, name));
CREATE TABLE masks (
    id INTEGER PRIMARY KEY, png BLOB NOT NULL, area_px INTEGER NOT NULL,
    origin_id INTEGER NOT NULL REFERENCES origins);
CREATE TABLE items (
    id INTEGER PRIMARY KEY, pair_id INTEGER NOT NULL REFERENCES pairs,
    key TEXT NOT NULL, change_type TEXT NOT NULL, object_class TEXT NOT NULL, cell TEXT NOT NULL,
    box TEXT, state TEXT NOT NULL DEFAULT 'draft', is_negative INTEGER NOT NULL DEFAULT 0,
    parent_id INTEGER REFERENCES items, is_gold INTEGER NOT NULL DEFAULT 0,
    doubt REAL NOT NULL DEFAULT 1.0, UNIQUE (pair_id, key));
CREATE INDEX items_queue ON items (state, doubt DESC, id);
CREATE TABLE rounds (
    item_id INTEGER NOT NULL REFERENCES items, number INTEGER NOT NULL, stage TEXT NOT NULL,
    sentence TEXT NOT NULL, mask_id INTEGER REFERENCES masks, note TEXT NOT NULL,
    origin_id INTEGER NOT NULL REFERENCES origins, created REAL NOT NULL,
    PRIMARY KEY (item_id, number));
CREATE TABLE checks (
    item_id INTEGER NOT NULL REFERENCES items, round_number INTEGER NOT NULL, name TEXT NOT NULL,
    passed INTEGER NOT NULL, detail TEXT NOT NULL,
    PRIMARY KEY (item_id, round_number, name));
CREATE TABLE judgements (
    item_id INTEGER NOT NULL REFERENCES items, round_number INTEGER NOT NULL,
    question TEXT NOT NULL, yes INTEGER NOT NULL, confidence REAL NOT NULL,
    origin_id INTEGER NOT NULL REFERENCES origins,
    PRIMARY KEY (item_id, round_number, question, origin_id));
CREATE TABLE verdicts (
    key TEXT PRIMARY KEY, item_id INTEGER NOT NULL REFERENCES items,
    round_number INTEGER NOT NULL, auditor TEXT NOT NULL, kind TEXT NOT NULL,
    mask_right INTEGER, sentence_right INTEGER, complete INTEGER,
    reason TEXT NOT NULL, seconds REAL NOT NULL, created REAL NOT NULL);
CREATE INDEX verdicts_item ON verdicts (item_id, created);
CREATE INDEX verdicts_auditor ON verdicts (auditor, created);
CREATE INDEX verdicts_taken_back ON verdicts (reason) WHERE kind = 'undo';
CREATE VIEW standing_verdicts AS
    SELECT * FROM verdicts AS given WHERE kind = 'verdict' AND NOT EXISTS (
        SELECT 1 FROM verdicts WHERE kind = 'undo' AND reason = given.key);
CREATE TABLE edits (
    item_id INTEGER NOT NULL REFERENCES items, round_number INTEGER NOT NULL,
    auditor TEXT NOT NULL, type_before TEXT NOT NULL, type_after TEXT NOT NULL,
    PRIMARY KEY (item_id, round_number));
CREATE TABLE claims (
    item_id INTEGER PRIMARY KEY REFERENCES items, auditor TEXT NOT NULL, until REAL NOT NULL);
CREATE TABLE gold (
    item_id INTEGER PRIMARY KEY REFERENCES items, mask_right INTEGER NOT NULL,
    sentence_right INTEGER NOT NULL, complete INTEGER NOT NULL);
CREATE TABLE strokes (
    key TEXT PRIMARY KEY, item_id INTEGER NOT NULL REFERENCES items,
    round_number INTEGER NOT NULL, auditor TEXT NOT NULL, stroke TEXT NOT NULL,
    is_undone INTEGER NOT NULL DEFAULT 0, created REAL NOT NULL);
CREATE INDEX strokes_item ON strokes (item_id, auditor, created);
CREATE TABLE costs (
    id INTEGER PRIMARY KEY, stage TEXT NOT NULL, pair_id INTEGER, item_id INTEGER,
    origin_id INTEGER NOT NULL REFERENCES origins, outcome TEXT NOT NULL,
    input_tokens INTEGER NOT NULL DEFAULT 0, output_tokens INTEGER NOT NULL DEFAULT 0,
    price REAL NOT NULL DEFAULT 0, seconds REAL NOT NULL DEFAULT 0, detail TEXT NOT NULL,
    created REAL NOT NULL);
CREATE TABLE responses (key TEXT PRIMARY KEY, response TEXT NOT NULL, created REAL NOT NULL);
CREATE TABLE work (
    stage TEXT NOT NULL, subject TEXT NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL,
    created REAL NOT NULL, PRIMARY KEY (stage, subject));
"""
"""``work`` says which stage is done for which subject (``pair 3``, ``item 17``): ``done``, or
``failed`` with the reason.  A stage writes its results and its row here in one transaction.
``edits`` are the rounds that auditors made.  ``claims`` are the items that are shown to an auditor
now, so that no other one gets them.  ``responses`` is the cache of answers of chat endpoints.
``cells.answer`` is ``nothing`` or the number of proposals."""
