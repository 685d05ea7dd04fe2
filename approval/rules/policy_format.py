"""What a policy file must look like; every fault is named by file and path, with what would be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from approval.rules.refusal import Refused

CYCLES = ("month", "quarter", "year")
INPUT_TYPES = ("money", "days", "count", "score", "factor", "fraction", "rows")
FACTORS = {"param", "input", "const", "scale", "ratio", "rows", "table"}
GUARDS = ("lt", "le", "gt", "ge")


def number(value: Any) -> Decimal:
    """A number of a policy file: text or a whole number, exact and finite."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if isinstance(value, bool) or not found.is_finite() or found.adjusted() > 15:
        raise Refused('“%(value)s”不是数字；请写成 "0.5" 这样的文字', fault="not a number", value=str(value)[:40])
    return found


def check(raw: Mapping[str, Any], name: str) -> None:
    """Refuse a policy whose shape the evaluator could not read; names every reference and number by its path."""
    try:
        for path, what in _faults(raw):
            raise Refused("%(name)s：%(path)s %(what)s", fault="policy format", name=name, path=path, what=what)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused(
            "%(name)s 的结构不对：%(what)s", fault="policy format", name=name, what=repr(error)[:120]
        ) from None


def _faults(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    head = raw.get("policy")
    if not isinstance(head, Mapping):
        yield "[policy]", "缺少这一节"
        return
    for key in ("code", "name", "effective_from", "cycle"):
        if key not in head:
            yield f"policy.{key}", "必须填写"
            return
    if head["cycle"] not in CYCLES:
        yield "policy.cycle", f"应为 {' / '.join(CYCLES)}"
    date.fromisoformat(str(head["effective_from"]))
    if "scope" not in raw or not raw["scope"].get("departments") or not raw["scope"].get("positions"):
        yield "[scope]", "须写明 departments 和 positions"
    yield from _items(raw)
    yield from _scales(raw)
    yield from _components(raw)


def _items(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for place, part in enumerate(raw.get("appraisal", {}).get("parts", ())):
        number(part["weight"])
        if part["by"] not in ("employee", "supervisor"):
            yield f"appraisal.parts[{place}].by", "应为 employee 或 supervisor"
    for place, item in enumerate(raw.get("kpi", ())):
        if not item.get("code") or not item.get("zh") or number(item["max"]) <= 0:
            yield f"kpi[{place}]", "须写明 code、zh 和大于 0 的 max"
    for code, told in raw.get("params", {}).items():
        if ("value" in told) == ("per" in told):
            yield f"params.{code}", "须写明 value（统一数值）或 per（由公司逐人填写）之一"
        if "value" in told:
            number(told["value"])
    for code, told in raw.get("inputs", {}).items():
        if told.get("type") not in INPUT_TYPES:
            yield f"inputs.{code}.type", f"应为 {' / '.join(INPUT_TYPES)}"
    for streak in raw.get("streaks", ()):
        for one in streak["test"].values():
            number(one)


def _scales(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind in ("scales", "ratings"):
        for code, scale in raw.get(kind, {}).items():
            if not scale.get("pieces") or not scale.get("input"):
                yield f"{kind}.{code}", "须写明 input 和 pieces"
            for place, piece in enumerate(scale.get("pieces", ())):
                wanted = ("value",) if "value" in piece else ("slope", "intercept") if kind == "scales" else ()
                for key in (*wanted, *(g for g in GUARDS if g in piece)):
                    number(piece[key])
                if kind == "scales" and not wanted:
                    yield f"{kind}.{code}.pieces[{place}]", "须写明 value，或 slope 和 intercept"


def _components(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for place, component in enumerate(raw.get("components", ())):
        path = f"components[{place}]"
        if component["code"] in seen:
            yield path, f"code “{component['code']}” 重复"
        seen.add(component["code"])
        for factor in component["factors"]:
            kind = FACTORS & set(factor)
            if len(kind) != 1:
                yield path, f"每个因子须是 {'、'.join(sorted(FACTORS))} 之一"
                continue
            yield from _reference(raw, path, factor, kind.pop())


def _reference(raw: Mapping[str, Any], path: str, factor: Mapping[str, Any], kind: str) -> Iterator[tuple[str, str]]:
    if kind == "const":
        number(factor["const"])
        return
    where = {"param": "params", "scale": "scales", "table": "tables"}.get(kind, "inputs")
    names = factor["ratio"] if kind == "ratio" else [factor[kind]]
    for one in names:
        if one not in raw.get(where, {}):
            yield path, f"引用的 {where}.{one} 不存在"
