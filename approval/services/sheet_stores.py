"""How a row that was checked becomes what the database keeps, with the file and the row that it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import select

from approval.models.appraisal import KpiScore, SelfAssessment
from approval.models.figures import Attendance, Collection, Figure, ImportBatch, RewardPenalty
from approval.models.people import Department, Employee, Position
from approval.models.sampling import WorkItem
from approval.models.target import AnnualTarget
from approval.services import people as staff
from approval.services import target
from approval.services.act import Act
from approval.services.attendance import DAYS
from approval.services.month_checks import FIGURES_OF_SALES, Row, open_month
from approval.services.post_standard import Wanted, set_post_standard
from approval.services.segments import follow_assignment
from approval.services.sheet_checks import target_of
from approval.services.step import keep_record

People = Mapping[str, Employee]


def _store_attendance(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    employee = people[row["employee_number"]]
    query = select(Attendance).where(Attendance.employee_id == employee.id, Attendance.period == row["period"])
    kept = act.session.scalars(query).first() or Attendance(employee_id=employee.id, period=row["period"])
    for name in (*DAYS, "statutory"):
        setattr(kept, name, row[name])
    kept.import_id, kept.row_number = batch.id, row["row_number"]
    act.session.add(kept)


def _store_figure(act: Act, batch: ImportBatch, employee: Employee, row: Row, code: str, value: Decimal) -> None:
    query = select(Figure).where(Figure.employee_id == employee.id, Figure.period == row["period"], Figure.code == code)
    kept = act.session.scalars(query).first() or Figure(employee_id=employee.id, period=row["period"], code=code)
    kept.value, kept.import_id, kept.row_number = value, batch.id, row["row_number"]
    kept.evidence = row.get("evidence") or ""
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
    appraisal = open_month(act, row)
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
    appraisal = open_month(act, row)
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


def _store_target(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    """Kept in a second pass: one person's months are one target, one entry and one letter."""


def _set_targets(act: Act, batch: ImportBatch, rows: Sequence[Row]) -> None:
    people = {one.number: one for one in act.session.scalars(select(Employee))}
    parts: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        found = target_of(act, row)
        assert found is not None
        parts.setdefault((found.id, row["employee_number"]), []).append(row)
    for (target_id, number), group in parts.items():
        months = {row["period"]: row["value"] for row in group}
        reason = "；".join(dict.fromkeys(row["reason"] for row in group if row["reason"]))
        lines = {row["period"]: row["row_number"] for row in group}
        part = target.Part(months, None, reason, batch, lines)
        target.set_personal_target(act, act.session.get_one(AnnualTarget, target_id), people[number], part)


def _store_department(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    """The parent comes in a second pass: it may stand further down in the file."""
    staff.add_department(act, row["name"], None, row["name_en"] or "")


def _place_departments(act: Act, batch: ImportBatch, rows: Sequence[Row]) -> None:
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
        employee = people[row["number"]]
        staff.correct(act, employee, row["name"], row["pinyin"] or employee.pinyin)
        staff.correct_joining(act, employee, row["joined_on"])


def _assign_people(act: Act, batch: ImportBatch, rows: Sequence[Row]) -> None:
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
        follow_assignment(act, employee)
        if row["left_on"] and employee.left_on != row["left_on"]:
            staff.leave(act, employee, row["left_on"], row["left_reason"] or "", row["left_by"] or "own")


def _store_pay_standard(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    value = Decimal(int(row["amount_fen"])).scaleb(-2)
    kept = staff.set_pay_standard(act, people[row["employee_number"]], row["code"], value, row["from_on"])
    kept.import_id, kept.row_number = batch.id, row["row_number"]


def _store_post_standard(act: Act, batch: ImportBatch, people: People, row: Row) -> None:
    position = act.session.scalars(select(Position).where(Position.code == row["position_code"])).one()
    wanted = Wanted(position, row["grade"] or "", row["code"], Decimal(row["value"]), row["from_on"])
    set_post_standard(act, wanted, batch, row["row_number"])


STORES: dict[str, Callable[[Act, ImportBatch, People, Row], None]] = {
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
    "post_standards": _store_post_standard,
    "targets": _store_target,
}


SECOND_PASS: dict[str, Callable[[Act, ImportBatch, Sequence[Row]], None]] = {
    "people": _assign_people,
    "departments": _place_departments,
    "targets": _set_targets,
}
