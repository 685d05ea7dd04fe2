"""What a row of a file must fit, beside its own cells: the policy, the people, the posts, the targets of the company."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from approval.models.departments import department_line
from approval.models.people import Department, Employee, Position, employment_on
from approval.models.target import AnnualTarget
from approval.rules.calendar import period_bounds
from approval.rules.refusal import Refused
from approval.rules.sheets import RowProblem
from approval.services.act import Act
from approval.services.figures_asked import figures_asked, figures_of_posts
from approval.services.month_checks import MONTH_CHECKS, Row, not_own, problem_at
from approval.services.people import NUMBER
from approval.services.post_standard import OWN_POST, holds_post
from approval.services.target import PLACES, by_planner_of, months_of, personal_target, targets_for


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


def _pay_standard(act: Act, row: Row) -> list[RowProblem]:
    """A figure that no policy asks for would be kept and never paid."""
    if row["code"] in figures_asked(act):
        return not_own(act, row)
    codes = "、".join(sorted(figures_asked(act)))
    reason = Refused("没有方案用到这个编码；可用的有 %(codes)s", fault="unknown figure", codes=codes)
    return [problem_at(row, "项目编码", str(row["code"]), reason)]


def _post_standard(act: Act, row: Row) -> list[RowProblem]:
    """A figure that is set person by person, or that a policy prints for all, is not taken from the table of posts."""
    asked = figures_of_posts(act)
    if row["code"] in asked:
        return _own_post(act, row)
    text = "没有方案按岗位设定这个编码；可用的有 %(codes)s"
    reason = Refused(text, fault="unknown figure", codes="、".join(sorted(asked)))
    return [problem_at(row, "项目编码", str(row["code"]), reason)]


def _own_post(act: Act, row: Row) -> list[RowProblem]:
    """Nobody sets what his own post is paid."""
    position = act.session.scalars(select(Position).where(Position.code == row["position_code"])).one()
    if not holds_post(act, position, row["grade"] or ""):
        return []
    return [problem_at(row, "岗位编码", position.code, Refused(OWN_POST, fault="own post"))]


def _person(act: Act, row: Row) -> list[RowProblem]:
    if NUMBER.fullmatch(str(row["number"])):
        return []
    reason = Refused("工号只能用大写字母、数字和连字符，最多 20 位", fault="malformed number")
    return [problem_at(row, "工号", str(row["number"]), reason)]


def _office(act: Act, row: Row) -> list[RowProblem]:
    if (row["office"] == "department_head") == bool(row["department"]):
        return []
    reason = Refused("部门负责人须指明部门，其他职务不分部门", fault="department needed")
    return [problem_at(row, "部门", str(row["department"] or ""), reason)]


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
        return [problem_at(row, "指标", str(row["measure"]), reason)]
    employee = act.session.scalars(select(Employee).where(Employee.number == row["employee_number"])).one()
    if (no := by_planner_of(act, target, employee.id)) is not None:
        return [problem_at(row, "工号", employee.number, Refused(no.text, fault="not his to set", **no.params))]
    if row["value"] != round(row["value"], PLACES[target.unit]):
        reason = Refused("金额最多两位小数，数量须是整数", fault="too many places")
        return [problem_at(row, "目标值", str(row["value"]), reason)]
    kept = personal_target(act, target, employee.id)
    there = {one.period: one.value for one in months_of(act, kept)} if kept else {}
    if kept and there.get(str(row["period"])) != row["value"] and not row["reason"]:
        reason = Refused("目标已经制定；修改须写明理由", fault="reason missing")
        return [problem_at(row, "修改理由", "", reason)]
    return []


def _loops(act: Act, rows: Sequence[Row]) -> list[RowProblem]:
    """Departments that would hang under themselves, with what is there already."""
    there = {one.id: one for one in act.session.scalars(select(Department))}
    parents = {one.name: there[one.parent_id].name if one.parent_id else "" for one in there.values()}
    parents |= {row["name"]: row["parent"] for row in rows if row["parent"]}
    reason = Refused("上级部门绕回了自己，请核对", fault="loop of departments")
    return [problem_at(row, "上级部门", str(row["parent"]), reason) for row in rows if _returns(row["name"], parents)]


def _returns(name: str, parents: Mapping[str, str]) -> bool:
    above, seen = parents.get(name, ""), set()
    while above and above not in seen:
        if above == name:
            return True
        seen.add(above)
        above = parents.get(above, "")
    return False


_CHECKS: dict[str, Callable[[Act, Row], list[RowProblem]]] = {
    **MONTH_CHECKS,
    "pay_standards": _pay_standard,
    "post_standards": _post_standard,
    "people": _person,
    "offices": _office,
    "targets": _target,
}
