"""What a row of a file must fit, beside its own cells: the month it belongs to, the policy, the rows taken in before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from approval.models.appraisal import CLOSED_STATES, Appraisal, KpiCount
from approval.models.cycle import Cycle
from approval.models.figures import Collection, RewardPenalty
from approval.models.people import Department, Employee, Position, department_line, employment_on
from approval.models.policy import PolicyVersion
from approval.models.sampling import WorkItem
from approval.models.target import AnnualTarget
from approval.rules.calendar import period_bounds
from approval.rules.explanation import Words
from approval.rules.policy import NAMES, load, read_shipped, shipped_codes, shipped_text
from approval.rules.refusal import Refused
from approval.rules.sheets import RowProblem
from approval.services.act import Act
from approval.services.attendance import RECORDED
from approval.services.beside import barred_from_adjusting
from approval.services.people import NUMBER
from approval.services.post_standard import OWN_POST, holds_post
from approval.services.rulebook import policy_of, scores_by_sampling
from approval.services.target import PLACES, by_planner_of, months_of, personal_target, targets_for
from workflows.appraisal import COMPUTED, SELF_ASSESSMENT
from workflows.policy import PUBLISHED

Row = Mapping[str, Any]
FIGURES_OF_SALES = {
    "sales_fen": "sales",
    "neutral_fixed": "neutral_fixed",
    "negative_fixed": "negative_fixed",
    "product_profit_fen": "product_profit",
}


def known(act: Act) -> dict[str, Any]:
    people = {row.number: row.name for row in act.session.execute(select(Employee.number, Employee.name))}
    departments = set(act.session.scalars(select(Department.name)))
    positions = set(act.session.scalars(select(Position.code)))
    return {
        "employee_number": people,
        "supervisor_number": people,
        "department": departments,
        "position_code": positions,
        "parent": departments,
    }


def problems_of(act: Act, code: str, rows: Sequence[Row]) -> list[RowProblem]:
    """What is wrong with rows that can be read, row by row and then as a whole."""
    found = [problem for row in rows for problem in _CHECKS[code](act, row)] if code in _CHECKS else []
    return found or (_loops(act, rows) if code == "departments" else [])


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
    return [_problem(row, "月份", str(row["period"]), reason)]


def _problem(row: Row, column: str, value: str, reason: Refused) -> RowProblem:
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
        return [_problem(row, "月份", str(row["period"]), reason)]
    if row.get("rater", "self") == "self" and appraisal.state != SELF_ASSESSMENT:
        reason = Refused("自评已经提交，不能再导入；要修改请先退回员工", fault="self-assessment submitted")
        return [_problem(row, "月份", str(row["period"]), reason)]
    if appraisal.employee_id == act.actor.employee_id and row.get("rater") == "supervisor":
        reason = Refused("不能导入给自己的主管评分", fault="own score")
        return [_problem(row, "工号", str(row["employee_number"]), reason)]
    if row.get("rater") == "supervisor" and scores_by_sampling(policy_of(appraisal)):
        reason = Refused("这个方案的主管评分来自每周抽查，指标只由员工自评；请删除这一行", fault="scored by sampling")
        return [_problem(row, "评分人", "主管", reason)]
    if "item" not in row:
        return []
    items = {item.code: item for item in policy_of(appraisal).kpi}
    item = items.get(str(row["item"]))
    if item is None:
        reason = Refused("方案里没有这个指标；可用的有 %(codes)s", fault="unknown item", codes="、".join(items) or "—")
        return [_problem(row, "指标编码", str(row["item"]), reason)]
    if not 0 <= row["points"] <= item.max:
        reason = Refused("得分须在 0 到 %(max)s 之间", fault="out of range", max=item.max)
        return [_problem(row, "得分", str(row["points"]), reason)]
    return []


def _item_new(act: Act, row: Row) -> list[RowProblem]:
    query = select(WorkItem.id).join(Employee, Employee.id == WorkItem.employee_id)
    query = query.where(Employee.number == row["employee_number"], WorkItem.code == row["code"])
    if act.session.scalars(query).first() is None:
        return []
    return [_problem(row, "编号", str(row["code"]), Refused("这个编号已经导入过；请删除这一行", fault="already there"))]


def _not_own(act: Act, row: Row) -> list[RowProblem]:
    own = act.session.scalars(select(Employee.number).where(Employee.id == act.actor.employee_id)).first()
    if row["employee_number"] != own:
        return []
    return [_problem(row, "工号", str(own), Refused("不能为自己录入，请由另一位同事录入", fault="own figure"))]


def _frozen_or_own(act: Act, row: Row) -> list[RowProblem]:
    return _month_frozen(act, row) + _not_own(act, row)


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
    return [_problem(row, "数量", str(row["quantity"]), reason)]


def _factor(act: Act, row: Row) -> list[RowProblem]:
    brought = [row["code"]] if row["value"] else []
    found = _frozen_or_own(act, row) + _unknown_input(act, row, "项目编码") + _unproven(act, row, brought)
    return found or _below_nought(act, row)


def _below_nought(act: Act, row: Row) -> list[RowProblem]:
    """A figure below 0 counts only where a policy says that it may, such as sales that grew by −5% (R043)."""
    if row["value"] >= 0 or row["code"] in _signed(act):
        return []
    reason = Refused("不能小于 0；方案没有写明这项数据可以是负数", fault="figure below 0")
    return [_problem(row, "数值", str(row["value"]), reason)]


def _signed(act: Act) -> frozenset[str]:
    """The figures that a published policy lets be negative."""
    published = select(PolicyVersion.source).where(PolicyVersion.state == PUBLISHED).distinct()
    return frozenset[str]().union(*(_signed_in(source) for source in act.session.scalars(published)))


@lru_cache(maxsize=256)
def _signed_in(source: str) -> frozenset[str]:
    return frozenset(code for code, one in load(source).inputs.items() if one.signed)


def _unproven(act: Act, row: Row, brought: Sequence[str]) -> list[RowProblem]:
    """A figure above zero that a policy in force pays by and wants proven (section 6: changed reviews; R061)."""
    asked = _proofs_asked(act)
    lacking = [] if row.get("evidence") else [asked[code] for code in brought if code in asked]
    text = "%(names)s必须附凭证：请在“凭证号”一栏写明"
    reason = Refused(text, fault="evidence missing", names="、".join(lacking))
    return [_problem(row, "凭证号", "", reason)] if lacking else []


def _proofs_asked(act: Act) -> dict[str, str]:
    """The figures that published policies want proven, with their names."""
    published = select(PolicyVersion.source).where(PolicyVersion.state == PUBLISHED).distinct()
    return {code: zh for source in act.session.scalars(published) for code, zh in _proofs_in(source).items()}


@lru_cache(maxsize=256)
def _proofs_in(source: str) -> dict[str, str]:
    return {code: one.zh for code, one in load(source).inputs.items() if one.evidence and code not in RECORDED}


def _unknown_input(act: Act, row: Row, column: str) -> list[RowProblem]:
    """What no policy asks for, or what a record of its own says: score, attendance, share of the pool, rewards."""
    asked = inputs_asked(act)
    if row["code"] in asked:
        return []
    reason = Refused("没有方案用到这个编码；可用的有 %(codes)s", fault="unknown figure", codes="、".join(sorted(asked)))
    return [_problem(row, column, str(row["code"]), reason)]


def inputs_asked(act: Act) -> frozenset[str]:
    """The figures of a month that a policy, drafted here or shipped, or a target asks for and no record of its own says."""
    sources = act.session.scalars(select(PolicyVersion.source).distinct())
    measured = frozenset(act.session.scalars(select(AnnualTarget.measure).distinct()))
    return (_shipped_inputs() | measured).union(*(_inputs_of(source) for source in sources)) - RECORDED


@lru_cache(maxsize=1)
def _shipped_inputs() -> frozenset[str]:
    return frozenset[str]().union(*(_inputs_of(shipped_text(code)) for code in shipped_codes()))


@lru_cache(maxsize=256)
def _inputs_of(source: str) -> frozenset[str]:
    """Inputs, also those that a reading brings, and what KPI items count."""
    raw = load(source).raw
    patches = [
        p for option in raw.get("options", {}).values() for one in option["choices"].values() for p in one.items()
    ]
    named = {path.removeprefix("inputs.") for path, _value in patches if path.startswith("inputs.")}
    items = [*raw.get("kpi", ()), *(value for path, value in patches if path.startswith("kpi."))]
    counts = {
        one["count"] for item in items for one in (*item.get("suggest", ()), *filter(None, [item.get("measure")]))
    }
    return frozenset(raw.get("inputs", {})) | named | counts


def _pay_standard(act: Act, row: Row) -> list[RowProblem]:
    """A figure that no policy asks for would be kept and never paid."""
    if row["code"] in figures_asked(act):
        return _not_own(act, row)
    codes = "、".join(sorted(figures_asked(act)))
    reason = Refused("没有方案用到这个编码；可用的有 %(codes)s", fault="unknown figure", codes=codes)
    return [_problem(row, "项目编码", str(row["code"]), reason)]


def _post_standard(act: Act, row: Row) -> list[RowProblem]:
    """A figure that is set person by person, or that a policy prints for all, is not taken from the table of posts."""
    asked = figures_of_posts(act)
    if row["code"] in asked:
        return _own_post(act, row)
    text = "没有方案按岗位设定这个编码；可用的有 %(codes)s"
    reason = Refused(text, fault="unknown figure", codes="、".join(sorted(asked)))
    return [_problem(row, "项目编码", str(row["code"]), reason)]


def _own_post(act: Act, row: Row) -> list[RowProblem]:
    """Nobody sets what his own post is paid."""
    position = act.session.scalars(select(Position).where(Position.code == row["position_code"])).one()
    if not holds_post(act, position, row["grade"] or ""):
        return []
    return [_problem(row, "岗位编码", position.code, Refused(OWN_POST, fault="own post"))]


def figures_of_posts(act: Act) -> dict[str, Words]:
    """The figures that a policy, drafted here or shipped, leaves to the table of posts, with their names."""
    sources = act.session.scalars(select(PolicyVersion.source).distinct())
    found: dict[str, Words] = {}
    for text in (*map(shipped_text, shipped_codes()), *sources):
        found = _of_posts_in(text) | found
    return found


@lru_cache(maxsize=256)
def _of_posts_in(source: str) -> dict[str, Words]:
    return {code: Words(one.zh, one.en) for code, one in load(source).params.items() if one.of_post("")}


def figures_asked(act: Act) -> frozenset[str]:
    """The figures that a policy, drafted here or shipped, asks of an employee."""
    sources = act.session.scalars(select(PolicyVersion.source).distinct())
    return _shipped_figures().union(*(_figures_of(source) for source in sources))


def figure_names(act: Act) -> dict[str, Words]:
    """What the figures of an employee are called, in both languages, by the policies that ask for them."""
    sources = act.session.scalars(select(PolicyVersion.source).distinct().order_by(PolicyVersion.source))
    found: dict[str, Words] = {}
    for text in (*map(shipped_text, shipped_codes()), *sources):
        found = _names_in(text) | found
    return found | {code: Words(*NAMES[code]) for code in found if code in NAMES}


@lru_cache(maxsize=256)
def _names_in(source: str) -> dict[str, Words]:
    return {code: Words(one.zh, one.en) for code, one in load(source).params.items()}


@lru_cache(maxsize=1)
def _shipped_figures() -> frozenset[str]:
    return frozenset[str]().union(*(read_shipped(code).params for code in shipped_codes()))


@lru_cache(maxsize=256)
def _figures_of(source: str) -> frozenset[str]:
    return frozenset(load(source).params)


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
    return [_problem(row, "月份", str(row["period"]), reason)]


def _once(row: Row, there: int | None, column: str, value: str) -> list[RowProblem]:
    if there is None:
        return []
    reason = Refused("同样的一行已经导入过；请删除这一行，确是另一笔请写明区别", fault="already there")
    return [_problem(row, column, value[:60], reason)]


def _person(act: Act, row: Row) -> list[RowProblem]:
    if NUMBER.fullmatch(str(row["number"])):
        return []
    reason = Refused("工号只能用大写字母、数字和连字符，最多 20 位", fault="malformed number")
    return [_problem(row, "工号", str(row["number"]), reason)]


def _office(act: Act, row: Row) -> list[RowProblem]:
    if (row["office"] == "department_head") == bool(row["department"]):
        return []
    reason = Refused("部门负责人须指明部门，其他职务不分部门", fault="department needed")
    return [_problem(row, "部门", str(row["department"] or ""), reason)]


def target_of(act: Act, row: Row) -> AnnualTarget | None:
    """The annual target that a row breaks down: of the person's department in that month, or of one above it."""
    employee = act.session.scalars(select(Employee).where(Employee.number == row["employee_number"])).one()
    first, last = period_bounds(str(row["period"]))
    post = employment_on(act.session, employee.id, first) or employment_on(act.session, employee.id, last)
    if post is None:
        return None
    line = [one.id for one in department_line(act.session, post.department)]
    return targets_for(act, line, first.year, str(row["measure"]))


def _target(act: Act, row: Row) -> list[RowProblem]:
    target = target_of(act, row)
    if target is None:
        text = "这个月所在的部门没有 %(year)s 年“%(name)s”的年度目标；请先制定"
        reason = Refused(text, fault="no annual target", year=str(row["period"])[:4], name=str(row["measure"]))
        return [_problem(row, "指标", str(row["measure"]), reason)]
    employee = act.session.scalars(select(Employee).where(Employee.number == row["employee_number"])).one()
    if (no := by_planner_of(act, target, employee.id)) is not None:
        return [_problem(row, "工号", employee.number, Refused(no.text, fault="not his to set", **no.params))]
    if row["value"] != round(row["value"], PLACES[target.unit]):
        reason = Refused("金额最多两位小数，数量须是整数", fault="too many places")
        return [_problem(row, "目标值", str(row["value"]), reason)]
    kept = personal_target(act, target, employee.id)
    there = {one.period: one.value for one in months_of(act, kept)} if kept else {}
    if kept and there.get(str(row["period"])) != row["value"] and not row["reason"]:
        reason = Refused("目标已经制定；修改须写明理由", fault="reason missing")
        return [_problem(row, "修改理由", "", reason)]
    return []


def _loops(act: Act, rows: Sequence[Row]) -> list[RowProblem]:
    """Departments that would hang under themselves, with what is there already."""
    there = {one.id: one for one in act.session.scalars(select(Department))}
    parents = {one.name: there[one.parent_id].name if one.parent_id else "" for one in there.values()}
    parents |= {row["name"]: row["parent"] for row in rows if row["parent"]}
    reason = Refused("上级部门绕回了自己，请核对", fault="loop of departments")
    return [_problem(row, "上级部门", str(row["parent"]), reason) for row in rows if _returns(row["name"], parents)]


def _returns(name: str, parents: Mapping[str, str]) -> bool:
    above, seen = parents.get(name, ""), set()
    while above and above not in seen:
        if above == name:
            return True
        seen.add(above)
        above = parents.get(above, "")
    return False


_CHECKS: dict[str, Callable[[Act, Row], list[RowProblem]]] = {
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
    "pay_standards": _pay_standard,
    "post_standards": _post_standard,
    "people": _person,
    "offices": _office,
    "targets": _target,
}
