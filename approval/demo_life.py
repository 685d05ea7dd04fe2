"""What every chapter of the demo stands on: who acts when, the chance that is the same everywhere, the files taken in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from approval import demo_company as data
from approval.gateways.csv_file import csv_bytes
from approval.gateways.excel import read_table
from approval.gateways.sheet_writing import CellValue, SheetOut, workbook
from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.models.people import Department, Employee
from approval.rules.sheet_catalogue import SHEETS
from approval.rules.sheets import Sheet
from approval.services import sheets
from approval.services.act import Act, actor_of

ZONE = ZoneInfo("Asia/Shanghai")
Line = Mapping[str, CellValue]


def chance(low: int, high: int, *key: object) -> int:
    """A number from low to high that is always the same for the same key: the demo is alike on every machine."""
    digest = hashlib.sha256("|".join(map(str, key)).encode()).digest()
    return low + int.from_bytes(digest[:4], "big") % (high - low + 1)


@dataclass
class Life:
    """The company's story while it is told: who acts when."""

    session: Session
    people: dict[str, Employee]

    def act(self, number: str, day: date, hour: int = 9, minute: int = 0) -> Act:
        moment = datetime.combine(day, time(hour, minute), ZONE)
        return Act(self.session, actor_of(self.session, self.people[number].id, day), moment)

    def number(self, employee_id: int | None) -> str:
        return next(number for number, one in self.people.items() if one.id == employee_id)

    def department(self, name: str) -> Department:
        return self.session.scalars(select(Department).where(Department.name == name)).one()

    def months(self, opened: Cycle) -> list[Appraisal]:
        found = self.session.scalars(select(Appraisal).where(Appraisal.cycle_id == opened.id)).all()
        return sorted(found, key=lambda one: one.employee.number)

    def person(self, month: Appraisal) -> data.Person:
        number = self.number(month.employee_id)
        return next(one for one in data.PEOPLE if one.number == number)


def take_in(act: Act, code: str, filename: str, lines: Sequence[Line]) -> None:
    """Bring lines in through the door of the imports page, as the file that an office keeps: a workbook or a CSV.

    `lines` hold values by the codes of the sheet's columns, money in fen. Nothing is brought where there are none.
    """
    if not lines:
        return
    content = _file(SHEETS[code], filename, lines)
    checked = sheets.check_sheet(act, code, read_table(content, filename))
    if checked.problems:
        raise ValueError(f"{filename}: {checked.problems[0]}")
    sheets.take_in(act, sheets.keep_pending(act, checked, filename, content), checked)


def _file(sheet: Sheet, filename: str, lines: Sequence[Line]) -> bytes:
    columns = [column for column in sheet.columns if any(column.code in line for line in lines)]
    money = frozenset(place for place, column in enumerate(columns) if column.kind == "money")
    rows = [[line.get(column.code) for column in columns] for line in lines]
    out = SheetOut(sheet.zh, [column.zh for column in columns], rows, money=money)
    return csv_bytes(out) if filename.endswith(".csv") else workbook([out])
