"""A whole new policy from a few answers: what every month needs, to be completed on the pages of lines and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import tomlkit

from approval.rules.basis import OWN_RULE
from approval.rules.pay_line_forms import ATTENDANCE, BY_ATTENDANCE, SCORE
from approval.rules.policy_text import item_of

BY_ITEMS, BY_CUSTOMERS, BY_WORK = "items", "customers", "work_items"
SCORED_BY = {BY_ITEMS: "按指标评分", BY_CUSTOMERS: "每周抽查客户服务记录", BY_WORK: "每周抽查工作成果"}
ALL = "*"
OBJECTION_DAYS = 3
Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Blank:
    """What the author says of a new policy; `base` is one base pay for everybody, None where it is set person by person."""

    code: str
    zh: str
    en: str
    departments: Sequence[str]
    positions: Sequence[str]
    begins: date
    scored_by: str
    base: str | None = None


def blank_text(told: Blank) -> str:
    """The text of the new policy: scope, the parts 25/75, base pay by attendance, three days of publication."""
    file = tomlkit.document()
    file.add("format", 1)
    if told.scored_by == BY_ITEMS:
        item = {"code": "item1", "max": 100, "zh": "工作完成情况", "en": "Work done", "rules": [OWN_RULE]}
        file.add("kpi", tomlkit.array().multiline(True))
        file["kpi"].append(item_of(item))
    for block, rows in _blocks(told).items():
        file.add(block, _table(rows))
    lines = tomlkit.aot()
    lines.append(_table(BASE_LINE))
    file.add("components", lines)
    file.add("publication", _table({"content": "result", "objection_days": OBJECTION_DAYS, "rules": [OWN_RULE]}))
    return tomlkit.dumps(file)


BASE_LINE: Raw = {
    "code": "base",
    "zh": "基本工资",
    "en": "Base pay",
    "rules": [OWN_RULE],
    "factors": [{"param": "base"}, BY_ATTENDANCE],
}


def _blocks(told: Blank) -> dict[str, Raw]:
    name = {"zh": told.zh, "en": told.en} if told.en else {"zh": told.zh}
    base: Raw = {"per": ["employee"]} if told.base is None else {"value": told.base}
    return {
        "policy": {
            "code": told.code,
            "version": 1,
            "name": name,
            "source": {"doc": OWN_RULE},
            "effective_from": told.begins.isoformat(),
            "cycle": "month",
        },
        "scope": {"departments": list(told.departments), "positions": list(told.positions)},
        "rounding": {
            "money": {"places": 2, "mode": "half_up", "when": "line"},
            "score": {"places": 2, "mode": "half_up"},
        },
        "appraisal": _appraisal(told.scored_by),
        "params": {"base": {**base, "zh": "基本工资", "en": "Base pay", "rules": [OWN_RULE]}},
        "inputs": {"scheduled": ATTENDANCE["scheduled"], "actual": ATTENDANCE["actual"], "score": SCORE},
    }


def _appraisal(scored_by: str) -> Raw:
    """The parts of the score as the house has them: 25 % self, 75 % supervisor (R073, R074); a plan where it is sampled."""
    sampled = scored_by != BY_ITEMS
    own = {"code": "self", "weight": "0.25", "by": "employee", "zh": "自评", "en": "Self-assessment"}
    his = {"code": "supervisor", "weight": "0.75", "by": "supervisor", "from": "sampling" if sampled else "kpi"}
    his |= {"zh": "抽查打分", "en": "Sampling"} if sampled else {"zh": "主管评分", "en": "Supervisor"}
    plan = {
        "period": "week",
        "population": scored_by,
        "per_period": {"min": 3, "target": 5},
        "method": "random_without_replacement",
        "seed": "recorded_before_draw",
        "aggregate": "mean_of_weeks",
    }
    parts = [{**own, "rules": [OWN_RULE]}, {**his, "rules": [OWN_RULE]}]
    return {"parts": parts, "sampling": plan} if sampled else {"parts": parts}


def _table(rows: Raw) -> Any:
    table = tomlkit.table()
    for key, value in rows.items():
        table.add(key, item_of(value))
    return table
