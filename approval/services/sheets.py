"""A department's files taken in: checked row by row first, then stored whole or not at all, with where each figure came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from approval.models.figures import ImportBatch
from approval.models.people import Account, Employee
from approval.rules.refusal import Refused
from approval.rules.sheet_catalogue import SHEETS
from approval.rules.sheets import RowProblem, Sheet, parsed
from approval.rules.table import Table
from approval.services import account
from approval.services.act import Act
from approval.services.figure_codes import with_codes
from approval.services.month_checks import Row
from approval.services.sheet_checks import known, problems_of
from approval.services.sheet_stores import SECOND_PASS, STORES
from approval.services.step import keep_record
from workflows.engine import No, NotAllowed

# Which offices may bring a sheet in: the owner of the figure, never the person paid by it (rules.md 1.4).
OFFICES_OF: dict[str, tuple[str, ...]] = {
    "departments": ("hr", "admin"),
    "positions": ("hr", "admin"),
    "offices": ("hr", "admin"),
    "people": ("hr", "admin"),
    "pay_standards": ("hr",),
    "post_standards": ("hr",),
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
    "targets": ("department_head", "general_manager"),
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
    read, problems = parsed(sheet, table, known(act))
    rows = read if problems else with_codes(act, code, read)
    return Checked(sheet, rows, problems or problems_of(act, code, rows))


@dataclass(frozen=True)
class TakenIn:
    """A file that was stored; `passwords` are the one-time passwords of accounts opened with it, shown once."""

    batch: ImportBatch
    passwords: Mapping[str, str]


def keep_pending(act: Act, checked: Checked, filename: str, data: bytes) -> ImportBatch:
    """Keep a file until its writing is confirmed or its problems are read, in place of an earlier one; it counts for nothing."""
    older = delete(ImportBatch).where(ImportBatch.imported_at.is_(None), ImportBatch.sheet == checked.sheet.code)
    act.session.execute(older.where(ImportBatch.imported_by_id == act.person))
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
    store = STORES[checked.sheet.code]
    employees = {one.number: one for one in act.session.scalars(select(Employee))}
    for row in checked.rows:
        store(act, batch, employees, row)
    act.session.flush()
    if batch.sheet in SECOND_PASS:
        SECOND_PASS[batch.sheet](act, batch, checked.rows)
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
            opened[employee.number] = account.first_password()
            account.open_account(act, employee, opened[employee.number])
    return opened


def taken_before(act: Act, batch: ImportBatch) -> ImportBatch | None:
    """The same file, byte for byte, brought in before: worth a word before it is written again."""
    query = select(ImportBatch).where(
        ImportBatch.sha256 == batch.sha256, ImportBatch.sheet == batch.sheet, ImportBatch.imported_at.is_not(None)
    )
    return act.session.scalars(query.order_by(ImportBatch.id.desc())).first()
