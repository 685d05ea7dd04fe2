"""A worked example of a policy: figures typed by the reader, the lines that come of them; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from approval.i18n import in_language, said
from approval.rules.money import typed
from approval.rules.pay import PayResult, evaluate
from approval.rules.policy import Policy
from approval.rules.refusal import Refused
from approval.rules.score import as_seen
from approval.views.policy_words import KINDS, field_name

ROWS = 2
UNITS = {"money": "元", "days": "天", "count": "次", "score": "分", "factor": "系数", "fraction": "比例，如 0.02"}


@dataclass(frozen=True)
class Box:
    """One figure of the example as a form shows it; `choices` where only some words count."""

    name: str
    label: str
    unit: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Example:
    """The boxes with what was typed, and the result or why there is none."""

    boxes: tuple[Box, ...]
    result: PayResult | None
    problem: str
    asked: bool


def example_of(policy: Policy, given: Mapping[str, str]) -> Example:
    """Work an example from query parameters; p.<param>, i.<input>, r.<input>.<place>.<field>."""
    asked = "try" in given
    boxes = (*_params(policy, given), *_inputs(policy, given), *_records(policy, given))
    if not asked:
        return Example(boxes, None, "", asked)
    try:
        month = as_seen(_read(given, "i.") | _rows(policy, given), policy.score_places)
        return Example(boxes, evaluate(policy, _read(given, "p."), month), "", asked)
    except Refused as refused:
        return Example(boxes, None, said(refused), asked)


def _params(policy: Policy, given: Mapping[str, str]) -> list[Box]:
    return [
        Box(
            f"p.{code}",
            in_language(one.zh, one.en),
            _(UNITS[one.type]),
            given.get(f"p.{code}", "" if one.value is None else str(one.value)),
        )
        for code, one in policy.params.items()
    ]


def _inputs(policy: Policy, given: Mapping[str, str]) -> list[Box]:
    return [
        Box(
            f"i.{code}",
            in_language(one.zh, one.en),
            _(UNITS[one.type]),
            given.get(f"i.{code}", "" if one.default is None else str(one.default)),
        )
        for code, one in policy.inputs.items()
        if one.type != "rows"
    ]


PARTNERS = ("A", "B")


def fields_of(policy: Policy, code: str) -> dict[str, tuple[str, ...]]:
    """The fields of a record that the policy reads, in its order; with the words that a field may hold."""
    found: dict[str, list[str]] = {}
    for component in policy.components:
        for factor in component["factors"]:
            if factor.get("rows") == code:
                found.setdefault(factor["field"], [])
                for one in factor.get("where", ()):
                    words = found.setdefault(one["field"], [])
                    if "eq" in one and one["eq"] not in words:
                        words.append(one["eq"])
            table = policy.tables.get(factor.get("table", ""), {})
            if table.get("mode") == "marginal":
                found.setdefault(table["by"], list(PARTNERS))
    return {field: tuple(words) for field, words in found.items()}


def _records(policy: Policy, given: Mapping[str, str]) -> list[Box]:
    boxes = []
    for code, one in policy.inputs.items():
        if one.type != "rows":
            continue
        for place in range(ROWS):
            for field, words in fields_of(policy, code).items():
                name = f"r.{code}.{place}.{field}"
                label = f"{in_language(one.zh, one.en)} {place + 1} · {field_name(field)}"
                choices = tuple((word, _(KINDS.get(word, word))) for word in words)
                boxes.append(Box(name, label, "", given.get(name, ""), choices))
    return boxes


def _read(given: Mapping[str, str], prefix: str) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): _number(text)
        for name, text in given.items()
        if name.startswith(prefix) and text.strip()
    }


def _number(text: str) -> Decimal:
    found = typed(text)
    if found is None:
        raise Refused("“%(value)s”不是数字", fault="not a number", value=text[:40])
    return found


def _rows(policy: Policy, given: Mapping[str, str]) -> dict[str, Any]:
    """The records whose first field is filled; a policy with records and none filled has none in this month."""
    records: dict[str, Any] = {}
    for code, one in policy.inputs.items():
        if one.type != "rows":
            continue
        fields = fields_of(policy, code)
        records[code] = [
            {field: _cell(given.get(f"r.{code}.{place}.{field}", ""), words) for field, words in fields.items()}
            for place in range(ROWS)
            if fields and given.get(f"r.{code}.{place}.{next(iter(fields))}", "").strip()
        ]
    return records


def _cell(text: str, words: tuple[str, ...]) -> Decimal | str | None:
    if words:
        return text
    return _number(text) if text.strip() else None
