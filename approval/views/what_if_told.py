"""A what-if as data for the API and the command line: money in fen as whole numbers, scores as text, reasons in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from approval.i18n import said
from approval.rules.money import half_width
from approval.rules.refusal import Refused
from approval.rules.replay import TierMove
from approval.rules.what_if import Cost, Fairness, LineChange, MonthChange, NotReplayed, PersonChange, WhatIf


def choices_of(told: Sequence[str]) -> dict[str, str]:
    """Readings as they are typed (tiers=ladder90), by option."""
    choices: dict[str, str] = {}
    for one in told:
        option, sign, choice = half_width(one).partition("=")
        if not (option and sign and choice):
            raise Refused(
                "读法“%(value)s”看不懂；请写成 tiers=ladder90 这样的 选项=读法", fault="not a reading", value=one[:60]
            )
        choices[option] = choice
    return choices


def number_of(told: str) -> int | None:
    """The number of a version as it is typed; None where nothing is."""
    if not told:
        return None
    if not (told.isascii() and told.isdigit() and len(told) < 7):
        raise Refused("版本号“%(value)s”不是整数", fault="not a number", value=told[:20])
    return int(told)


def as_json(answer: WhatIf, number: int) -> dict[str, Any]:
    """The whole answer."""
    return {
        "policy": answer.policy.code,
        "version": number,
        "readings": {one.code: one.default for one in answer.policy.options},
        "periods": list(answer.periods),
        "department": answer.department.zh if answer.department else None,
        **_sums(answer),
        "people": [_person(one) for one in answer.people],
        "departments": [_cost(one) for one in answer.departments],
        "left_out": [_left_out(one) for one in answer.left_out],
        "without_minimum": list(answer.without_minimum),
        "fairness": [
            {"period": one.period, "people": one.people, "before": _fairness(one.before), "after": _fairness(one.after)}
            for one in answer.fairness
        ],
    }


def _sums(told: WhatIf | PersonChange | Cost) -> dict[str, int]:
    return {"before_fen": told.before_fen, "after_fen": told.after_fen, "difference_fen": told.difference_fen}


def _person(one: PersonChange) -> dict[str, Any]:
    named = {"number": one.number, "name": one.name, "department": one.department.zh}
    return {**named, **_sums(one), "months": [_month(month) for month in one.months]}


def _month(one: MonthChange) -> dict[str, Any]:
    return {
        "period": one.period,
        "score_before": _text(one.score_before),
        "score_after": _text(one.score_after),
        "before_fen": one.before.total_fen,
        "after_fen": one.after.total_fen,
        "difference_fen": one.difference_fen,
        "lines": [_line(line) for line in one.lines],
        "tiers": [_move(move) for move in one.moves],
        "minimum_fen": one.minimum_fen,
        "gap_before_fen": one.gap_before_fen,
        "gap_after_fen": one.gap_after_fen,
    }


def _line(one: LineChange) -> dict[str, Any]:
    return {**vars(one), "difference_fen": one.difference_fen}


def _move(one: TierMove) -> dict[str, Mapping[str, str]]:
    return {"name": one.name._asdict(), "before": one.before._asdict(), "after": one.after._asdict()}


def _cost(one: Cost) -> dict[str, Any]:
    return {"department": one.department.zh, "people": one.people, **_sums(one)}


def _left_out(one: NotReplayed) -> dict[str, str]:
    return {"number": one.number, "name": one.name, "period": one.period, "reason": said(one.reason)}


def _fairness(one: Fairness) -> dict[str, Any]:
    return {
        "correlation": _text(one.correlation),
        "inversions": one.inversions,
        "median_ratio": _text(one.median_ratio),
        "gini": _text(one.gini),
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
