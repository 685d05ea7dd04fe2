"""记录: the chain of one month as a timeline, told in words; what this reader may not see yet is left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from approval.i18n import in_language, week_text
from approval.models.appraisal import Appraisal
from approval.models.audit import AuditEntry, entries_of
from approval.models.people import Employee
from approval.models.policy import PolicyVersion
from approval.rules.money import display
from approval.services.act import Act
from approval.services.facts import weeks_of
from approval.services.rulebook import policy_of
from approval.services.sight import relations, sees
from approval.views.page import number_text
from workflows.appraisal import LABELS
from workflows.sight import OWN

ACTIONS = {
    "appraisal:start": "考核开启，方案锁定",
    "appraisal:submit": "提交自评",
    "appraisal:withdraw": "撤回自评",
    "appraisal:score_items": "给指标评分",
    "appraisal:conclude": "结束公示并结案",
    "appraisal:enter_void": "录入取消奖金，待第二人确认",
    "appraisal:void_bonus": "奖金取消已确认",
    "appraisal:drop_void": "撤销取消奖金",
    "appraisal:return_to_employee": "退回员工",
    "appraisal:close_scores": "提交评分",
    "appraisal:take_means": "汇总月度得分",
    "appraisal:return_to_supervisor": "退回主管",
    "appraisal:pass_review": "复核通过，开始公示",
    "appraisal:end_publication": "公示结束",
    "appraisal:uphold_objection": "异议成立，重新评分",
    "appraisal:release": "算出工资，等待发放",
    "appraisal:pay": "已发放",
    "appraisal:cancel": "作废考核单",
    "appraisal:segments": "本月调岗，分段计薪",
    "appraisal:segment_days": "填写调岗前后的出勤天数",
    "sampling:record_seed": "记录抽样种子",
    "sampling:draw_sample": "随机抽样",
    "sampling:score_sample": "给样本评分",
    "sampling:void_sample": "样本作废，另抽一条",
    "sampling:waive_week": "这一周不抽查，写明理由",
    "sampling:take_place": "补抽到这一周",
    "evidence:attach": "上传附件",
    "evidence:remove": "移除附件",
}
KINDS = {
    "appraisal:submit": "ok",
    "appraisal:close_scores": "ok",
    "appraisal:take_means": "ok",
    "appraisal:pass_review": "ok",
    "appraisal:pay": "ok",
    "appraisal:withdraw": "ret",
    "appraisal:return_to_employee": "ret",
    "appraisal:return_to_supervisor": "ret",
    "appraisal:uphold_objection": "ret",
    "appraisal:cancel": "ret",
    "sampling:void_sample": "ret",
    "sampling:score_sample": "me",
    "appraisal:score_items": "me",
    "evidence:attach": "me",
}


@dataclass(frozen=True)
class Told:
    """One entry of the chain for the timeline: who, what, when, and each change as (name, before, after).

    `aside` marks what a short list leaves out.
    """

    who: str
    on_behalf_of: str
    action: str
    at: datetime
    reason: str
    from_state: str
    to_state: str
    hash: str
    kind: str
    changes: tuple[tuple[str, str, str], ...]
    aside: bool = False


def of(act: Act, appraisal: Appraisal) -> list[Told]:
    """The chain of a month, oldest first, as this reader may see it."""
    reader = _Reader(act, appraisal)
    return [reader.tell(entry) for entry in entries_of(act.session, appraisal.stream)]


class _Reader:
    """One reader of one chain: asks the table of sight once, and names items once."""

    def __init__(self, act: Act, appraisal: Appraisal) -> None:
        self._act = act
        self._own_points = sees(act, appraisal, "self_score")
        self._scores = sees(act, appraisal, "supervisor_score")
        self._pay = sees(act, appraisal, "pay")
        self._items = {item.code: in_language(item.zh, item.en) for item in policy_of(appraisal).kpi}
        self._policy = appraisal.policy_version
        own = OWN in relations(act, appraisal)
        weeks = weeks_of(act, appraisal) if own and not self._scores else ()
        self._codes = {sample.work_item.code for week in weeks if week.complete for sample in week.samples}

    def tell(self, entry: AuditEntry) -> Told:
        body = json.loads(entry.record)["body"]
        details: dict[str, Callable[[Mapping[str, Any]], list[tuple[str, str, str]]]] = {
            "appraisal:start": lambda b: _started(b, self._policy),
            "appraisal:submit": self._submitted,
            "appraisal:score_items": lambda b: self._moved(b.get("items", {})) if self._scores else [],
            "appraisal:close_scores": self._closed,
            "appraisal:release": lambda b: [(_("合计"), "", display(int(b["total_fen"])))] if self._pay else [],
            "sampling:draw_sample": lambda b: [
                (
                    week_text(str(b.get("week", ""))),
                    "",
                    _("%(all)s 条中抽 %(n)s 条", all=b["population"], n=len(b["drawn"])),
                )
            ],
            "sampling:record_seed": lambda b: [(week_text(str(b.get("week", ""))), "", _("种子已封存"))],
            "sampling:waive_week": lambda b: [(_("周"), "", week_text(str(b.get("week", ""))))],
            "sampling:take_place": lambda b: [(_("周"), "", week_text(str(b.get("week", ""))))],
            "sampling:score_sample": self._sample,
            "sampling:void_sample": lambda b: [(_("样本"), str(b["sample"]), str(b["replaced_by"] or _("没有可补的")))],
            "evidence:attach": lambda b: [(_("文件"), "", str(b["file"]))],
            "evidence:remove": lambda b: [(_("文件"), str(b["file"]), _("已移除"))],
        }
        tell_more = details.get(entry.action)
        return Told(
            entry.actor.name if entry.actor else "",
            self._name(entry.on_behalf_of_id),
            _(ACTIONS[entry.action]) if entry.action in ACTIONS else entry.action,
            entry.at,
            entry.reason,
            _(LABELS[entry.from_state]) if entry.from_state in LABELS else "",
            _(LABELS[entry.to_state]) if entry.to_state in LABELS else "",
            entry.hash,
            KINDS.get(entry.action, "sys"),
            tuple(tell_more(body)) if tell_more else (),
            entry.action == "sampling:record_seed",
        )

    def _name(self, employee_id: int | None) -> str:
        return self._act.session.get_one(Employee, employee_id).name if employee_id else ""

    def _submitted(self, body: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        if not self._own_points:
            return []
        total = body.get("changes", {}).get("self_score", (None, None))[1]
        given = [(self._items.get(code, code), "", str(points)) for code, points in body.get("items", {}).items()]
        return [*given, (_("自评"), "", _text(total))]

    def _moved(self, items: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        return [(self._items.get(code, code), _before(told[0]), _text(told[1])) for code, told in items.items()]

    def _closed(self, body: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        if not self._scores or not self._own_points:
            return []
        names = {"self_score": _("自评"), "supervisor_score": _("主管评分"), "score": _("绩效分数")}
        moved = body.get("changes", {})
        scores = [
            (label, "" if moved[code][0] is None else _score(moved[code][0]), _score(moved[code][1]))
            for code, label in names.items()
            if code in moved
        ]
        return [*self._by_count(body.get("counted", {})), *scores]

    def _by_count(self, counted: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Each item that a count decided: what was claimed, and what the count gave."""
        found = []
        for code, told in counted.items():
            raters = ((_("自评"), told.get("self")), (_("主管"), told.get("supervisor")))
            claimed = _("、").join(
                f"{who} {number_text(Decimal(points), None)}" for who, points in raters if points is not None
            )
            count = _("、").join(number_text(Decimal(value), None) for value in told["counts"].values())
            points = number_text(Decimal(told["points"]), None)
            after = _("按数量 %(points)s 分（数量 %(count)s）", points=points, count=count)
            found.append((self._items.get(code, code), claimed, str(after)))
        return found

    def _sample(self, body: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        if not self._scores and body["sample"] not in self._codes:
            return []
        before, after = body["score"]
        return [(str(body["sample"]), _before(before), _text(after))]


def _started(body: Mapping[str, Any], version: PolicyVersion) -> list[tuple[str, str, str]]:
    """The policy that was frozen, and that it began after the period's first day, where it did."""
    later = body.get("began_later")
    more = [(_("方案开始执行"), "", _("%(day)s，晚于这一期的第一天", day=later))] if later else []
    told = str(body.get("policy", ""))
    if told == f"{version.code}/{version.number}":
        name = in_language(version.name, version.name_en)
        told = _("%(name)s 第 %(n)s 版", name=name, n=version.number)
    return [(_("方案"), "", told), *more]


def _score(value: str | None) -> str:
    return number_text(None if value is None else Decimal(value))


def _before(value: Any) -> str:
    return "" if value is None else str(value)


def _text(value: Any) -> str:
    return "—" if value is None else str(value)
