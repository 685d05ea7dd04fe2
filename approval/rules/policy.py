"""A policy as data: read from TOML, readings applied, frozen as canonical JSON with its SHA-256 (rules.md section 3)."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from approval.rules.policy_format import check, number
from approval.rules.refusal import Refused

SHIPPED = Path(__file__).resolve().parent.parent / "policies"
Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """One part of the score: its weight, who gives it (employee or supervisor), and from what (sampling or kpi)."""

    code: str
    weight: Decimal
    by: str
    source: str


@dataclass(frozen=True)
class SamplingPlan:
    population: str
    minimum: int
    target: int
    aggregate: str


@dataclass(frozen=True)
class KpiItem:
    """One line of the KPI table: points 0..max; `measure` and `suggest` say what counted work is worth."""

    code: str
    max: Decimal
    zh: str
    en: str
    measure: Raw | None
    suggest: tuple[Raw, ...]
    assumed: bool
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Param:
    """A figure of the policy; `value` None means that the company fills it per employee, position or grade."""

    code: str
    zh: str
    en: str
    value: Decimal | None
    per: tuple[str, ...]


@dataclass(frozen=True)
class Input:
    code: str
    type: str
    zh: str
    en: str
    default: Decimal | None
    source: str


@dataclass(frozen=True)
class StreakRule:
    """A run of months that proposes advice (always decided by a human)."""

    code: str
    test: tuple[str, Decimal]
    run: int
    mode: str
    gap: str
    action: str
    zh: str


@dataclass(frozen=True)
class Option:
    """A term with several readings; the default holds unless the publisher chooses another."""

    code: str
    zh: str
    en: str
    default: str
    choices: tuple[str, ...]
    quote: str


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
class Policy:
    """One policy, every part named; `raw` is the checked data behind it, numbers as text."""

    raw: Raw = field(repr=False)

    @property
    def code(self) -> str:
        return str(self.raw["policy"]["code"])

    @property
    def zh(self) -> str:
        return str(self.raw["policy"]["name"]["zh"])

    @property
    def en(self) -> str:
        return str(self.raw["policy"]["name"].get("en", self.zh))

    @property
    def cycle(self) -> str:
        return str(self.raw["policy"]["cycle"])

    @property
    def effective_from(self) -> date:
        return date.fromisoformat(self.raw["policy"]["effective_from"])

    @property
    def effective_to(self) -> date | None:
        told = self.raw["policy"].get("effective_to")
        return date.fromisoformat(told) if told else None

    @property
    def source(self) -> Raw:
        return dict(self.raw["policy"].get("source", {}))

    @property
    def pays(self) -> bool:
        return bool(self.raw.get("components"))

    @property
    def parts(self) -> tuple[Part, ...]:
        told = self.raw.get("appraisal", {}).get("parts", ())
        return tuple(Part(one["code"], number(one["weight"]), one["by"], one.get("from", "kpi")) for one in told)

    @property
    def sampling(self) -> SamplingPlan | None:
        plan = self.raw.get("appraisal", {}).get("sampling")
        if plan is None:
            return None
        per = plan.get("per_period", {})
        return SamplingPlan(plan["population"], int(per.get("min", 3)), int(per.get("target", 5)), plan["aggregate"])

    @property
    def kpi(self) -> tuple[KpiItem, ...]:
        return tuple(
            KpiItem(
                one["code"],
                number(one["max"]),
                one["zh"],
                one.get("en", one["zh"]),
                one.get("measure"),
                tuple(one.get("suggest", ())),
                bool(one.get("assumed", False)),
                tuple(one.get("rules", ())),
            )
            for one in self.raw.get("kpi", ())
        )

    @property
    def params(self) -> dict[str, Param]:
        return {code: _param(code, told) for code, told in self.raw.get("params", {}).items()}

    @property
    def inputs(self) -> dict[str, Input]:
        return {code: _input(code, told) for code, told in self.raw.get("inputs", {}).items()}

    @property
    def components(self) -> Sequence[Raw]:
        return tuple(self.raw.get("components", ()))

    @property
    def scales(self) -> Mapping[str, Raw]:
        return dict(self.raw.get("scales", {}))

    @property
    def ratings(self) -> Mapping[str, Raw]:
        return dict(self.raw.get("ratings", {}))

    @property
    def tables(self) -> Mapping[str, Raw]:
        return dict(self.raw.get("tables", {}))

    @property
    def streaks(self) -> tuple[StreakRule, ...]:
        return tuple(_streak(one) for one in self.raw.get("streaks", ()))

    @property
    def options(self) -> tuple[Option, ...]:
        return tuple(
            Option(
                code, one["zh"], one.get("en", one["zh"]), one["default"], tuple(one["choices"]), one.get("quote", "")
            )
            for code, one in self.raw.get("options", {}).items()
        )

    @property
    def objection_days(self) -> int:
        return int(self.raw.get("publication", {}).get("objection_days", 0))

    def covers(self, departments: Sequence[str], position: Sequence[str]) -> bool:
        """Say whether the scope names one of a person's departments (innermost first) and his position (code or name)."""
        scope = self.raw["scope"]
        if not {"*", *departments} & set(scope["departments"]):
            return False
        if set(position) & set(scope.get("exclude_positions", ())):
            return False
        return bool({"*", *position} & set(scope["positions"]))

    def breadth(self, departments: Sequence[str]) -> tuple[bool, int]:
        """How wide the scope is for a person: a named position before "*", an inner department before an outer one."""
        scope = self.raw["scope"]
        near = [place for place, name in enumerate(departments) if name in scope["departments"]]
        return "*" in scope["positions"], min(near, default=len(departments))


def _param(code: str, told: Raw) -> Param:
    zh, en = NAMES.get(code, (code, code))
    value = told.get("value")
    return Param(
        code,
        told.get("zh", zh),
        told.get("en", en),
        None if value is None else number(value),
        tuple(told.get("per", ())),
    )


def _input(code: str, told: Raw) -> Input:
    zh, en = NAMES.get(code, (code, code))
    default = told.get("default")
    return Input(
        code,
        told["type"],
        told.get("zh", zh),
        told.get("en", en),
        None if default is None else number(default),
        told.get("source", ""),
    )


def _streak(told: Raw) -> StreakRule:
    ((name, bound),) = told["test"].items()
    return StreakRule(
        told["code"],
        (name, number(bound)),
        int(told["run"]),
        told.get("mode", "consecutive"),
        told.get("gap", "break"),
        told["action"],
        told.get("zh", told["code"]),
    )


def load(text: str, name: str = "policy.toml") -> Policy:
    """Read a policy from TOML text; Refused names the file, the path and what would be right."""
    try:
        raw = tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise Refused("%(name)s 不是正确的 TOML：%(error)s", fault="not TOML", name=name, error=str(error)) from None
    check(raw, name)
    return Policy(raw)


def shipped_codes() -> tuple[str, ...]:
    """The codes (file names without ending, demo/ first where it applies) of the policies that come with the product."""
    return tuple(str(path.relative_to(SHIPPED))[:-5] for path in sorted(SHIPPED.rglob("*.toml")))


def shipped_text(code: str) -> str:
    """The TOML text of a shipped policy."""
    if code not in shipped_codes():
        raise Refused("没有随产品提供的方案“%(code)s”", fault="unknown policy", code=code)
    return (SHIPPED / f"{code}.toml").read_text(encoding="utf-8")


def read_shipped(code: str) -> Policy:
    """A shipped policy."""
    return load(shipped_text(code), f"{code}.toml")


def chosen(policy: Policy, choices: Mapping[str, str]) -> Policy:
    """Apply the readings of every option: the chosen ones, else the defaults. Patches that touch one path are refused."""
    raw: dict[str, Any] = deepcopy(dict(policy.raw))
    options = raw.get("options", {})
    for code in choices:
        if code not in options:
            raise Refused("方案没有选项“%(option)s”", fault="unknown option", option=code)
    touched: dict[str, str] = {}
    for code, option in options.items():
        choice = choices.get(code, option["default"])
        if choice not in option["choices"]:
            raise Refused("选项“%(option)s”没有读法“%(choice)s”", fault="unknown choice", option=code, choice=choice)
        for path, value in option["choices"][choice].items():
            if path in touched:
                raise Refused("两个选项改动同一处：%(path)s", fault="colliding patches", path=path)
            touched[path] = code
            _patch(raw, path.split("."), deepcopy(value), path)
        option["default"] = choice
    check(raw, policy.code)
    return Policy(raw)


def _patch(where: Any, steps: Sequence[str], value: Any, path: str) -> None:
    for step in steps[:-1]:
        where = where[_place(where, step, path)]
    where[_place(where, steps[-1], path, may_be_new=isinstance(where, dict))] = value


def _place(where: Any, step: str, path: str, *, may_be_new: bool = False) -> Any:
    """A key of a table, or the index of the element of a list with this code."""
    if isinstance(where, list):
        found = next((i for i, one in enumerate(where) if isinstance(one, dict) and one.get("code") == step), None)
        if found is not None:
            return found
    elif isinstance(where, dict) and (step in where or may_be_new):
        return step
    raise Refused("选项的路径不存在：%(path)s（在“%(step)s”处）", fault="unknown path", path=path, step=step)


def canonical(policy: Policy) -> bytes:
    """The policy as canonical JSON: sorted keys, no spaces, numbers as text."""
    return json.dumps(policy.raw, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def fingerprint(policy: Policy) -> str:
    """SHA-256 of the canonical JSON, hex."""
    return hashlib.sha256(canonical(policy)).hexdigest()


def thaw(body: bytes) -> Policy:
    """The policy that a canonical JSON holds; it evaluates exactly as before."""
    return Policy(json.loads(body))


def policy_in_force(versions: Sequence[tuple[int, date, date | None, str]], day: date) -> int:
    """The number of the published version in force on a day."""
    found = [
        number
        for number, first, last, state in versions
        if state == "published" and first <= day and (last is None or day <= last)
    ]
    if not found:
        raise Refused("%(day)s 没有已发布的方案版本", fault="no published version in force", day=day)
    if len(found) > 1:
        raise Refused("%(day)s 有不止一个已发布的方案版本", fault="more than one published version in force", day=day)
    return found[0]
