"""The rest of a policy in words: who scores, pools, publication and what else a reader must know, each with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from approval.i18n import in_language, own_name, said
from approval.models.people import OFFICES
from approval.rules.number import number
from approval.rules.policy import NAMES, Policy
from approval.rules.policy_misfits import WRONG, misfits
from approval.rules.reference_ranges import BASE
from approval.rules.work_time import hours_text, weekly_hours, work_time_lints
from approval.views.page import WEEKDAYS, number_text
from approval.views.policy_pools import pool_facts
from approval.views.policy_words import basis_of, named, percent

Raw = Mapping[str, Any]
Facts = Sequence[tuple[str, str]]

CHANNELS = ("公司内部公告栏", "电子商务部门的内部沟通平台")
CONTENTS = {"result": "考核结果（档位或类别）", "score": "考核结果和得分"}
PEOPLE = {"both": "姓名和工号", "name": "只写姓名", "number": "只写工号"}
ANCHORS = {"evaluation_closed": "考核结束"}
DEADLINES = {"payout": "奖金发放"}
STEPS = {
    "target_setting": "目标设定",
    "personal_targets": "个人目标",
    "quarter": "季度考核",
    "evaluation": "汇总评估",
    "one_to_one_feedback": "一对一反馈",
    "reward": "激励",
}
USES = {"promotion": "晋升", "reward_penalty": "奖惩", "pay_change": "薪酬调整"}
QUARTER_SCORES = {"mean_of_months": "季度内各月已复核得分的平均", "own": "季度单独考核"}
SWITCHES = {
    "allowed": ("公司可以调整奖金", "不调整奖金"),
    "reason_required": ("调整必须写明理由", "方案不要求写明理由；系统仍一律要求"),
    "notify_employee": ("调整必须通知本人", "方案不要求通知本人；系统仍一律通知"),
    "violation_voids_bonus": ("以不正当手段取得的奖金取消", "违规不取消奖金"),
}
BROUGHT = NAMES | {"product_profit": ("商品利润", "Product profit")}


@dataclass(frozen=True)
class Entry:
    """One thing of a section: its facts by label, the sentences that have none, and what it rests on."""

    facts: Facts
    rules: Sequence[str]
    quote: str
    name: str = ""
    tag: str = ""
    says: Sequence[str] = ()
    warnings: Sequence[str] = ()


@dataclass(frozen=True)
class Block:
    """One section of the document; `aside` stands beside its heading."""

    code: str
    title: str
    aside: str
    entries: Sequence[Entry]


def scorers_of(policy: Policy) -> Block:
    """Who scores, from what, with what weight, and who makes one score of it."""
    return Block("scorers", _("谁评分"), "", _scorers(policy))


def blocks_of(policy: Policy) -> list[Block]:
    """Every section that the policy has; one with a value of another kind is left to the findings."""
    unfit = {one.path.partition(".")[0].partition("[")[0] for one in misfits(policy.raw) if one.text in WRONG.values()}
    made = {
        "pools": (_("团队奖金池"), "", _pools),
        "warnings": (_("只提示的界限"), _("只提示，不扣减"), _warnings),
        "reference_ranges": (_("薪资参考区间"), _("只提示，不改变工资"), _reference_ranges),
        "publication": (_("公示"), "", _publication),
        "deadlines": (_("期限"), "", _deadlines),
        "adjustments": (_("调整与违规"), "", _adjustments),
        "process": (_("流程"), _("系统据此显示进度，不据此计算"), _process),
        "work_time": (_("工作时间"), _("只供阅读，系统不据此计算"), _work_time),
    }
    return [
        Block(code, title, aside, list(make(policy)))
        for code, (title, aside, make) in made.items()
        if policy.raw.get(code) and code not in unfit
    ]


def _entry(told: Raw, facts: Facts, name: str = "", says: Sequence[str] = (), warnings: Sequence[str] = ()) -> Entry:
    return Entry(facts, *basis_of(told), name, tag_of(told), says, warnings)


def tag_of(told: Raw) -> str:
    """Whether a part is not in the source: assumed by the company, or still the company's to fill in."""
    if told.get("assumed") is True:
        return str(_("原文没有，由公司推定"))
    return str(_("原文没有印出，待公司填写")) if told.get("to_fill") is True else ""


def word_of(words: Mapping[str, str], code: str) -> str:
    """A code in words; one that we do not know as it is written."""
    return str(_(words[code])) if code in words else own_name(code)


def listed(words: Sequence[str]) -> str:
    """Several words in one line."""
    return str(_("、")).join(words)


def _scorers(policy: Policy) -> list[Entry]:
    told = policy.raw.get("appraisal", {})
    parts = [_part(policy, one) for one in told.get("parts", ())]
    facts = []
    if "compiled_by" in told:
        facts.append((_("由谁汇总"), word_of(OFFICES, str(told["compiled_by"]))))
    if "quarter_score" in told:
        facts.append((_("季度分数"), word_of(QUARTER_SCORES, str(told["quarter_score"]))))
    return [*parts, _entry(told, facts)] if facts else parts


def _part(policy: Policy, told: Raw) -> Entry:
    if told["by"] == "employee":
        who = _("本人按考核指标评分") if policy.kpi else _("本人评分")
    else:
        who = _("主管按抽查评分") if told.get("from") == "sampling" else _("主管按考核指标评分")
    return _entry(told, [(_("评分人"), who), (_("权重"), percent(told["weight"]))], named(told, ""))


def _pools(policy: Policy) -> Iterator[Entry]:
    for pool in policy.pools:
        yield _entry(pool, pool_facts(pool), named(pool, _("团队奖金池")))


def _warnings(policy: Policy) -> Iterator[Entry]:
    lines = {one["code"]: named(one, one["code"]) for one in policy.components}
    for told in policy.warnings:
        over = told.get("gt", {})
        params = {
            "line": lines.get(told.get("of", ""), told.get("of", "")),
            "input": _brought(policy, over.get("input", "")),
            "times": over.get("times", ""),
        }
        yield _entry(told, (), named(told, ""), [_("%(line)s超过 %(input)s × %(times)s 时提示，不扣减", **params)])


def _brought(policy: Policy, code: str) -> str:
    if code in policy.inputs:
        return in_language(policy.inputs[code].zh, policy.inputs[code].en)
    return in_language(*BROUGHT.get(code, (code, code)))


def _reference_ranges(policy: Policy) -> Iterator[Entry]:
    for told in policy.reference_ranges:
        facts = [(_("岗位"), listed([own_name(name) for name in told["positions"]]))]
        if told.get("grades"):
            facts.append((_("职级"), listed([own_name(name) for name in told["grades"]])))
        if "of" in told:
            of = _("基本工资") if told["of"] == BASE else _("当月应发合计")
            sums = "–".join(number_text(number(told[end]), None) for end in ("from", "to"))
            facts.insert(0, (of, _("%(sums)s 元", sums=sums)))
        else:
            facts.append((_("金额"), _("原文没有印出数额，只供阅读")))
        yield _entry(told, facts, named(told, ""))


def _publication(policy: Policy) -> Iterator[Entry]:
    told, facts = policy.publication, []
    if told.get("channels"):
        names = [_(one) if one in CHANNELS else own_name(one) for one in told["channels"]]
        facts.append((_("公示渠道"), listed(names)))
    if "content" in told:
        facts.append((_("公示内容"), word_of(CONTENTS, told["content"])))
    if "person" in told:
        facts.append((_("怎样写出人"), word_of(PEOPLE, told["person"])))
    days = policy.objection_days
    facts.append((_("异议期"), _("%(n)s 个工作日", n=days) if days else _("没有，公示后立即结束")))
    yield _entry(told, facts)


def _deadlines(policy: Policy) -> Iterator[Entry]:
    for told in policy.deadlines:
        says = [_within(told)] if "anchor" in told else []
        yield _entry(told, (), named(told, word_of(DEADLINES, told.get("code", ""))), says)


def _within(told: Raw) -> str:
    months, days = told.get("offset_months", 0), told.get("offset_days", 0)
    params = {"anchor": word_of(ANCHORS, told["anchor"]), "months": months, "days": days}
    if months and days:
        return str(_("%(anchor)s后 %(months)s 个月零 %(days)s 天内", **params))
    return str(_("%(anchor)s后 %(months)s 个月内", **params) if months else _("%(anchor)s后 %(days)s 天内", **params))


def _adjustments(policy: Policy) -> Iterator[Entry]:
    told = policy.raw["adjustments"]
    yield _entry(told, (), says=[_(yes if told[key] else no) for key, (yes, no) in SWITCHES.items() if key in told])


def _process(policy: Policy) -> Iterator[Entry]:
    told, facts = policy.raw["process"], []
    if told.get("steps"):
        facts.append((_("步骤"), " → ".join(word_of(STEPS, one) for one in told["steps"])))
    if told.get("use_of_result"):
        facts.append((_("结果用于"), listed([word_of(USES, one) for one in told["use_of_result"]])))
    if "weekly_meeting" in told:
        facts.append((_("每周例会"), _("每周开") if told["weekly_meeting"] else _("不开")))
    yield _entry(told, facts)


def _work_time(policy: Policy) -> Iterator[Entry]:
    told, facts = policy.raw["work_time"], []
    if told.get("days"):
        facts.append((_("工作日"), _days(told["days"])))
    if "from" in told and "to" in told:
        facts.append((_("起止时间"), f"{told['from']}–{told['to']}"))
    if "hours_per_day" in told:
        facts.append((_("每天工时"), _("%(hours)s 小时", hours=told["hours_per_day"])))
    if (week := weekly_hours(told)) is not None:
        facts.append((_("每周合计"), _("%(hours)s 小时", hours=hours_text(week))))
    if "clock" in told:
        facts.append((_("打卡"), _("上下班打卡") if told["clock"] else _("不打卡")))
    yield _entry(told, facts, warnings=[said(one) for one in work_time_lints(policy)])


def _days(days: Sequence[int]) -> str:
    known = sorted({day for day in days if 1 <= day <= len(WEEKDAYS)})
    names = [_(WEEKDAYS[day - 1]) for day in known]
    if len(known) > 2 and known[-1] - known[0] == len(known) - 1:
        return str(_("%(first)s至%(last)s，共 %(n)s 天", first=names[0], last=names[-1], n=len(known)))
    return listed(names)
