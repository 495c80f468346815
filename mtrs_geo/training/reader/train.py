"""Fit the sentence reader, and say how well it reads sentences that were left out."""

from __future__ import annotations

import argparse
import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.reader import DIRECTIONS, MEANINGS, Meaning, probabilities
from mtrs_geo.training.reader.augmentation import SentenceWriter
from mtrs_geo.training.reader.network import ReaderNetwork
from mtrs_geo.training.reader.sentences import (
    Labelled,
    read_sentences,
    read_written,
    without_part,
)
from mtrs_geo.understanding import LAND_COVER

__all__ = ["TrainOptions", "main", "read", "train"]

_BATCH, _SORTED_BATCHES, _WARM_UP = 32, 20, 60
_HIDDEN_TOKENS, _SMOOTHING, _WEIGHT_DECAY = 0.02, 0.03, 0.02
_NONE = DIRECTIONS.index("none")
_LEVELS = (0.0, 0.5, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class TrainOptions:
    """How the reader is trained."""

    sentences: int = 70_000
    """Labelled sentences and those that are written from them."""
    epochs: float = 3.0
    learning_rate: float = 1e-4
    """Of the encoder; that of the heads is five times as high."""
    minutes: float = 95.0
    """Longest time; the learning rate falls with the larger share of steps and time."""
    seed: int = 0
    initial: Path | None = None
    """Weights to go on with."""


def train(rows: Sequence[Labelled], options: TrainOptions) -> ReaderNetwork:
    """Return a network that was trained on sentences and on what is written from them."""
    torch.manual_seed(options.seed)
    start = time.monotonic()
    writer = SentenceWriter(rows, options.seed)
    written = [writer.write() for _ in range(options.sentences - len(rows))]
    asked = [*rows, *written]
    network = ReaderNetwork()
    if options.initial is not None:
        network.load_trained(load_file(options.initial))
    states = network.embedded([row.text for row in asked], _HIDDEN_TOKENS)
    targets = _targets([row.meaning for row in asked])
    encoder = [p for p in network.encoder.parameters() if p.requires_grad]
    heads = [*network.heads.parameters(), *network.pooling.parameters()]
    rate = options.learning_rate
    groups = [{"params": encoder, "rate": rate}, {"params": heads, "rate": 5 * rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=_WEIGHT_DECAY)
    steps = int(len(asked) / _BATCH * options.epochs)
    batches = _batches([len(rows) for rows in states], random.Random(options.seed))
    for step in range(steps):
        done = max(step / steps, (time.monotonic() - start) / (60 * options.minutes))
        if done >= 1:
            break
        share = min(1, (step + 1) / _WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * done))
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * share
        batch = next(batches)
        network.train()
        loss = _loss(network([states[i] for i in batch]), [t[batch] for t in targets])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*encoder, *heads], 1.0)
        optimizer.step()
        if step % 100 == 0:
            _say(f"step {step} of {steps}, loss {float(loss.detach()):.2f}")
    return network.eval()


@torch.no_grad()
def read(network: ReaderNetwork, texts: Sequence[str]) -> list[tuple[Meaning, float]]:
    """Return the most probable meaning of each sentence, with its probability."""
    found = []
    for states in network.embedded(texts):
        logits = network([states])
        every = probabilities(*(logits[n][0].numpy() for n in ("direction", "before", "after")))
        best = int(every.argmax())
        found.append((MEANINGS[best], float(every[best])))
    return found


def _targets(meanings: Sequence[Meaning]) -> list[Tensor]:
    """Return directions (N,), and the classes (N, 5) at both dates."""
    directions = torch.tensor([DIRECTIONS.index(m.direction) for m in meanings])
    before, after = (
        torch.tensor([[float(name in named) for name in LAND_COVER] for named in classes])
        for classes in ([m.before for m in meanings], [m.after for m in meanings])
    )
    return [directions, before, after]


def _loss(logits: dict[str, Tensor], targets: Sequence[Tensor]) -> Tensor:
    """Return the loss of a batch; classes count where the sentence asks for a change."""
    direction, before, after = targets
    asks = (direction != _NONE).float()[:, None]
    classes = sum(
        F.binary_cross_entropy_with_logits(logits[name], target, reduction="none")
        for name, target in (("before", before), ("after", after))
    )
    exclusive = F.cross_entropy(logits["direction"], direction, label_smoothing=_SMOOTHING)
    return exclusive + (classes * asks).sum() / asks.sum().clamp_min(1)


def _batches(lengths: Sequence[int], rng: random.Random) -> Iterator[list[int]]:
    """Yield batches of sentences of similar length, without end."""
    while True:
        order = list(range(len(lengths)))
        rng.shuffle(order)
        found = []
        for start in range(0, len(order), _BATCH * _SORTED_BATCHES):
            part = sorted(order[start : start + _BATCH * _SORTED_BATCHES], key=lengths.__getitem__)
            found += [part[i : i + _BATCH] for i in range(0, len(part), _BATCH)]
        rng.shuffle(found)
        yield from found


def _report(rows: Sequence[Labelled], found: Sequence[tuple[Meaning, float]]) -> Iterator[str]:
    """Yield per group and confidence the share that is read right, wrong or as no question."""
    for least in _LEVELS:
        counts: dict[str, Counter[str]] = {}
        for row, (meaning, confidence) in zip(rows, found, strict=True):
            kind = "right" if meaning == row.meaning else "wrong"
            kind = "none" if meaning.direction == "none" else kind
            count = counts.setdefault(row.group, Counter())
            count[kind if confidence >= least else "unsure"] += 1
        for group, count in counts.items():
            shares = ", ".join(f"{k} {n / count.total():.3f}" for k, n in sorted(count.items()))
            yield f"confidence {least}: {group}: {count.total()} sentences, {shares}"


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def main() -> None:
    """Train on a file of labelled sentences; with ``--without``, also test."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sentences", type=Path, help="JSON lines, as tests/understanding has them")
    parser.add_argument("--output", type=Path, help="the weights to write")
    parser.add_argument("--initial", type=Path, help="weights of this command to go on with")
    parser.add_argument("--minutes", type=float, default=TrainOptions.minutes)
    parser.add_argument("--without", type=int, help="leave out this part of four, and read it")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rows = [
        *read_sentences(arguments.sentences),
        *read_sentences(arguments.sentences, "development"),
        *read_written(),
    ]
    left_out = list[Labelled]()
    if arguments.without is not None:
        rows, left_out = without_part(rows, arguments.without, 4)
    options = TrainOptions(
        minutes=arguments.minutes, seed=arguments.seed, initial=arguments.initial
    )
    network = train(rows, options)
    if arguments.output:
        save_file(network.trained_tensors(), arguments.output)
    for line in _report(left_out, read(network, [row.text for row in left_out])):
        _say(line)
