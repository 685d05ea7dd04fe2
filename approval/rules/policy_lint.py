"""What is wrong with a policy before it is published: some findings block, others warn (rules.md section 3)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from approval.rules.band_lint import (
    ANY,
    DOMAINS,
    Bands,
    band_lint,
    first_gap,
    never_reached,
    printed_overlaps,
)
from approval.rules.base_pay import weighted_base
from approval.rules.deduction import deducting
from approval.rules.explanation import REWARDS, SHARE_INPUT, Name, text_of
from approval.rules.fall_lint import falls, ladders
from approval.rules.number import number
from approval.rules.policy import Policy, chosen
from approval.rules.policy_asked import asked, lines_on
from approval.rules.policy_misfits import misfits
from approval.rules.readings import collisions
from approval.rules.refusal import Refused

__all__ = ["Bands", "Lint", "band_lint", "lints"]

Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Lint:
    """One finding: `block` stops publication; `text` is a Chinese msgid with its params."""

    severity: str
    code: str
    path: str
    text: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.params if self.params else self.text


@lru_cache(maxsize=64)
def lints(policy: Policy) -> tuple[Lint, ...]:
    """Every finding in the policy itself; found once for a policy, which never changes."""
    return (
        *_misfits(policy),
        *_weights(policy),
        *_raters(policy),
        *_kpi(policy),
        *_said_twice(policy),
        *_bands(policy),
        *_monotone(policy),
        *_options(policy),
        *_readings(policy),
        *_streaks(policy),
        *_wording(policy),
        *_legal(policy),
        *_deductions(policy),
        *_without_effect(policy),
        *_idle(policy),
        *_twice(policy),
        *_to_fill("", {key: told for key, told in policy.raw.items() if key != "options"}),
    )


def _misfits(policy: Policy) -> Iterator[Lint]:
    """Versions kept before a key was known stay readable; what is new must fit before it is published."""
    for one in misfits(policy.raw):
        yield Lint("block", "misfit", one.path, one.text, one.params)


def _weights(policy: Policy) -> Iterator[Lint]:
    weighed = {
        "appraisal.parts": [part.weight for part in policy.parts],
        "appraisal.indicators": [
            number(one["weight"]) for one in policy.raw.get("appraisal", {}).get("indicators", ())
        ],
    }
    for path, weights in weighed.items():
        total = sum(weights, Decimal(0))
        if weights and (total != 1 or min(weights) < 0):
            yield Lint("block", "weights", path, "评分权重之和是 %(total)s，必须等于 1", {"total": total})


def _raters(policy: Policy) -> Iterator[Lint]:
    if policy.pays and "score" in policy.inputs and not policy.parts and policy.cycle == "month":
        yield Lint("block", "no_parts", "appraisal.parts", "方案按分数计薪，但没有写明由谁评分")
    for part in policy.parts:
        if part.by == "supervisor" and part.source == "sampling" and policy.sampling is None:
            yield Lint("block", "no_sampling", f"appraisal.parts.{part.code}", "主管评分来自抽查，但没有抽查计划")
        if part.by == "supervisor" and part.source == "kpi" and not policy.kpi:
            yield Lint("block", "no_kpi", f"appraisal.parts.{part.code}", "主管按指标评分，但没有考核指标")


def _kpi(policy: Policy) -> Iterator[Lint]:
    total = sum((item.max for item in policy.kpi), Decimal(0))
    if policy.kpi and total != 100:
        yield Lint("block", "kpi_sum", "kpi", "考核指标满分之和是 %(total)s，必须等于 100", {"total": total})
    for item in policy.kpi:
        if item.assumed:
            yield Lint(
                "warn",
                "assumed",
                f"kpi.{item.code}",
                "“%(item)s”的分值原文没有，是推定的",
                {"item": Name(item.zh, item.en)},
            )


def _said_twice(policy: Policy) -> Iterator[Lint]:
    """A quarter's own appraisal whose items are written beside its indicators: they must say the same (R110, R114)."""
    told = policy.raw.get("appraisal", {})
    if told.get("quarter_score") != "own" or "kpi" not in policy.raw or not told.get("indicators"):
        return
    weights = {one["code"]: number(one["weight"]) * 100 for one in told["indicators"]}
    if weights != {item.code: item.max for item in policy.kpi}:
        text = "考核指标的满分与指标权重不一致；满分须等于权重 × 100，或删去 kpi，由权重得出满分"
        yield Lint("block", "said_twice", "kpi", text)


def _without_effect(policy: Policy) -> Iterator[Lint]:
    """What is written and yet moves nothing: a deadline that no date follows from, a bonus of a month that is never void."""
    blocks = [policy.raw.get("deadlines", ()), (policy.raw.get("adjustments", {}),)]
    deadlines, adjustments = ([one for one in block if isinstance(one, Mapping)] for block in blocks)
    for one in deadlines:
        if (one.get("code"), one.get("anchor")) != ("payout", "evaluation_closed") or policy.cycle == "month":
            text = "这条期限只供阅读：系统只按季度、年度方案里 code = payout、anchor = evaluation_closed 的期限定发薪日"
            yield Lint("warn", "idle_deadline", f"deadlines.{one.get('code', '')}", text)
    if policy.cycle == "month" and any(one.get("violation_voids_bonus") is True for one in adjustments):
        text = "违规只取消季度或年度奖金；月度方案里这一项不起作用"
        yield Lint("warn", "idle_void", "adjustments.violation_voids_bonus", text)


def _ladders(policy: Policy) -> Iterator[tuple[str, str, Sequence[Raw]]]:
    """Every list of bands of the policy: its path, the input that it asks, its pieces."""
    for kind in ("scales", "ratings"):
        for code, scale in policy.raw.get(kind, {}).items():
            yield f"{kind}.{code}", scale["input"], scale["pieces"]
    for code, table in policy.tables.items():
        yield f"tables.{code}", table["key"], table["rows"]


def _bands(policy: Policy) -> Iterator[Lint]:
    for path, code, pieces in _ladders(policy):
        told = policy.inputs.get(code)
        domain = DOMAINS.get(told.type if told else "score", ANY)
        for one, other in printed_overlaps(pieces):
            found = {"one": one, "other": other}
            yield Lint("block", "overlap", path, "第 %(one)s 档与第 %(other)s 档重叠，请选定读法", found)
        gap = first_gap(pieces, domain)
        if gap is not None:
            yield Lint("block", "gap", path, "数值 %(value)s 不在任何一档里", {"value": text_of(gap)})
        for place in never_reached(pieces, domain):
            yield Lint("warn", "never_reached", path, "第 %(place)s 档永远轮不到，前面的档已经包含它", {"place": place})


def _monotone(policy: Policy) -> Iterator[Lint]:
    """More of it, no less pay (R102): a scale or table that is marked blocks, any other warns (A-01, A-02, A-03)."""
    marked = set(policy.raw.get("lint", {}).get("non_decreasing", ()))
    for path in sorted(marked - ladders(policy)):
        yield Lint("block", "unknown_reference", "lint.non_decreasing", "引用的 %(path)s 不存在", {"path": path})
    for fall in falls(policy, marked):
        severity, found = "block" if fall.path in marked else "warn", {"value": text_of(fall.value)}
        if fall.column is not None:
            text, found = "从 %(value)s 起“%(column)s”一列反而下降，请核对各档数值", found | {"column": fall.column}
            yield Lint(severity, "table_falls", fall.path, text, found)
        else:
            yield Lint(severity, "not_monotone", fall.path, "从 %(value)s 起数值反而下降，请确认读法", found)


def _options(policy: Policy) -> Iterator[Lint]:
    for one, other, path in collisions(policy.raw):
        found = {"one": one, "other": other, "path": path}
        text = "选项“%(one)s”与“%(other)s”改动同一处：%(path)s"
        yield Lint("block", "colliding_patches", f"options.{one}", text, found)


def _readings(policy: Policy) -> Iterator[Lint]:
    """Every reading that is not chosen, tried alone: it must be there for whoever chooses it later."""
    for option in policy.options:
        for reading in option.choices:
            try:
                if reading != option.default:
                    chosen(policy, {option.code: reading})
            except Refused as refused:
                path = f"options.{option.code}.choices.{reading}"
                yield Lint("block", "broken_reading", path, refused.text, refused.params)


def _streaks(policy: Policy) -> Iterator[Lint]:
    for one in policy.raw.get("streaks", ()):
        if one.get("human_decision") is not True:
            path = f"streaks.{one['code']}"
            yield Lint("block", "human_decision", path, "连续月规则必须由人决定（human_decision = true）")
    for rule in policy.streaks:
        if rule.mode == "cumulative" and rule.run > rule.window:
            text = "%(window)s 个月里不可能有 %(run)s 个月；请改小 run 或改大 window"
            found = {"window": rule.window, "run": rule.run}
            yield Lint("block", "never_fires", f"streaks.{rule.code}", text, found)


def _name_of(told: Raw, code: Any) -> Name:
    return Name(told.get("zh", code), told.get("en", ""))


# 辞退, 开除, 解雇: as numbers, so that the catalogue of words never holds them.
NEVER_SAID = re.compile(r"\u8f9e\u9000|\u5f00\u9664|\u89e3\u96c7|dismiss|\bfired?\b|\bsack", re.IGNORECASE)


def _wording(policy: Policy) -> Iterator[Lint]:
    """A streak ends in advice to a human: its name does not say what nobody has decided (LCL art. 40)."""
    for one in policy.streaks:
        if NEVER_SAID.search(f"{one.zh} {one.en}"):
            text = "“%(name)s”只是建议，名称不能写辞退、开除一类的话；请改成面谈与培训建议"
            yield Lint("block", "wording", f"streaks.{one.code}", text, {"name": Name(one.zh, one.en)})


def _legal(policy: Policy) -> Iterator[Lint]:
    for component in weighted_base(policy):
        path = f"components.{component['code']}"
        yield Lint("warn", "base_times_coefficient", path, "底薪乘以绩效系数有法律风险，建议系数只作用于绩效部分")
    for component in policy.components:
        if "caution" in component:
            told = {"name": _name_of(component, component["code"]), "caution": _name_of(component["caution"], "")}
            yield Lint("warn", "caution", f"components.{component['code']}", "%(name)s：%(caution)s", told)


def _deductions(policy: Policy) -> Iterator[Lint]:
    """A fine written as a pay line would need neither proof nor a second person, and know no cap (section 6)."""
    for line in deducting(policy):
        text = "“%(name)s”会扣减工资（有小于 0 的数）：罚款不能写成工资项；确需扣款请用“奖惩”，须有凭证、另一人确认，并有上限"
        found = {"name": _name_of(line, line["code"])}
        yield Lint("block", "deduction", f"components.{line['code']}", text, found)


def _idle(policy: Policy) -> Iterator[Lint]:
    """What no line asks for under the chosen readings: it would be collected for nothing."""
    parts = set(asked(policy))
    for kind in ("params", "inputs", "scales", "tables"):
        for code in policy.raw.get(kind, {}):
            if (kind, code) not in parts and policy.pays:
                yield Lint(
                    "warn", "unused", f"{kind}.{code}", "所选读法下没有用到 %(path)s", {"path": f"{kind}.{code}"}
                )


def _twice(policy: Policy) -> Iterator[Lint]:
    """One sum paid by two lines: the month's rewards (by either name), or the share of the pool."""
    for codes, what in ((REWARDS, "奖惩"), ((SHARE_INPUT,), "奖金池份额")):
        lines = [line for code in codes for line in lines_on(policy, code)]
        if len(lines) > 1:
            text = "同一笔%(what)s会由几项重复发放：%(lines)s"
            yield Lint("block", "paid_twice", f"components.{lines[1]}", text, {"what": what, "lines": "、".join(lines)})


def _to_fill(path: str, told: Any) -> Iterator[Lint]:
    """What the source does not print and the company has not filled in yet (A-36); in a reading only once it is chosen."""
    inner = told.items() if isinstance(told, Mapping) else enumerate(told) if isinstance(told, list) else ()
    for key, value in inner:
        code = value.get("code", key) if isinstance(value, Mapping) else key
        here = f"{path}.{code}".lstrip(".")
        if isinstance(value, Mapping) and value.get("to_fill") is True:
            text = "“%(name)s”原文没有印出，请公司填写并确认（方案全文里是删去 to_fill）"
            yield Lint("block", "to_fill", here, text, {"name": _name_of(value, code)})
        yield from _to_fill(here, value)


def scorerless(policy: Policy) -> Iterator[Lint]:
    """A month's policy under which no supervisor scores: its months could never be handed in for review."""
    scored = any(part.by == "supervisor" for part in policy.parts)
    if policy.cycle == "month" and policy.pays and not policy.adds and not scored:
        text = "没有写明主管怎样评分（appraisal.parts），月度考核走不下去；如果是在岗位方案之外加发的奖金，请写 scope.adds = true"
        yield Lint("block", "no_scorer", "appraisal.parts", text)


def unfilled(policy: Policy, known: Collection[str]) -> Iterator[Lint]:
    """The tables that the company sets person by person and of which nobody has a figure yet (A-36)."""
    parts = set(asked(policy))
    for code, param in policy.params.items():
        if param.value is None and code not in known and ("params", code) in parts:
            text = "“%(name)s”由公司设定，适用的人还没有一个设定过；请先在岗位薪酬表或个人页填写，再发布"
            yield Lint("block", "missing_param", f"params.{code}", text, {"name": Name(param.zh, param.en)})
