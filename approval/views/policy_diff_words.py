"""What differs between two versions of a policy, in words: block by block, what stood and what stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from approval.i18n import in_language, own_name
from approval.rules.explanation import SIGNS
from approval.rules.policy import Policy, StreakRule
from approval.rules.policy_diff import WORDED, Change, differences
from approval.views.page import number_text
from approval.views.policy_words import Line, ladders_of, lines_of

Texts = tuple[str, ...]
BLOCKS = {
    "policy": "周期",
    "scope": "适用范围",
    "parts": "评分的权重",
    "indicators": "指标的权重",
    "sampling": "抽查",
    "appraisal": "考核",
    "kpi": "考核指标",
    "components": "工资项目",
    "params": "标准",
    "inputs": "月度数据",
    "scales": "档位",
    "tables": "提成表",
    "ratings": "等级",
    "pools": "奖金池",
    "options": "有多种读法的条款",
    "streaks": "连续月份",
    "publication": "公示",
    "deadlines": "期限",
    "warnings": "提醒",
    "adjustments": "调整",
    "process": "流程",
    "work_time": "工作时间",
    "rounding": "取整",
    "lint": "检查",
}
FIELDS = {
    "cycle": "周期",
    "departments": "部门",
    "positions": "岗位",
    "exclude_positions": "不适用的岗位",
    "per_period": "每周抽查数目",
    "aggregate": "抽查分的汇总",
    "population": "抽查范围",
    "objection_days": "公示天数",
    "channels": "公示渠道",
    "content": "公示内容",
    "rules": "依据",
    "quote": "原文",
    "note": "说明",
}
VALUES = {
    "month": "每月",
    "quarter": "每季度",
    "year": "每年",
    "mean_of_weeks": "先算每周平均，再算各周平均",
    "mean_of_samples": "所有样本一起平均",
    "result": "考核结果",
    "customers": "客户接待记录",
    "work_items": "工作成果",
    "staff": "员工（抽中的人整周一起考察）",
}


@dataclass(frozen=True)
class Told:
    """One part that differs: how (added, removed, changed, worded), its name, and both sides line by line."""

    kind: str
    name: str
    before: Texts
    after: Texts


@dataclass(frozen=True)
class Section:
    """The parts of one block that differ."""

    title: str
    rows: tuple[Told, ...]


def sections_of(old: Policy, new: Policy) -> list[Section]:
    """Everything that differs, block by block in the order of a document; nothing is passed over in silence."""
    changes = differences(old, new)
    before, after = _Teller(old), _Teller(new)
    blocks = dict.fromkeys(change.block for change in changes)
    return [
        Section(
            _(BLOCKS[block]) if block in BLOCKS else block,
            tuple(_told(one, before, after) for one in changes if one.block == block),
        )
        for block in blocks
    ]


def _told(change: Change, before: _Teller, after: _Teller) -> Told:
    was = () if change.before is None else before.texts(change, change.before)
    now = () if change.after is None else after.texts(change, change.after)
    if was == now or change.kind == WORDED:
        was, now = _leaves_that_differ(change.before, change.after)
    return Told(change.kind, _name(change), was, now)


def _name(change: Change) -> str:
    if change.code in FIELDS and change.name.zh == change.code:
        return str(_(FIELDS[change.code]))
    return in_language(change.name.zh, change.name.en)


class _Teller:
    """The words for the parts of one policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._lines = {line.code: line for line in lines_of(policy)}
        codes = [(block, code) for block in ("scales", "tables", "ratings") for code in getattr(policy, block)]
        self._ladders = dict(zip(codes, ladders_of(policy), strict=True))
        self._streaks = {one.code: one for one in policy.streaks}
        self._options = {one.code: one for one in policy.options}

    def texts(self, change: Change, told: Any) -> Texts:
        """One side of a change in words."""
        tell: Mapping[str, Callable[[str, Any], Texts]] = {
            "components": lambda code, _told: _line(self._lines[code]),
            "scales": lambda code, _told: self._ladder("scales", code),
            "tables": lambda code, _told: self._ladder("tables", code),
            "ratings": lambda code, _told: self._ladder("ratings", code),
            "options": lambda code, _told: self._reading(code),
            "streaks": lambda code, _told: (_streak(self._streaks[code]),),
            "kpi": lambda _code, told: (_("满分 %(n)s 分", n=told["max"]),),
            "parts": lambda _code, told: (_percent(told["weight"]),),
            "indicators": lambda _code, told: (_percent(told["weight"]),),
            "params": lambda _code, told: (str(told["value"]) if "value" in told else _("由公司逐人设定"),),
        }
        return tell[change.block](change.code, told) if change.block in tell else _plain(told)

    def _ladder(self, block: str, code: str) -> Texts:
        ladder = self._ladders[block, code]
        return tuple(f"{ladder.asks} {band.bounds} → {band.value}" for band in ladder.rows)

    def _reading(self, code: str) -> Texts:
        option = self._options[code]
        return tuple(in_language(one.zh, one.en) for one in option.readings if one.code == option.default)


def _line(line: Line) -> Texts:
    found = [line.formula]
    if line.unless:
        found.append(_("不发放的情形：%(words)s", words=line.unless))
    if line.when:
        found.append(_("只在此时发放：%(words)s", words=line.when))
    if line.outside_minimum:
        found.append(_("这一项不计入最低工资的比较"))
    if line.caution:
        found.append(line.caution)
    return tuple(found)


def _streak(told: StreakRule) -> str:
    name, bound = told.test
    test = f"{SIGNS[name]} {number_text(bound, None)}"
    if told.mode == "cumulative":
        return str(_("%(window)s 个月内有 %(n)s 个月得分 %(test)s", window=told.window, n=told.run, test=test))
    return str(_("连续 %(n)s 个月得分 %(test)s", n=told.run, test=test))


def _percent(weight: str) -> str:
    return f"{number_text(Decimal(weight) * 100, None)}%"


def _plain(told: Any) -> Texts:
    """A part that has no words of its own: its fields line by line."""
    if isinstance(told, Mapping):
        return tuple(f"{_field(path)} {value}" for path, value in _leaves(told).items())
    if isinstance(told, list):
        return (str(_("、")).join(_value(one) for one in told),)
    return (_value(told),)


def _field(path: str) -> str:
    return str(_(FIELDS[path])) if path in FIELDS else path


def _value(told: Any) -> str:
    if isinstance(told, Mapping):
        return str(_("，")).join(f"{key} {value}" for key, value in _leaves(told).items())
    return own_name(str(_(VALUES[told]))) if told in VALUES else own_name(str(told))


def _leaves(told: Any, path: str = "") -> dict[str, str]:
    """Every value that stands somewhere in a part, by its path."""
    if isinstance(told, Mapping):
        pairs: Sequence[tuple[str, Any]] = [(str(key), value) for key, value in told.items()]
    elif isinstance(told, list):
        pairs = [(str(one.get("code", n) if isinstance(one, Mapping) else n), one) for n, one in enumerate(told, 1)]
    else:
        return {path: _value(told)}
    found: dict[str, str] = {}
    for key, value in pairs:
        found |= _leaves(value, f"{path}.{key}" if path else key)
    return found


def _leaves_that_differ(before: Any, after: Any) -> tuple[Texts, Texts]:
    """Only the values that differ, with their paths: for parts whose words are alike."""
    was, now = _leaves(before) if before is not None else {}, _leaves(after) if after is not None else {}
    differ = [path for path in dict.fromkeys([*was, *now]) if was.get(path) != now.get(path)]
    return (
        tuple(f"{path} {was[path]}".strip() for path in differ if path in was),
        tuple(f"{path} {now[path]}".strip() for path in differ if path in now),
    )
