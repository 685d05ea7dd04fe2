"""The figures of a policy and what it collects every period, in words: how much, who fills it in, who brings it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from approval.i18n import in_language
from approval.rules.policy import Input, Param, Policy
from approval.views.page import number_text
from approval.views.policy_blocks import listed, tag_of, word_of
from approval.views.policy_words import basis_of, field_name, percent, yuan

PER = {"employee": "逐人", "position": "按岗位", "grade": "按职级"}
TITLES = {"month": "每月收集的数据", "quarter": "每季度收集的数据", "year": "每年收集的数据"}
TYPES = {
    "money": "金额",
    "days": "天数",
    "count": "数量",
    "score": "分数",
    "factor": "系数",
    "fraction": "百分比",
    "rows": "逐条明细",
}
SOURCES = {
    "attendance": "考勤",
    "appraisal": "考核",
    "data_department": "数据部门",
    "finance": "财务",
    "hr": "人事",
    "pool": "奖金池",
    "cycle": "各月考核",
}
EXCLUDED = {"statutory": "法定假"}


@dataclass(frozen=True)
class Figure:
    """One figure of the policy: its value, or who fills it in."""

    name: str
    value: str
    tag: str
    rules: Sequence[str]
    quote: str


@dataclass(frozen=True)
class Collected:
    """One thing that is collected: its kind, who brings it, what it must come with."""

    name: str
    kind: str
    source: str
    remarks: Sequence[str]
    tag: str
    rules: Sequence[str]
    quote: str


def figures_of(policy: Policy) -> list[Figure]:
    """The params of a policy in the order in which they are written."""
    told = policy.raw.get("params", {})
    return [
        Figure(in_language(one.zh, one.en), _value(one), tag_of(told[code]), *basis_of(told[code]))
        for code, one in policy.params.items()
    ]


def _value(param: Param) -> str:
    if param.value is None:
        return str(_("由公司%(per)s填写", per=listed([word_of(PER, one) for one in param.per])))
    shown = {"money": yuan, "fraction": percent}
    return shown[param.type](param.value) if param.type in shown else number_text(param.value, None)


def collected_title(policy: Policy) -> str:
    """What the list of collected data is called: it follows the cycle."""
    return str(_(TITLES[policy.cycle]))


def collected_of(policy: Policy) -> list[Collected]:
    """The inputs of a policy in the order in which they are written."""
    told = policy.raw.get("inputs", {})
    return [
        Collected(
            in_language(one.zh, one.en),
            word_of(TYPES, one.type),
            word_of(SOURCES, one.source) if one.source else "",
            list(_remarks(one, told[code])),
            tag_of(told[code]),
            *basis_of(told[code]),
        )
        for code, one in policy.inputs.items()
    ]


def _remarks(one: Input, told: Any) -> Iterator[str]:
    if one.evidence:
        yield _("必须附凭据")
    if one.signed:
        yield _("可以是负数（会减少工资）")
    if one.default is not None:
        yield _("没有数据时按 %(value)s", value=number_text(one.default, None))
    if told.get("exclude"):
        yield _("不计入：%(names)s", names=listed([word_of(EXCLUDED, str(code)) for code in told["exclude"]]))
    if told.get("fields"):
        yield _("每条写明：%(names)s", names=listed([field_name(str(code)) for code in told["fields"]]))
