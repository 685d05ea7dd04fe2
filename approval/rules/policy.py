"""A policy as data: read from TOML, readings applied, frozen as canonical JSON with its SHA-256 (rules.md section 3)."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from approval.rules.policy_format import NO_SHAPE, check
from approval.rules.policy_misfits import misfits
from approval.rules.policy_parts import (
    NAMES,
    Input,
    KpiItem,
    Option,
    Param,
    Part,
    Raw,
    Reading,
    SamplingPlan,
    StreakRule,
    indicator_of,
    input_of,
    kpi_item_of,
    option_of,
    param_of,
    part_of,
    plan_of,
    streak_of,
)
from approval.rules.readings import patched
from approval.rules.refusal import Refused
from approval.rules.toml_fault import toml_fault

__all__ = [
    "NAMES",
    "Input",
    "KpiItem",
    "Option",
    "Param",
    "Part",
    "Policy",
    "Reading",
    "SamplingPlan",
    "StreakRule",
    "canonical",
    "chosen",
    "chosen_text",
    "fingerprint",
    "load",
    "policy_in_force",
    "read",
    "read_shipped",
    "shipped_codes",
    "shipped_text",
    "thaw",
]

READ_AT_ONCE = (
    "version",
    "source",
    "parts",
    "sampling",
    "kpi",
    "params",
    "inputs",
    "streaks",
    "options",
    "objection_days",
)
SHIPPED = Path(__file__).resolve().parent.parent / "policies"


@dataclass(frozen=True, eq=False)
class Policy:
    """One policy, every part named; `raw` is the checked data behind it, numbers as text. Never changed once read."""

    raw: Raw = field(repr=False)

    @property
    def code(self) -> str:
        return str(self.raw["policy"]["code"])

    @property
    def version(self) -> int:
        return int(self.raw["policy"].get("version", 1))

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
    def adds(self) -> bool:
        """Whether its lines are added to the month of the policy that governs the post, such as bonuses beside wages."""
        return self.raw["scope"].get("adds") is True

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        return tuple(part_of(one) for one in self.raw.get("appraisal", {}).get("parts", ()))

    @property
    def score_places(self) -> int:
        """How many decimals a score keeps: two, or none (A-34)."""
        return int(self.raw.get("rounding", {}).get("score", {}).get("places", 2))

    @cached_property
    def sampling(self) -> SamplingPlan | None:
        plan = self.raw.get("appraisal", {}).get("sampling")
        return None if plan is None else plan_of(plan)

    @cached_property
    def kpi(self) -> tuple[KpiItem, ...]:
        """The KPI items; of a quarter's own appraisal the indicators, each with its weight × 100 as full points (A-23)."""
        told = self.raw.get("appraisal", {})
        if "kpi" not in self.raw and told.get("quarter_score") == "own":
            return tuple(indicator_of(one) for one in told.get("indicators", ()))
        return tuple(kpi_item_of(one) for one in self.raw.get("kpi", ()))

    @cached_property
    def params(self) -> Mapping[str, Param]:
        return {code: param_of(code, told) for code, told in self.raw.get("params", {}).items()}

    @cached_property
    def inputs(self) -> Mapping[str, Input]:
        return {code: input_of(code, told) for code, told in self.raw.get("inputs", {}).items()}

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

    @cached_property
    def streaks(self) -> tuple[StreakRule, ...]:
        return tuple(streak_of(one) for one in self.raw.get("streaks", ()))

    @cached_property
    def options(self) -> tuple[Option, ...]:
        return tuple(option_of(code, one) for code, one in self.raw.get("options", {}).items())

    @property
    def pools(self) -> Sequence[Raw]:
        """The team pools: code, period, sources, completion, eligible, split, approve (R006–R010)."""
        return tuple(self.raw.get("pools", ()))

    @property
    def warnings(self) -> Sequence[Raw]:
        """What is only flagged, never cut (R027): code, the component that it is `of`, and its bound."""
        return tuple(self.raw.get("warnings", ()))

    @property
    def reference_ranges(self) -> Sequence[Raw]:
        """What is usually paid: code, positions, `of` the base or the total, from and to in yuan (R020–R026)."""
        return tuple(self.raw.get("reference_ranges", ()))

    @property
    def deadlines(self) -> Sequence[Raw]:
        return tuple(self.raw.get("deadlines", ()))

    @property
    def publication(self) -> Raw:
        return dict(self.raw.get("publication", {}))

    @property
    def objection_days(self) -> int:
        return int(self.publication.get("objection_days", 0))

    def covers(self, departments: Sequence[str], position: Sequence[str], *, for_pool: bool = False) -> bool:
        """Say whether the scope names one of a person's departments (innermost first) and his position (code or name).

        Positions left out (R011) are left out of the policy's own pay: its team pool is everybody's (`for_pool`, R009, A-31).
        """
        scope = self.raw["scope"]
        if not {"*", *departments} & set(scope["departments"]):
            return False
        if not for_pool and set(position) & set(scope.get("exclude_positions", ())):
            return False
        return bool({"*", *position} & set(scope["positions"]))

    def breadth(self, departments: Sequence[str]) -> tuple[bool, int]:
        """How wide the scope is for a person: a named position before "*", an inner department before an outer one."""
        scope = self.raw["scope"]
        near = [place for place, name in enumerate(departments) if name in scope["departments"]]
        return "*" in scope["positions"], min(near, default=len(departments))


def load(text: str, name: str = "policy.toml") -> Policy:
    """Read a policy from TOML text; Refused names the file, the path and what would be right."""
    try:
        raw = _plain(tomllib.loads(text, parse_float=str))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise toml_fault(error, text, name) from None
    return read(raw, name)


def read(raw: Raw, name: str) -> Policy:
    """A policy whose shape was checked and whose every part can be asked for."""
    try:
        check(raw, name)
        policy = Policy(raw)
        for part in READ_AT_ONCE:
            getattr(policy, part)
    except Refused as refused:
        raise (_in_words(raw, name) if refused.fault == NO_SHAPE else None) or refused from None
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        what = f"{part} {error}"[:120]
        text = "%(name)s 的结构不对：%(what)s；请对照方案格式说明 docs/policy-format.md"
        raise _in_words(raw, name) or Refused(text, fault=NO_SHAPE, name=name, what=what) from None
    return policy


def _in_words(raw: Raw, name: str) -> Refused | None:
    """What stumbled over a value of another kind, told by that value's path; None where every kind is right."""
    found = next(misfits(raw), None)
    if found is None:
        return None
    what = found.text % found.params if found.params else found.text
    return Refused("%(name)s：%(path)s：%(what)s", fault=NO_SHAPE, name=name, path=found.path, what=what)


def _plain(told: Any) -> Any:
    """Dates as text: what is frozen is JSON."""
    if isinstance(told, Mapping):
        return {key: _plain(value) for key, value in told.items()}
    if isinstance(told, list):
        return [_plain(one) for one in told]
    return told.isoformat() if hasattr(told, "isoformat") else told


def shipped_codes() -> tuple[str, ...]:
    """The codes (file names without ending, demo/ first where it applies) of the policies that come with the product."""
    return tuple(path.relative_to(SHIPPED).with_suffix("").as_posix() for path in sorted(SHIPPED.rglob("*.toml")))


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
    return read(patched(policy.raw, choices), policy.code)


def chosen_text(text: str, name: str, choices: Mapping[str, str]) -> Policy:
    """The policy of a text with these readings; one asked for a moment ago is not read again, for it never changes."""
    return _chosen_text(text, name, tuple(sorted(choices.items())))


@lru_cache(maxsize=128)
def _chosen_text(text: str, name: str, choices: tuple[tuple[str, str], ...]) -> Policy:
    return chosen(load(text, name), dict(choices))


def canonical(policy: Policy) -> bytes:
    """The policy as canonical JSON: sorted keys, no spaces, numbers as text."""
    return json.dumps(policy.raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


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
