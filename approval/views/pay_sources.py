"""Where each figure of a kept pay result came from, in words: the file and its row, the policy, a record, a default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from approval.db import db
from approval.i18n import in_language, own_name
from approval.models.figures import ImportBatch
from approval.rules.explanation import REWARDS, PayLine
from approval.rules.line_basis import Asked
from approval.rules.money import yuan
from approval.rules.policy import Input, Param, Policy
from approval.views.page import number_text
from approval.views.policy_words import KINDS, percent

Raw = Mapping[str, Any]
PARTS = {"evidence": "，凭证 %(told)s", "statutory": "，其中法定带薪假 %(told)s 天计为出勤"}


@dataclass(frozen=True)
class Record:
    """One record behind a figure, as it was kept: its number from 1, what it says, whether it counts, its file and row."""

    number: int
    says: str
    amount: str
    counts: bool
    source: str


@dataclass(frozen=True)
class Figure:
    """One figure that a line was computed from: its name, its value, where it came from, and the records behind it."""

    name: str
    value: str
    source: str
    records: Sequence[Record] = ()


@dataclass(frozen=True)
class Kept:
    """The figures of one part of a result (the month, a post of it, a bonus plan) and their sources."""

    params: Raw
    inputs: Raw
    param_sources: Mapping[str, str]
    sources: Mapping[str, str]
    rewards: Sequence[Raw]


def kept_parts(told: Raw) -> list[Kept]:
    """The parts of a kept result in the order of its policies: the month or each of its posts, then each bonus plan."""
    own = told.get("segments") or [told]
    return [_kept(one, told) for one in (*own, *told.get("supplements", ()))]


def _kept(part: Raw, told: Raw) -> Kept:
    sources = part.get("sources") or told["sources"]
    return Kept(part["params"], part["inputs"], part.get("param_sources", {}), sources, told.get("rewards", ()))


def figures_of(policy: Policy, asked: Asked, kept: Kept, line: PayLine) -> list[Figure]:
    """Every figure that a line asked for: params first, then inputs."""
    params = [_param(policy.params[code], kept) for code in asked.params if code in policy.params]
    return params + [_input(policy.inputs[code], kept, line) for code in asked.inputs if code in policy.inputs]


def _param(told: Param, kept: Kept) -> Figure:
    value = kept.params.get(told.code)
    source = kept.param_sources.get(told.code) or ("policy" if _same(value, told.value) else "standard")
    return Figure(in_language(told.zh, told.en), _shown(told.type, value), source_words(source))


def _same(value: object, other: Decimal | None) -> bool:
    return value is not None and other is not None and Decimal(str(value)) == other


def _input(told: Input, kept: Kept, line: PayLine) -> Figure:
    name, value = in_language(told.zh, told.en), kept.inputs.get(told.code)
    if told.code not in kept.inputs:
        default = "0" if told.default is None else number_text(told.default, None)
        return Figure(name, default, _("没有这项记录，按方案默认为 %(value)s", value=default))
    source = kept.sources.get(told.code, "")
    if isinstance(value, list):
        files = source.split(", ") if source else []
        records = [_record(n, row, files, _counted(line, told.code)) for n, row in enumerate(value, 1)]
        return Figure(name, _("%(n)s 条", n=len(value)), "" if records else _("没有记录"), records)
    records = _rewards(kept.rewards) if told.code in REWARDS and source != "elsewhere" else []
    if source == "reward_penalty" and not records and not Decimal(str(value)):
        return Figure(name, _shown(told.type, value), _("本期没有已确认的奖惩"))
    return Figure(name, _shown(told.type, value), source_words(source), records)


def _shown(kind: str, value: object) -> str:
    if value is None:
        return "—"
    exact = Decimal(str(value))
    whole = exact.quantize(Decimal("0.01"))
    return yuan(int(whole * 100)) if kind == "money" and whole == exact else number_text(exact, None)


def _counted(line: PayLine, code: str) -> frozenset[int]:
    """The numbers of the records that a line counts, as its term tells them (计入第 1、3 条)."""
    words = [term.detail.en for term in line.terms if term.kind == "rows" and term.code == code]
    told = words[0].removeprefix("rows ") if words and words[0].startswith("rows ") else ""
    return frozenset(int(one) for one in told.split(", ") if one.isdecimal())


def _record(number: int, row: Raw, files: Sequence[str], counted: frozenset[int]) -> Record:
    margin = row.get("margin")
    says = [str(row.get("partner") or ""), str(_(KINDS.get(str(row.get("kind")), "")) if row.get("kind") else "")]
    says.append(str(_("利润率 %(margin)s", margin="—" if margin is None else percent(margin))))
    source = source_words(files[number - 1]) if number <= len(files) else ""
    return Record(number, " · ".join(filter(None, says)), _shown("money", row.get("amount")), number in counted, source)


def _rewards(told: Sequence[Raw]) -> list[Record]:
    return [
        Record(
            number,
            one["reason"] + (str(_("，凭证 %(proof)s", proof=one["evidence"])) if one["evidence"] else ""),
            yuan(one["amount_fen"]),
            True,
            source_words(one["source"]),
        )
        for number, one in enumerate(told, 1)
    ]


def source_words(source: str) -> str:
    """One source in words, with the document or the leave that it names."""
    first, *more = source.split(", ")
    words = _first(first)
    for one in more:
        kind, _sep, told = one.partition(":")
        if kind in PARTS:
            words += str(_(PARTS[kind], told=number_text(Decimal(told), None) if kind == "statutory" else told))
        elif kind == "import":
            words += str(_("，")) + _first(one)
    return words


def _first(source: str) -> str:
    kind, _sep, told = source.partition(":")
    if kind == "import":
        number, _sep, row = told.partition("#")
        batch = db.session.get(ImportBatch, int(number)) if number.isdecimal() else None
        return str(_("文件 %(file)s 第 %(row)s 行", file=batch.filename if batch else number, row=row))
    if kind == "standard":
        return str(_("个人标准，自 %(day)s 起", day=told) if told else _("个人标准"))
    if kind == "post_standard":
        name, grade, day = told.rsplit("/", 2)
        post = f"{own_name(name)} {grade}".strip()
        return str(_("岗位薪酬表：%(post)s，自 %(day)s 起", post=post, day=day))
    if kind == "attendance":
        return str(_("%(year)s 年截至本月的考勤", year=told))
    return str(_(WORDS.get(kind, "手工录入")))


WORDS = {
    "appraisal": "本期考核单的绩效分数",
    "bonus_pool": "总经理批准的奖金池份额",
    "employment": "入职和离职日期",
    "reward_penalty": "已确认的奖惩合计",
    "policy": "方案里写明的数值",
    "elsewhere": "本月已计入另一岗位或另一方案，这里不重复计",
}


def rewards_shown(told: Sequence[Raw]) -> Figure:
    """The records behind a line that pays rewards and penalties themselves."""
    return Figure(_("已确认的奖惩"), "", "" if told else _("按原方案奖惩项确认的合计"), _rewards(told))
