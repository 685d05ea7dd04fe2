"""Which lines of a policy pay the agreed base, by their names or by their part in the month, and are weighed by performance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from approval.rules.number import number
from approval.rules.policy import Input, Param, Policy

Raw = Mapping[str, Any]
BASE_CODES = frozenset(("base", "base_pay", "base_wage", "base_salary", "basic_pay", "basic_wage", "basic_salary"))
BASE_NAMES = re.compile(
    "底薪|(基本|基础|固定|标准|合同|岗位|职务)(工资|薪资|薪酬|薪水|薪)|月薪"
    r"|\b(base|basic|fixed|agreed|contractual)\W+(pay|wages?|salary)\b",
    re.IGNORECASE,
)
# What is paid beside an agreed wage: its being there does not say that the wage is paid without a coefficient.
BESIDE_NAMES = re.compile("补贴|津贴|补助|全勤|奖|提成|分红|allowance|bonus|reward|commission|subsid", re.IGNORECASE)
# What is performance pay by its name may be weighed by performance; that is its purpose (R016, R123).
PERFORMANCE_NAMES = re.compile("绩效|performance", re.IGNORECASE)


def weighted_base(policy: Policy) -> Iterator[Raw]:
    """The lines that multiply the agreed base by a coefficient (section 6: agreed pay is paid in full).

    A line pays the base if its name, its figure's or its code says so; or, whatever it is called, if it pays a set amount
    and the policy that governs the post pays no set amount but allowances and bonuses without a coefficient. A share of a
    base that another line pays in full is performance pay.
    """
    whole_wage = policy.cycle == "month" and policy.pays and not policy.adds and not _pays_some_wage(policy)
    for line in policy.components:
        if any(_is_coefficient(policy, factor) for factor in line["factors"]):
            called = _is_called_base(policy, line) and not _is_share_of_paid(policy, line)
            if called or (whole_wage and _may_be_wage(policy, line)):
                yield line


def _is_share_of_paid(policy: Policy, line: Raw) -> bool:
    """Whether a line pays a fraction of figures that another line pays without a coefficient (20 % of a base beside it)."""
    paid = {
        factor["param"]
        for other in policy.components
        if not any(_is_coefficient(policy, one) for one in other["factors"])
        for factor in other["factors"]
        if "param" in factor
    }
    figures = {factor["param"] for factor in line["factors"] if "param" in factor}
    return figures <= paid and any(abs(number(one["const"])) < 1 for one in line["factors"] if "const" in one)


def _pays_some_wage(policy: Policy) -> bool:
    """Whether an amount is paid that no coefficient weighs and that is no allowance or bonus."""
    return any(
        _is_set_amount(policy, line) and not _said(BESIDE_NAMES, policy, line)
        for line in policy.components
        if not any(_is_coefficient(policy, factor) for factor in line["factors"])
    )


def _may_be_wage(policy: Policy, line: Raw) -> bool:
    beside = _said(BESIDE_NAMES, policy, line) or _said(PERFORMANCE_NAMES, policy, line)
    return _is_set_amount(policy, line) and not beside


def _is_set_amount(policy: Policy, line: Raw) -> bool:
    """An amount that the policy or the company sets, weighed at most by days and coefficients: no count, sales or records."""
    factors = line["factors"]
    measured = any("rows" in factor or _type(policy, factor) in ("money", "count") for factor in factors)
    amounts = [one for one in factors if "const" in one or ("param" in one and _param_type(policy, one) == "money")]
    return bool(amounts) and not measured


def _is_called_base(policy: Policy, line: Raw) -> bool:
    figures = {factor[kind] for factor in line["factors"] for kind in ("param", "input") if kind in factor}
    return bool(figures & BASE_CODES) or _said(BASE_NAMES, policy, line)


def _said(words: re.Pattern[str], policy: Policy, line: Raw) -> bool:
    """Whether a line or one of its figures is called so, in either language."""
    named: list[Param | Input] = [policy.params[one["param"]] for one in line["factors"] if "param" in one]
    named += [policy.inputs[one["input"]] for one in line["factors"] if "input" in one]
    names = [line.get("zh", ""), line.get("en", ""), *(name for one in named for name in (one.zh, one.en))]
    return any(words.search(name) for name in names)


def _is_coefficient(policy: Policy, factor: Raw) -> bool:
    """Whether a factor weighs a line by performance: a scale, a column, a score or coefficient of the month; days do not."""
    return "scale" in factor or "table" in factor or _type(policy, factor) in ("score", "factor", "fraction")


def _type(policy: Policy, factor: Raw) -> str:
    return policy.inputs[factor["input"]].type if "input" in factor else ""


def _param_type(policy: Policy, factor: Raw) -> str:
    return policy.params[factor["param"]].type
