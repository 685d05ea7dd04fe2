"""The parts of a policy by name: what services and pages read, each built from the checked data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from approval.rules.number import number

Raw = Mapping[str, Any]

NAMES = {
    "scheduled": ("应出勤天数", "Scheduled days"),
    "actual": ("实际出勤天数", "Actual days"),
    "late": ("迟到次数", "Late"),
    "early": ("早退次数", "Left early"),
    "leave": ("请假次数", "Leave"),
    "absent_days": ("旷工天数", "Days absent"),
    "score": ("绩效分数", "Score"),
    "base": ("基本工资", "Base pay"),
    "pages": ("活动描述页面", "Activity pages"),
    "articles": ("文章描述页面", "Article pages"),
    "proposals": ("策划提案", "Proposals"),
    "copies": ("文案创意", "Copy ideas"),
    "activities": ("基础活动", "Basic activities"),
}


@dataclass(frozen=True)
class Part:
    """One part of the score: its weight, who gives it (employee or supervisor), and from what (sampling or kpi)."""

    code: str
    weight: Decimal
    by: str
    source: str


@dataclass(frozen=True)
class SamplingPlan:
    """How a week is sampled: from which population, how many at least and as a rule, and how samples become a score."""

    population: str
    minimum: int
    target: int
    aggregate: str


@dataclass(frozen=True)
class KpiItem:
    """One line of the KPI table: points 0..max; `measure` and `suggest` say what counted work is worth.

    `all_or_nothing`: what `suggest` counts gives the full points together or none (A-29); `quote`: the line as printed;
    `target`: what the company wants reached, in words.
    """

    code: str
    max: Decimal
    zh: str
    en: str
    measure: Raw | None
    suggest: tuple[Raw, ...]
    assumed: bool
    rules: tuple[str, ...]
    all_or_nothing: bool = False
    quote: str = ""
    target: str = ""


@dataclass(frozen=True)
class Param:
    """A figure of the policy; `value` None means that the company fills it per employee, position or grade."""

    code: str
    zh: str
    en: str
    value: Decimal | None
    per: tuple[str, ...]
    type: str = "money"

    def of_post(self, grade: str) -> bool:
        """Whether the company's table of posts fills it: a row of a grade, or ("") of every grade (R012)."""
        return self.value is None and ("grade" in self.per or ("position" in self.per and not grade))


@dataclass(frozen=True)
class Input:
    """A figure of the month: `source` says who brings it, `evidence` that it needs a document, `signed` that it may cut pay."""

    code: str
    type: str
    zh: str
    en: str
    default: Decimal | None
    source: str
    evidence: bool = False
    signed: bool = False


@dataclass(frozen=True)
class StreakRule:
    """A run of months that proposes advice (always decided by a human); `window` counts months where mode is cumulative."""

    code: str
    test: tuple[str, Decimal]
    run: int
    mode: str
    gap: str
    action: str
    zh: str
    en: str = ""
    window: int = 12


@dataclass(frozen=True)
class Reading:
    """One way to read a term, in words for whoever must choose it."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Option:
    """A term with several readings; the default holds unless the publisher chooses another.

    `quote` is the source's sentence, `doc` the ambiguity that it carries (A-01).
    """

    code: str
    zh: str
    en: str
    default: str
    choices: tuple[str, ...]
    quote: str
    doc: str = ""
    readings: tuple[Reading, ...] = field(default=())


def part_of(told: Raw) -> Part:
    return Part(told["code"], number(told["weight"]), told["by"], told.get("from", "kpi"))


def plan_of(told: Raw) -> SamplingPlan:
    per = told.get("per_period", {})
    return SamplingPlan(told["population"], int(per.get("min", 3)), int(per.get("target", 5)), told["aggregate"])


def kpi_item_of(told: Raw) -> KpiItem:
    return KpiItem(
        told["code"],
        number(told["max"]),
        told["zh"],
        told.get("en", told["zh"]),
        told.get("measure"),
        tuple(told.get("suggest", ())),
        bool(told.get("assumed", False)),
        tuple(told.get("rules", ())),
        told.get("all_or_nothing") is True,
        told.get("quote", ""),
        str(told.get("target", "")),
    )


def indicator_of(told: Raw) -> KpiItem:
    """An indicator as an item of the quarter's own appraisal: its full points follow from its weight, and stand nowhere else."""
    return kpi_item_of({"zh": told["code"], **told, "max": number(told["weight"]) * 100})


def _named(code: str, told: Raw) -> tuple[str, str]:
    zh, en = NAMES.get(code, (code, code))
    return told.get("zh", zh), told.get("en", en)


def param_of(code: str, told: Raw) -> Param:
    value = told.get("value")
    known = None if value is None else number(value)
    return Param(code, *_named(code, told), known, tuple(told.get("per", ())), told.get("type", "money"))


def input_of(code: str, told: Raw) -> Input:
    default = told.get("default")
    return Input(
        code,
        told["type"],
        *_named(code, told),
        None if default is None else number(default),
        told.get("source", ""),
        told.get("evidence") is True,
        told.get("signed") is True,
    )


def streak_of(told: Raw) -> StreakRule:
    ((name, bound),) = told["test"].items()
    zh = told.get("zh", told["code"])
    return StreakRule(
        told["code"],
        (name, number(bound)),
        int(told["run"]),
        told.get("mode", "consecutive"),
        told.get("gap", "break"),
        told["action"],
        zh,
        told.get("en", zh),
        int(told.get("window", 12)),
    )


def option_of(code: str, told: Raw) -> Option:
    names = told.get("names", {})
    readings = tuple(
        Reading(choice, one.get("zh", choice), one.get("en", one.get("zh", choice)))
        for choice in told["choices"]
        for one in (names.get(choice, {}),)
    )
    return Option(
        code,
        told["zh"],
        told.get("en", told["zh"]),
        told["default"],
        tuple(told["choices"]),
        told.get("quote", ""),
        told.get("doc", ""),
        readings,
    )
