"""A department's files taken in: checked row by row first, then stored whole or not at all, with where each figure came from."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from approval.models.appraisal import Appraisal, KpiScore, SelfAssessment
from approval.models.cycle import Cycle
from approval.models.figures import Attendance, Collection, Figure, ImportBatch, RewardPenalty
from approval.models.people import Account, Department, Employee, Position
from approval.models.sampling import WorkItem
from approval.rules.refusal import Refused
from approval.rules.sheet_catalogue import SHEETS
from approval.rules.sheets import RowProblem, Sheet, parsed
from approval.rules.table import Table
from approval.services import account
from approval.services import people as staff
from approval.services.act import Act
from approval.services.rulebook import policy_of
from approval.services.step import keep_record
from workflows.engine import No, NotAllowed

Row = Mapping[str, Any]

# Which offices may bring a sheet in: the owner of the figure, never the person paid by it (rules.md 1.4).
OFFICES_OF: dict[str, tuple[str, ...]] = {
    "departments": ("hr", "admin"),
    "positions": ("hr", "admin"),
    "offices": ("hr", "admin"),
    "people": ("hr", "admin"),
    "pay_standards": ("hr",),
    "attendance": ("hr",),
    "service_records": ("data", "hr"),
    "work_items": ("data", "hr"),
    "sales": ("data",),
    "collections": ("data",),
    "counts": ("data", "performance_admin"),
    "rewards": ("hr", "finance"),
    "factors": ("data", "finance"),
    "kpi_scores": ("performance_admin", "hr"),
    "self_scores": ("performance_admin", "hr"),
}
FIGURES_OF_SALES = {
    "sales_fen": "sales",
    "neutral_fixed": "neutral_fixed",
    "negative_fixed": "negative_fixed",
    "product_profit_fen": "product_profit",
}


@dataclass(frozen=True)
class Checked:
    """A file that was read: its rows, or what is wrong with it; rows are stored only where there are no problems."""

    sheet: Sheet
    rows: Sequence[Row]
    problems: Sequence[RowProblem]


def sheets_for(act: Act) -> list[Sheet]:
    """The sheets that the actor may bring in."""
    return [SHEETS[code] for code, offices in OFFICES_OF.items() if code in SHEETS and act.actor.holds(*offices)]


def check_sheet(act: Act, code: str, table: Table) -> Checked:
    """Read every row of a table against what the database knows; nothing is stored."""
    if code not in SHEETS:
        raise Refused("没有这种表格：%(code)s", fault="unknown sheet", code=code)
    if not act.actor.holds(*OFFICES_OF[code]):
        raise NotAllowed([No("您没有导入“%(sheet)s”的权限", sheet=SHEETS[code].zh)])
    sheet = SHEETS[code]
    rows, problems = parsed(sheet, table, _known(act))
    checked = list(problems)
    if not checked and code in _CHECKS:
        for row in rows:
            checked += _CHECKS[code](act, row)
    return Checked(sheet, rows, checked)


def _known(act: Act) -> dict[str, Any]:
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


@dataclass(frozen=True)
class TakenIn:
    """A file that was stored; `passwords` are the one-time passwords of accounts opened with it, shown once."""

    batch: ImportBatch
    passwords: Mapping[str, str]


def keep_pending(act: Act, checked: Checked, filename: str, data: bytes) -> ImportBatch:
    """Keep a file without problems until its writing is confirmed; nothing of it counts yet."""
    if checked.problems:
        raise Refused("文件里还有 %(n)s 处问题，没有写入任何内容", fault="problems left", n=len(checked.problems))
    batch = ImportBatch(sheet=checked.sheet.code, filename=filename[:200], rows=len(checked.rows), content=data)
    batch.sha256, batch.imported_by_id = hashlib.sha256(data).hexdigest(), act.person
    act.session.add(batch)
    act.session.flush()
    return batch


def take_in(act: Act, batch: ImportBatch, checked: Checked) -> TakenIn:
    """Store a pending file, read again: every row with the file and the row that it came from; all or nothing."""
    if checked.problems:
        raise Refused("文件里还有 %(n)s 处问题，没有写入任何内容", fault="problems left", n=len(checked.problems))
    if batch.imported_at is not None:
        raise Refused("这个文件已经写入过", fault="already imported")
    if batch.imported_by_id != act.actor.employee_id:
        raise NotAllowed([No("只能写入自己上传的文件")])
    store = _STORES[checked.sheet.code]
    employees = {one.number: one for one in act.session.scalars(select(Employee))}
    for row in checked.rows:
        store(act, batch, employees, row)
    act.session.flush()
    if batch.sheet in _SECOND_PASS:
        _SECOND_PASS[batch.sheet](act, checked.rows)
    passwords = _open_accounts(act, checked.rows) if batch.sheet == "people" else {}
    body = {"sheet": batch.sheet, "filename": batch.filename, "sha256": batch.sha256, "rows": batch.rows}
    keep_record(act, batch, "import:take_in", changes={"imported_at": act.at}, body=body)
    return TakenIn(batch, passwords)


def _open_accounts(act: Act, rows: Sequence[Row]) -> dict[str, str]:
    """Open an account for everybody whose row says that he signs in, with a one-time password each."""
    have = set(act.session.scalars(select(Account.employee_id)))
    people, opened = {one.number: one for one in act.session.scalars(select(Employee))}, {}
    for row in rows:
        employee = people[row["number"]]
        if row.get("sign_in") == "yes" and employee.id not in have:
            opened[employee.number] = secrets.token_urlsafe(9)
            account.open_account(act, employee, opened[employee.number])
    return opened


def _month_frozen(act: Act, row: Row) -> list[RowProblem]:
    """A figure of a month whose pay is computed is not changed any more (rules.md 5.2)."""
    query = (
        select(Appraisal.id)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .join(Employee, Employee.id == Appraisal.employee_id)
        .where(
            Employee.number == row["employee_number"],
            Cycle.period == row["period"],
            Appraisal.state.in_(("payout", "paid")),
        )
    )
    if act.session.scalars(query).first() is None:
        return []
    reason = Refused("这个月的工资已经计算，数据已冻结；请用下一个月的奖惩调整", fault="month frozen")
    return [_problem(row, "月份", str(row["period"]), reason)]


def _problem(row: Row, column: str, value: str, reason: Refused) -> RowProblem:
    return RowProblem(int(row["row_number"]), column, value, reason)


def _open_month(act: Act, row: Row) -> Appraisal | None:
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
    appraisal = _open_month(act, row)
    if appraisal is None:
        reason = Refused("这个月没有开放中的考核单；请先开启考核周期，或考核已提交", fault="no open month")
        return [_problem(row, "月份", str(row["period"]), reason)]
    if appraisal.employee_id == act.actor.employee_id and row.get("rater") == "supervisor":
        reason = Refused("不能导入给自己的主管评分", fault="own score")
        return [_problem(row, "工号", str(row["employee_number"]), reason)]
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


_CHECKS: dict[str, Callable[[Act, Row], list[RowProblem]]] = {
    "attendance": _month_frozen,
    "sales": _month_frozen,
    "collections": _month_frozen,
    "counts": _month_frozen,
    "factors": _frozen_or_own,
    "rewards": _frozen_or_own,
    "kpi_scores": _scores_fit,
    "self_scores": _scores_fit,
    "service_records": _item_new,
    "work_items": _item_new,
    "pay_standards": _not_own,
}

People = Mapping[str, Employee]


def _store_attendance(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    employee = people[row["employee_number"]]
    query = select(Attendance).where(Attendance.employee_id == employee.id, Attendance.period == row["period"])
    kept = act.session.scalars(query).first() or Attendance(employee_id=employee.id, period=row["period"])
    for name in ("scheduled", "actual", "late", "early", "leave", "absent_days"):
        setattr(kept, name, row[name])
    kept.import_id, kept.row_number = batch.id, row["row_number"]
    act.session.add(kept)


def _store_figure(act: Act, batch: ImportBatch, employee: Employee, row: Row, code: str, value: Decimal) -> None:
    query = select(Figure).where(Figure.employee_id == employee.id, Figure.period == row["period"], Figure.code == code)
    kept = act.session.scalars(query).first() or Figure(employee_id=employee.id, period=row["period"], code=code)
    kept.value, kept.import_id, kept.row_number = value, batch.id, row["row_number"]
    kept.entered_by_id = act.actor.employee_id
    act.session.add(kept)
    act.session.flush()


def _store_sales(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    for column, code in FIGURES_OF_SALES.items():
        value = row.get(column)
        if value is not None:
            exact = Decimal(int(value)).scaleb(-2) if column.endswith("_fen") else Decimal(value)
            _store_figure(act, batch, people[row["employee_number"]], row, code, exact)


def _store_count(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    _store_figure(act, batch, people[row["employee_number"]], row, row["code"], Decimal(row["quantity"]))


def _store_factor(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    _store_figure(act, batch, people[row["employee_number"]], row, row["code"], Decimal(row["value"]))


def _store_collection(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    kept = Collection(employee_id=people[row["employee_number"]].id, period=row["period"], customer=row["customer"])
    kept.amount_fen, kept.kind, kept.margin = row["amount_fen"], row["kind"], row["margin"]
    kept.import_id, kept.row_number = batch.id, row["row_number"]
    act.session.add(kept)


def _store_reward(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    kept = RewardPenalty(employee_id=people[row["employee_number"]].id, period=row["period"])
    kept.amount_fen, kept.reason, kept.evidence = row["amount_fen"], row["reason"], row["evidence"]
    kept.entered_by_id, kept.import_id, kept.row_number = act.person, batch.id, row["row_number"]
    act.session.add(kept)


def _store_item(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    item = WorkItem(employee_id=people[row["employee_number"]].id, code=row["code"], title=row["title"])
    item.kind = row.get("kind") or "work_items"
    item.happened_on, item.detail = row["happened_on"], row["detail"] or ""
    item.first_answer_seconds, item.turns = row.get("first_answer_seconds"), row.get("turns")
    item.import_id, item.row_number = batch.id, row["row_number"]
    act.session.add(item)


def _store_kpi_score(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    appraisal = _open_month(act, row)
    assert appraisal is not None
    query = select(KpiScore).where(
        KpiScore.appraisal_id == appraisal.id,
        KpiScore.round == appraisal.round,
        KpiScore.rater == row["rater"],
        KpiScore.item == row["item"],
    )
    kept = act.session.scalars(query).first()
    before = kept.points if kept else None
    if kept is None:
        kept = KpiScore(appraisal_id=appraisal.id, round=appraisal.round, rater=row["rater"], item=row["item"])
    kept.points, kept.note = row["points"], row["note"] or ""
    act.session.add(kept)
    body = {"import": batch.stream, "row": row["row_number"], "rater": row["rater"], "points": [before, kept.points]}
    keep_record(act, appraisal, "appraisal:import_score", body={**body, "item": row["item"]})


def _store_self_score(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    appraisal = _open_month(act, row)
    assert appraisal is not None
    query = select(SelfAssessment).where(
        SelfAssessment.appraisal_id == appraisal.id, SelfAssessment.round == appraisal.round
    )
    kept = act.session.scalars(query).first() or SelfAssessment(appraisal_id=appraisal.id, round=appraisal.round)
    before = kept.self_score
    kept.self_score, kept.saved_at = row["score"], act.at
    act.session.add(kept)
    body = {"import": batch.stream, "row": row["row_number"], "self_score": [before, kept.self_score]}
    keep_record(act, appraisal, "appraisal:import_score", body=body)


def _store_department(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    """The parent comes in a second pass: it may stand further down in the file."""
    staff.add_department(act, row["name"], None, row["name_en"] or "")


def _place_departments(act: Act, rows: Sequence[Row]) -> None:
    departments = {one.name: one for one in act.session.scalars(select(Department))}
    for row in rows:
        if row["parent"]:
            departments[row["name"]].parent_id = departments[row["parent"]].id


def _store_position(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    staff.add_position(act, row["code"], row["name"], row["name_en"] or "")


def _store_office(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    department = act.session.scalars(select(Department).where(Department.name == row["department"])).first()
    staff.appoint(act, people[row["employee_number"]], row["office"], row["from_on"], department)


def _store_person(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    """The post comes in a second pass, when every supervisor of the file is there."""
    if row["number"] not in people:
        staff.engage(act, row["number"], row["name"], row["joined_on"], row["pinyin"] or "")
    else:
        staff.correct_joining(act, people[row["number"]], row["joined_on"])


def _assign_people(act: Act, rows: Sequence[Row]) -> None:
    people = {one.number: one for one in act.session.scalars(select(Employee))}
    for row in rows:
        employee, supervisor = people[row["number"]], people.get(row["supervisor_number"] or "")
        department = act.session.scalars(select(Department).where(Department.name == row["department"])).one()
        position = act.session.scalars(select(Position).where(Position.code == row["position_code"])).one()
        from_on = row["from_on"] or row["joined_on"]
        post = staff.Post(
            department.id, position.id, supervisor.id if supervisor else None, from_on, row["grade"] or ""
        )
        staff.assign(act, employee, post)
        if row["left_on"] and employee.left_on != row["left_on"]:
            staff.leave(act, employee, row["left_on"], row["left_reason"] or "")


def _store_pay_standard(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    value = Decimal(int(row["amount_fen"])).scaleb(-2)
    kept = staff.set_pay_standard(act, people[row["employee_number"]], row["code"], value, row["from_on"])
    kept.import_id, kept.row_number = batch.id, row["row_number"]


_STORES: dict[str, Callable[[Act, ImportBatch, People, Row], None]] = {
    "attendance": _store_attendance,
    "sales": _store_sales,
    "counts": _store_count,
    "factors": _store_factor,
    "collections": _store_collection,
    "rewards": _store_reward,
    "service_records": _store_item,
    "work_items": _store_item,
    "kpi_scores": _store_kpi_score,
    "self_scores": _store_self_score,
    "departments": _store_department,
    "positions": _store_position,
    "offices": _store_office,
    "people": _store_person,
    "pay_standards": _store_pay_standard,
}


_SECOND_PASS: dict[str, Callable[[Act, Sequence[Row]], None]] = {
    "people": _assign_people,
    "departments": _place_departments,
}


def confirm_reward(act: Act, reward: RewardPenalty) -> None:
    """Confirm a reward or penalty that somebody else entered: only then does it count (four eyes)."""
    if not act.actor.holds("hr", "finance", "general_manager"):
        raise NotAllowed([No("只有人事、财务或总经理可以确认奖惩")])
    if act.actor.employee_id == reward.entered_by_id:
        raise NotAllowed([No("录入人不能确认自己录入的奖惩，请由另一位同事确认")])
    if act.actor.employee_id == reward.employee_id:
        raise NotAllowed([No("不能确认给自己的奖惩")])
    reward.confirmed_by_id, reward.confirmed_at = act.actor.employee_id, act.at
    act.session.flush()
    body = {"reward": reward.id, "amount_fen": reward.amount_fen, "reason": reward.reason, "period": reward.period}
    keep_record(act, reward.employee, "reward_penalty:confirm", body=body)


def missing_attendance(act: Act, cycle: Cycle) -> Sequence[Employee]:
    """The people of a cycle whose attendance has not been brought in."""
    there = select(Attendance.employee_id).where(Attendance.period == cycle.period)
    query = (
        select(Employee)
        .join(Appraisal, Appraisal.employee_id == Employee.id)
        .where(Appraisal.cycle_id == cycle.id, Appraisal.state != "cancelled", Employee.id.not_in(there))
        .order_by(Employee.number)
    )
    return act.session.scalars(query).all()
