"""The everyday forms of a pay line: what each asks for, and the line, the standard and the figure that come of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from approval.rules.basis import OWN_RULE
from approval.rules.explanation import REWARDS, SHARE_INPUT

Raw = Mapping[str, Any]
STANDARD, RATE, FIGURE, SCALE, RATIO = "standard", "rate", "figure", "scale", "ratio"
ATTENDANCE: Mapping[str, Raw] = {
    "actual": {"type": "days", "source": "attendance", "zh": "实际出勤天数", "en": "Actual days"},
    "scheduled": {"type": "days", "source": "attendance", "zh": "应出勤天数", "en": "Scheduled days"},
}
BY_ATTENDANCE = {"ratio": ["actual", "scheduled"], "max": "1"}
SCORE = {"type": "score", "source": "appraisal", "zh": "绩效分数", "en": "Score"}
RECORDED: Mapping[str, Raw] = {
    "rewards": {
        "type": "money",
        "evidence": True,
        "signed": True,
        "zh": "奖惩",
        "en": "Rewards and penalties",
    },
    SHARE_INPUT: {"type": "money", "source": "pool", "zh": "奖金池份额", "en": "Share of the bonus pool"},
}


@dataclass(frozen=True)
class LineForm:
    """One form: its name (a msgid), the kinds of its factors in turn, the kinds of figure that it takes.

    `takes` names the sum that a record of its own holds: only one line may pay that, and nothing is asked for.
    """

    code: str
    name: str
    asks: tuple[str, ...]
    types: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


FORMS = (
    LineForm("fixed", "固定金额", (STANDARD,)),
    LineForm("attended", "标准 × 出勤", (STANDARD, RATIO)),
    LineForm("scored", "标准 × 绩效系数", (STANDARD, SCALE)),
    LineForm("scored_attended", "标准 × 绩效系数 × 出勤", (STANDARD, SCALE, RATIO)),
    LineForm("weighed", "标准 × 每月系数", (STANDARD, FIGURE), ("factor", "fraction")),
    LineForm("counted", "数量 × 单价", (FIGURE, STANDARD), ("count", "days")),
    LineForm("shared", "金额 × 比例", (FIGURE, RATE), ("money",)),
    LineForm("entered", "每月录入的金额", (FIGURE,), ("money",)),
    LineForm("rewards", "奖惩", (), takes=REWARDS),
    LineForm("pool_share", "奖金池份额", (), takes=(SHARE_INPUT,)),
)
FORM_OF = {one.code: one for one in FORMS}


@dataclass(frozen=True)
class Given:
    """A standard or a figure of the month that a new line asks for: one that is known by its code, or a new one.

    `told` is what the file says of it; None where the policy has it already.
    """

    code: str
    told: Raw | None = None


@dataclass(frozen=True)
class NewLine:
    """A line to be added: its form, its names, and what fills each thing that the form asks for."""

    form: LineForm
    zh: str
    en: str
    parts: Mapping[str, Given]


def standard(zh: str, en: str, value: str | None, kind: str = "money") -> Raw:
    """What the file says of a new standard: one figure for everybody, or set person by person where `value` is None."""
    told: dict[str, Any] = {"per": ["employee"]} if value is None else {"value": value}
    return told | ({} if kind == "money" else {"type": kind}) | {"zh": zh, "en": en, "rules": [OWN_RULE]}


def figure(zh: str, en: str, kind: str, source: str) -> Raw:
    """What the file says of a new figure of the month."""
    return {"type": kind, "source": source, "zh": zh, "en": en}


def factor_of(kind: str, code: str) -> Raw:
    """A factor as the file writes it."""
    named = {STANDARD: "param", RATE: "param", FIGURE: "input", SCALE: "scale"}
    return dict(BY_ATTENDANCE) if kind == RATIO else {named[kind]: code}


# What sheets of their own bring in, whether or not a policy asks for it yet.
BROUGHT: Mapping[str, Raw] = {
    "sales": {"type": "money", "source": "data_department", "zh": "销售额", "en": "Sales"},
    "late": {"type": "count", "source": "attendance", "zh": "迟到次数", "en": "Late"},
    "early": {"type": "count", "source": "attendance", "zh": "早退次数", "en": "Left early"},
    "leave": {"type": "count", "source": "attendance", "zh": "请假次数", "en": "Leave"},
    "absent_days": {"type": "days", "source": "attendance", "zh": "旷工天数", "en": "Days absent"},
    **ATTENDANCE,
}


def known_standards(raws: Iterable[Raw]) -> dict[str, Raw]:
    """The standards that policies in force leave to the company, by code: who has one already need not get another."""
    return {code: told for raw in raws for code, told in raw.get("params", {}).items() if "per" in told}


def known_figures(raws: Iterable[Raw]) -> dict[str, Raw]:
    """The figures that policies in force collect every month, by code, and those that have a sheet of their own."""
    found = {code: told for raw in raws for code, told in raw.get("inputs", {}).items()}
    taken = {code for form in FORMS for code in form.takes}
    return {**BROUGHT, **{code: told for code, told in found.items() if code not in taken and _counts(told)}}


def _counts(told: Raw) -> bool:
    return told.get("type") not in ("rows", "score")
