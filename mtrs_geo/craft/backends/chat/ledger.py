"""Cache, costs and budget of a chat endpoint, in the project file."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from mtrs_geo.craft.backends.chat.config import ChatConfig
from mtrs_geo.craft.backends.chat.transport import Reply
from mtrs_geo.craft.backends.contract import BudgetExceededError
from mtrs_geo.craft.project import Origin, Project
from mtrs_geo.craft.project.pairs import find_pair
from mtrs_geo.craft.project.work import Cost, add_cost

__all__ = ["ChatLedger"]

_MILLION = 1e6


class ChatLedger:
    """Writes each call at once, so that a killed run has paid for nothing twice.

    Stages must not call a backend inside of a transaction: what the transaction takes back would
    take the costs with it.

    Args:
        project: the project file.
        config: prices and budget.
        origin: the model.
    """

    def __init__(self, project: Project, config: ChatConfig, origin: Origin) -> None:
        self.project, self.config, self.origin = project, config, origin

    def key(self, body: Mapping[str, Any]) -> str:
        """Return the name of a request in the cache: endpoint, model, words and images."""
        text = json.dumps([self.config.base_url, body], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def cached(self, key: str) -> str | None:
        """Return an earlier answer."""
        found = self.project.connection.execute(
            "SELECT response FROM responses WHERE key = ?", (key,)
        ).fetchone()
        return None if found is None else str(found["response"])

    def store(self, key: str, text: str) -> None:
        """Keep an answer that could be used."""
        self.project.connection.execute(
            "INSERT INTO responses VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING",
            (key, text, time.time()),
        )

    def check_budget(self) -> None:
        """Refuse a further call if the budget is spent; one call may exceed it.

        Raises:
            BudgetExceededError: if it is spent.
        """
        price, tokens, calls = self.project.connection.execute(
            "SELECT TOTAL(price), TOTAL(input_tokens + output_tokens), COUNT(*) FROM costs "
            "WHERE outcome != 'cached'"
        ).fetchone()
        spent = (
            (price, self.config.budget, "price"),
            (tokens, self.config.budget_tokens, "tokens"),
            (calls, self.config.budget_calls, "calls"),
        )
        for used, limit, name in spent:
            if limit is not None and used >= limit:
                msg = f"the budget is spent: {used:g} of {limit:g} ({name})"
                raise BudgetExceededError(msg)

    def record(
        self,
        stage: str,
        pair: str,
        outcome: str,
        *,
        reply: Reply | None = None,
        seconds: float = 0.0,
        detail: str = "",
    ) -> None:
        """Write one call, also if it failed."""
        tokens = (reply.input_tokens, reply.output_tokens) if reply else (0, 0)
        prices = self.config.input_price, self.config.output_price
        price = sum(n * p for n, p in zip(tokens, prices, strict=True)) / _MILLION
        if reply is not None and not reply.has_usage:
            detail = f"{detail} The endpoint did not say how many tokens it used.".strip()
        cost = Cost(
            stage, self.origin, outcome, *tokens, price,
            reply.seconds if reply else seconds, detail, find_pair(self.project, pair),
        )  # fmt: skip
        add_cost(self.project, cost)
