"""What a row of a month must fit: the month is still open, the figure asked for, proven, and there only once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from approval.models.appraisal import CLOSED_STATES, Appraisal, KpiCount
from approval.models.cycle import Cycle
from approval.models.figures import Collection, RewardPenalty
from approval.models.people import Employee
from approval.models.sampling import WorkItem
from approval.rules.refusal import Refused
from approval.rules.sheets import RowProblem
from approval.services.act import Act
from approval.services.beside import barred_from_adjusting
from approval.services.figures_asked import inputs_asked, proofs_asked, signed_figures
from approval.services.rulebook import policy_of, scores_by_sampling
from workflows.appraisal import COMPUTED, SELF_ASSESSMENT

Row = Mapping[str, Any]
FIGURES_OF_SALES = {
    "sales_fen": "sales",
    "neutral_fixed": "neutral_fixed",
    "negative_fixed": "negative_fixed",
    "product_profit_fen": "product_profit",
}


def _month_frozen(act: Act, row: Row) -> list[RowProblem]:
    """A figure of a month whose pay is computed is not changed any more (rules.md 5.2)."""
    query = (
        select(Appraisal.id)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .join(Employee, Employee.id == Appraisal.employee_id)
        .where(
            Employee.number == row["employee_number"],
            Cycle.period == row["period"],
            Appraisal.state.in_(COMPUTED),
        )
    )
    if act.session.scalars(query).first() is None:
        return []
    reason = Refused("这个月的工资已经计算，数据已冻结；请用下一个月的奖惩调整", fault="month frozen")
    return [problem_at(row, "月份", str(row["period"]), reason)]


def problem_at(row: Row, column: str, value: str, reason: Refused) -> RowProblem:
    return RowProblem(int(row["row_number"]), column, value, reason)


def open_month(act: Act, row: Row) -> Appraisal | None:
    """The month of a row, while its scores may still be brought in."""
    query = (
        select(Appraisal)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .join(Employee, Employee.id == Appraisal.employee_id)
        .where(
            Employee.number == row["employee_number"],
            Cycle.period == row["period"],
            Appraisal.state.in_(("self_assessment", "sampling")),
        )
    )
    return act.session.scalars(query).first()


def _scores_fit(act: Act, row: Row) -> list[RowProblem]:
    appraisal = open_month(act, row)
    if appraisal is None:
        reason = Refused("这个月没有开放中的考核单；请先开启考核周期，或考核已提交", fault="no open month")
        return [problem_at(row, "月份", str(row["period"]), reason)]
    if row.get("rater", "self") == "self" and appraisal.state != SELF_ASSESSMENT:
        reason = Refused("自评已经提交，不能再导入；要修改请先退回员工", fault="self-assessment submitted")
        return [problem_at(row, "月份", str(row["period"]), reason)]
    if appraisal.employee_id == act.actor.employee_id and row.get("rater") == "supervisor":
        reason = Refused("不能导入给自己的主管评分", fault="own score")
        return [problem_at(row, "工号", str(row["employee_number"]), reason)]
    if row.get("rater") == "supervisor" and scores_by_sampling(policy_of(appraisal)):
        reason = Refused("这个方案的主管评分来自每周抽查，指标只由员工自评；请删除这一行", fault="scored by sampling")
        return [problem_at(row, "评分人", "主管", reason)]
    if "item" not in row:
        return []
    items = {item.code: item for item in policy_of(appraisal).kpi}
    item = items.get(str(row["item"]))
    if item is None:
        reason = Refused("方案里没有这个指标；可用的有 %(codes)s", fault="unknown item", codes="、".join(items) or "—")
        return [problem_at(row, "指标编码", str(row["item"]), reason)]
    if not 0 <= row["points"] <= item.max:
        reason = Refused("得分须在 0 到 %(max)s 之间", fault="out of range", max=item.max)
        return [problem_at(row, "得分", str(row["points"]), reason)]
    return []


def _item_new(act: Act, row: Row) -> list[RowProblem]:
    query = select(WorkItem.id).join(Employee, Employee.id == WorkItem.employee_id)
    query = query.where(Employee.number == row["employee_number"], WorkItem.code == row["code"])
    if act.session.scalars(query).first() is None:
        return []
    return [
        problem_at(row, "编号", str(row["code"]), Refused("这个编号已经导入过；请删除这一行", fault="already there"))
    ]


def not_own(act: Act, row: Row) -> list[RowProblem]:
    own = act.session.scalars(select(Employee.number).where(Employee.id == act.actor.employee_id)).first()
    if row["employee_number"] != own:
        return []
    return [problem_at(row, "工号", str(own), Refused("不能为自己录入，请由另一位同事录入", fault="own figure"))]


def _frozen_or_own(act: Act, row: Row) -> list[RowProblem]:
    return _month_frozen(act, row) + not_own(act, row)


def _sales(act: Act, row: Row) -> list[RowProblem]:
    brought = [code for column, code in FIGURES_OF_SALES.items() if row.get(column)]
    return _month_frozen(act, row) + _unproven(act, row, brought)


def _counted(act: Act, row: Row) -> list[RowProblem]:
    brought = [row["code"]] if row["quantity"] else []
    found = _frozen_or_own(act, row) + _score_closed(act, row) + _unknown_input(act, row, "指标编码")
    return found + _unproven(act, row, brought)


def _score_closed(act: Act, row: Row) -> list[RowProblem]:
    """Another count than the one that a closed score was computed from would change nothing: it is said, not swallowed."""
    query = (
        select(KpiCount.quantity)
        .join(Appraisal, Appraisal.id == KpiCount.appraisal_id)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .join(Employee, Employee.id == Appraisal.employee_id)
        .where(Employee.number == row["employee_number"], Cycle.period == row["period"])
        .where(Appraisal.state.in_(CLOSED_STATES), KpiCount.round == Appraisal.round, KpiCount.code == row["code"])
    )
    kept = act.session.scalars(query).first()
    if kept is None or kept == Decimal(row["quantity"]):
        return []
    text = "这个月的评分已按 %(kept)s 提交；要更正请先由部门负责人退回，再导入新的数量"
    reason = Refused(text, fault="score closed", kept=format(kept.normalize(), "f"))
    return [problem_at(row, "数量", str(row["quantity"]), reason)]


def _factor(act: Act, row: Row) -> list[RowProblem]:
    brought = [row["code"]] if row["value"] else []
    found = _frozen_or_own(act, row) + _unknown_input(act, row, "项目编码") + _unproven(act, row, brought)
    return found or _below_nought(act, row)


def _below_nought(act: Act, row: Row) -> list[RowProblem]:
    """A figure below 0 counts only where a policy says that it may, such as sales that grew by −5% (R043)."""
    if row["value"] >= 0 or row["code"] in signed_figures(act):
        return []
    reason = Refused("不能小于 0；方案没有写明这项数据可以是负数", fault="figure below 0")
    return [problem_at(row, "数值", str(row["value"]), reason)]


def _unproven(act: Act, row: Row, brought: Sequence[str]) -> list[RowProblem]:
    """A figure above zero that a policy in force pays by and wants proven (section 6: changed reviews; R061)."""
    asked = proofs_asked(act)
    lacking = [] if row.get("evidence") else [asked[code] for code in brought if code in asked]
    text = "%(names)s必须附凭证：请在“凭证号”一栏写明"
    reason = Refused(text, fault="evidence missing", names="、".join(lacking))
    return [problem_at(row, "凭证号", "", reason)] if lacking else []


def _unknown_input(act: Act, row: Row, column: str) -> list[RowProblem]:
    """What no policy asks for, or what a record of its own says: score, attendance, share of the pool, rewards."""
    asked = inputs_asked(act)
    if row["code"] in asked:
        return []
    reason = Refused("没有方案用到这个编码；可用的有 %(codes)s", fault="unknown figure", codes="、".join(sorted(asked)))
    return [problem_at(row, column, str(row["code"]), reason)]


def _collection(act: Act, row: Row) -> list[RowProblem]:
    """Brought in twice, a collection would be paid twice."""
    query = select(Collection.id).join(Employee, Employee.id == Collection.employee_id)
    same = query.where(
        Employee.number == row["employee_number"],
        Collection.period == row["period"],
        Collection.customer == row["customer"],
        Collection.amount_fen == row["amount_fen"],
        Collection.kind == row["kind"],
        Collection.margin.is_(None) if row["margin"] is None else Collection.margin == row["margin"],
    )
    return _month_frozen(act, row) + _once(row, act.session.scalars(same).first(), "客户", str(row["customer"]))


def _reward(act: Act, row: Row) -> list[RowProblem]:
    query = select(RewardPenalty.id).join(Employee, Employee.id == RewardPenalty.employee_id)
    same = query.where(
        Employee.number == row["employee_number"],
        RewardPenalty.period == row["period"],
        RewardPenalty.amount_fen == row["amount_fen"],
        RewardPenalty.reason == row["reason"],
        RewardPenalty.evidence == row["evidence"],
    )
    found = _once(row, act.session.scalars(same).first(), "事由", str(row["reason"]))
    return _frozen_or_own(act, row) + _not_barred(act, row) + found


def _not_barred(act: Act, row: Row) -> list[RowProblem]:
    """A month whose policy allows no adjustments takes no reward and no penalty (R106)."""
    employee = act.session.scalars(select(Employee.id).where(Employee.number == row["employee_number"])).first()
    barred = barred_from_adjusting(act, employee, row["period"]) if employee else None
    if barred is None:
        return []
    reason = Refused("方案“%(name)s”不允许调整；请删除这一行", fault="adjustments barred", name=barred.zh)
    return [problem_at(row, "月份", str(row["period"]), reason)]


def _once(row: Row, there: int | None, column: str, value: str) -> list[RowProblem]:
    if there is None:
        return []
    reason = Refused("同样的一行已经导入过；请删除这一行，确是另一笔请写明区别", fault="already there")
    return [problem_at(row, column, value[:60], reason)]


MONTH_CHECKS: dict[str, Callable[[Act, Row], list[RowProblem]]] = {
    "attendance": _month_frozen,
    "sales": _sales,
    "collections": _collection,
    "counts": _counted,
    "factors": _factor,
    "rewards": _reward,
    "kpi_scores": _scores_fit,
    "self_scores": _scores_fit,
    "service_records": _item_new,
    "work_items": _item_new,
}
