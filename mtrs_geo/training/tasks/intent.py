"""Training of the intent head from sentences without images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from mtrs_geo.class_codes import INTENT_CLASSES
from mtrs_geo.data.sentences.expression import Expression
from mtrs_geo.models.network.intent import CHANGE_KINDS
from mtrs_geo.models.reader import Meaning
from mtrs_geo.training.distributed import all_gather
from mtrs_geo.training.reader.sentences import Labelled
from mtrs_geo.training.tasks.stage2 import UNLABELLED, IntentTargets, Stage2Task, intent_loss

__all__ = ["IntentTask", "targets_of_meanings"]

_KINDS = {"appeared": "appear", "disappeared": "disappear"}


class IntentTask(Stage2Task):
    """Trains the intent head only; arguments as in stage 2.

    The frozen text encoder's states of each sentence are computed once and cached.
    """

    monitor = "val_intent"
    unused_submodules = (
        "vision", "fusion", "pixel_decoder", "change_head", "land_cover_head", "language",
        "intent_token", "projector", "mask_decoder",
    )  # fmt: skip

    def configure_metrics(self) -> None:
        """Set the counts of sentences and of correct predictions per field to zero."""
        super().configure_metrics()
        self.counts = [0] * len(_COUNTS)

    def on_fit_start(self) -> None:
        """Cache the frozen states of every sentence."""
        super().on_fit_start()
        self.model.language.cache_sentences = 10**9

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        written, labelled = batch.get("text_only", []), batch.get("labelled", [])
        loss = self.text_intent_loss(written) + self._labelled_loss(labelled)
        self.log("train_loss", loss, prog_bar=True, batch_size=len(written) + len(labelled))
        return loss

    def _labelled_loss(self, rows: Sequence[Labelled]) -> Tensor:
        """Return the intent loss of sentences of which only the meaning is labelled."""
        if not rows:
            return torch.zeros((), device=self.device)
        intent = self.model.embed([row.text for row in rows]).intent
        return intent_loss(intent, targets_of_meanings([r.meaning for r in rows], self.device))

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Count correct predictions; there are no images, so no masks to return."""
        correct = self._correct(batch["text_only"])
        counts = [correct.shape[1], int(correct.all(0).sum()), *correct.sum(1).tolist()]
        self.counts = [old + new for old, new in zip(self.counts, counts, strict=True)]

    def on_validation_epoch_end(self) -> None:
        """Log the share of sentences with a correct intent, in all fields and per field."""
        total, *correct = (sum(counts) for counts in zip(*all_gather(self.counts), strict=True))
        shares = {name: n / max(1, total) for name, n in zip(_COUNTS[1:], correct, strict=True)}
        self.log_dict(shares, prog_bar=True, sync_dist=True)
        self.counts = [0] * len(_COUNTS)

    def _correct(self, expressions: Sequence[Expression]) -> Tensor:
        """Return whether each field is correct, (4, N) bool: kind, place, before, after."""
        intent = self.model.embed([e.text for e in expressions]).intent
        targets = IntentTargets.from_expressions(expressions, self.device)
        return torch.stack([
            intent.kind.argmax(1) == targets.kind,
            intent.place.argmax(1) == targets.place,
            ((intent.before > 0) == targets.before).all(1),
            ((intent.after > 0) == targets.after).all(1),
        ])  # fmt: skip


_COUNTS = ("total", "val_intent", "val_kind", "val_place", "val_before", "val_after")
"""Names of the counts: all sentences, all fields correct, and each field correct."""


def targets_of_meanings(meanings: Sequence[Meaning], device: torch.device) -> IntentTargets:
    """Return the targets of N meanings; their places are open.

    A sentence on no known ground names nothing at both dates, so its answer is empty whatever the
    direction; a class that became another has no one kind of change.
    """
    kinds, sides = [], torch.zeros(2, len(meanings), len(INTENT_CLASSES), dtype=torch.bool)
    for row, meaning in enumerate(meanings):
        kind = _KINDS.get(meaning.direction, UNLABELLED)
        if meaning.direction == "any":
            kind = "state" if meaning.before else "any"
        kinds.append(kind if kind == UNLABELLED else CHANGE_KINDS.index(kind))
        for side, names in zip(sides, (meaning.before, meaning.after), strict=True):
            named = ("nothing",) if meaning.direction == "none" else names or ("any",)
            side[row, [INTENT_CLASSES.index(name) for name in named]] = True
    places = torch.full((len(meanings),), UNLABELLED, device=device)
    before, after = sides.to(device)
    return IntentTargets(torch.tensor(kinds, device=device), places, before, after)
