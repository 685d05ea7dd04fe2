"""One calculation by file: a policy and a month's figures in, the explained lines out."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from approval.rules.pay import PayResult, evaluate
from approval.rules.policy import chosen, load
from approval.rules.refusal import Refused
from approval.rules.score import as_seen


def calc(policy_path: Path, input_path: Path) -> PayResult:
    """Evaluate a policy file on a JSON file {"params": {}, "inputs": {}, "choices": {}}: what `approval calc` prints.

    Amounts are yuan as text. Refused names what cannot be read, is missing or unknown.
    """
    given = _given(input_path)
    policy = chosen(load(_text(policy_path), policy_path.name), given["choices"])
    return evaluate(policy, given["params"], as_seen(given["inputs"], policy.score_places))


def _given(path: Path) -> dict[str, dict[str, Any]]:
    text = _text(path)
    try:
        told = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise Refused(
            "%(name)s 不是正确的 JSON：%(error)s", fault="not JSON", name=path.name, error=str(error)
        ) from None
    keys = ("params", "inputs", "choices")
    if not isinstance(told, dict) or set(told) - set(keys) or not all(isinstance(one, dict) for one in told.values()):
        raise Refused("%(name)s 应为 params、inputs、choices 三张表", fault="not a calculation", name=path.name)
    return {key: told.get(key, {}) for key in keys}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(
            "读不到文件 %(name)s：%(error)s", fault="cannot be read", name=path.name, error=str(error)
        ) from None
