"""What is wrong with a policy before it is published: some findings block, others warn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from approval.rules.policy import Policy
from approval.rules.policy_format import number


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


def lints(policy: Policy, params: Mapping[str, Decimal] | None = None) -> tuple[Lint, ...]:
    """Every finding; `params` are figures of the company that fill `per` params (None: do not ask for them yet)."""
    return (
        *_weights(policy),
        *_kpi(policy),
        *_scales(policy),
        *_streaks(policy),
        *_legal(policy),
        *_filled(policy, params),
    )


def _weights(policy: Policy) -> Iterator[Lint]:
    total = sum((part.weight for part in policy.parts), Decimal(0))
    if policy.parts and total != 1:
        yield Lint("block", "weights", "appraisal.parts", "评分权重之和是 %(total)s，必须等于 1", {"total": total})
    if policy.pays and "score" in policy.inputs and not policy.parts and policy.cycle == "month":
        yield Lint("block", "no_parts", "appraisal.parts", "方案按分数计薪，但没有写明由谁评分")


def _kpi(policy: Policy) -> Iterator[Lint]:
    total = sum((item.max for item in policy.kpi), Decimal(0))
    if policy.kpi and total != 100:
        yield Lint("block", "kpi_sum", "kpi", "考核指标满分之和是 %(total)s，必须等于 100", {"total": total})
    for item in policy.kpi:
        if item.assumed:
            yield Lint("warn", "assumed", f"kpi.{item.code}", "“%(item)s”的分值原文没有，是推定的", {"item": item.zh})


def _scales(policy: Policy) -> Iterator[Lint]:
    marked = set(policy.raw.get("lint", {}).get("non_decreasing", ()))
    for code, scale in policy.scales.items():
        pieces: Sequence[Mapping[str, Any]] = scale["pieces"]
        if any(any(g in piece for g in ("lt", "le", "gt", "ge")) for piece in pieces[-1:]):
            yield Lint("block", "gap", f"scales.{code}", "档位没有覆盖所有分数（缺最后一档）")
        values = [number(piece["value"]) for piece in pieces if "value" in piece]
        if len(values) == len(pieces) and values != sorted(values):
            severity = "block" if f"scales.{code}" in marked else "warn"
            yield Lint(severity, "not_monotone", f"scales.{code}", "分数升高时数值反而下降，请确认读法")


def _streaks(policy: Policy) -> Iterator[Lint]:
    for one in policy.raw.get("streaks", ()):
        if one.get("human_decision") is not True:
            path = f"streaks.{one['code']}"
            yield Lint("block", "human_decision", path, "连续月规则必须由人决定（human_decision = true）")


def _legal(policy: Policy) -> Iterator[Lint]:
    for component in policy.components:
        factors = component["factors"]
        if any(f.get("param") == "base" for f in factors) and any("scale" in f for f in factors):
            path = f"components.{component['code']}"
            yield Lint("warn", "base_times_coefficient", path, "底薪乘以绩效系数有法律风险，建议系数只作用于绩效部分")


def _filled(policy: Policy, params: Mapping[str, Decimal] | None) -> Iterator[Lint]:
    if params is None:
        return
    for code, param in policy.params.items():
        if param.value is None and code not in params:
            yield Lint("block", "missing_param", f"params.{code}", "“%(name)s”还没有填写", {"name": param.zh})


Band = Sequence[str | None]


@dataclass(frozen=True)
class Bands:
    """What a table of bands [from, to, value] suffers from: overlapping pairs, points where a gap begins, a falling value."""

    overlaps: tuple[tuple[int, int], ...]
    gaps_from: tuple[Decimal, ...]
    non_decreasing_first_match: bool


def band_lint(rows: Sequence[Band]) -> Bands:
    """Check bands as printed, from included and to excluded, None open; first match top-down decides (A-01)."""
    spans = [(_bound(row[0], "-1"), _bound(row[1], "101"), number(row[2])) for row in rows]
    overlaps = tuple(
        (i + 1, j + 1)
        for i in range(len(spans))
        for j in range(i + 1, len(spans))
        if max(spans[i][0], spans[j][0]) < min(spans[i][1], spans[j][1])
    )
    edges = sorted({edge for low, high, _ in spans for edge in (low, high)})
    points = [edge for edge in edges if edge < 101]
    firsts = [next((v for low, high, v in spans if low <= point < high), None) for point in points]
    gaps = tuple(point for point, value in zip(points, firsts, strict=True) if value is None)
    known = [value for value in firsts if value is not None]
    return Bands(overlaps, gaps, known == sorted(known))


def _bound(value: str | None, default: str) -> Decimal:
    return Decimal(default) if value is None else number(value)
