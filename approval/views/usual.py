"""A figure outside the reference ranges of its post (R020–R026), told wherever it is set or looked at; nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import flash
from flask_babel import gettext as _
from sqlalchemy import func, select

from approval.db import db
from approval.i18n import in_language
from approval.models.appraisal import Appraisal, PayResult
from approval.models.people import Employee, Position, employment_on
from approval.rules.reference_ranges import BASE, TOTAL, Range, outside, ranges_of
from approval.services.post_standard import READERS
from approval.services.rulebook import policies_on
from approval.views.door import act
from approval.views.page import number_text


@dataclass(frozen=True)
class Unusual:
    """What a reader is told: one sentence, and the source's own sentences."""

    says: str
    quotes: Sequence[str]


def ranges_on(day: date) -> list[Range]:
    """The ranges of every policy in force on a day."""
    return ranges_of([policy for _version, policy in policies_on(act().session, day)])


def unusual(position: Position, grade: str, of: str, value: Decimal, ranges: Sequence[Range]) -> Unusual | None:
    """The warning of a value outside all ranges of its post; None where there is nothing to tell."""
    found = outside(ranges, (position.code, position.name), of, value, grade)
    if not found:
        return None
    named = [f"{in_language(one.zh, one.en)} {_sums(one)}" for one in found]
    told = {"value": number_text(value, None), "ranges": str(_("；")).join(named)}
    quotes = list(dict.fromkeys(one.quote for one in found if one.quote))
    return Unusual(str(_("%(value)s 在参考区间之外：%(ranges)s", **told)), quotes)


def _sums(one: Range) -> str:
    return "–".join(dict.fromkeys(number_text(end, None) for end in (one.least, one.most)))


def tell(position: Position, grade: str, code: str, value: Decimal | None) -> None:
    """Say after saving that a base lies outside; it is saved all the same."""
    found = None if code != BASE or value is None else unusual(position, grade, BASE, value, ranges_on(act().today))
    if found is not None:
        quoted = "".join(f"“{one}”" for one in found.quotes)
        flash(_("%(says)s。原文：%(quote)s 只提示，标准已照填的保存。", says=found.says, quote=quoted), "warn")


def tell_person(employee: Employee, code: str, value: Decimal | None, day: date) -> None:
    """The same of a person's own standard, in the post that he has on its first day."""
    post = employment_on(act().session, employee.id, day)
    if post is not None:
        tell(post.position, post.grade, code, value)


def rows_unusual(sheet: str, rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, Unusual]]:
    """The rows of a sheet of standards that lie outside, by their number; they may be written all the same."""
    if sheet not in ("pay_standards", "post_standards"):
        return []
    ranges = ranges_on(act().today)
    found = [(int(row["row_number"]), _row(row, ranges)) for row in rows if row["code"] == BASE]
    return [(number, told) for number, told in found if told is not None]


def _row(row: Mapping[str, Any], ranges: Sequence[Range]) -> Unusual | None:
    if "position_code" in row:
        position = db.session.scalars(select(Position).where(Position.code == row["position_code"])).one()
        return unusual(position, row["grade"] or "", BASE, Decimal(row["value"]), ranges)
    employee = db.session.scalars(select(Employee).where(Employee.number == row["employee_number"])).one()
    post = employment_on(act().session, employee.id, row["from_on"])
    value = Decimal(int(row["amount_fen"])).scaleb(-2)
    return None if post is None else unusual(post.position, post.grade, BASE, value, ranges)


def months_unusual(months: Sequence[Appraisal]) -> dict[int, list[Unusual]]:
    """What lies outside in each month whose pay is computed, by its id: its base and its sum; only for who may see pay."""
    if not months or not act().actor.holds(*READERS):
        return {}
    ranges = ranges_on(months[0].cycle.last_on)
    newest = select(func.max(PayResult.id)).where(PayResult.appraisal_id.in_([one.id for one in months]))
    query = select(PayResult).where(PayResult.id.in_(newest.group_by(PayResult.appraisal_id)))
    results = {one.appraisal_id: one for one in db.session.scalars(query)}
    return {one.id: list(_month(one, results[one.id], ranges)) for one in months if one.id in results}


def _month(month: Appraisal, result: PayResult, ranges: Sequence[Range]) -> Iterator[Unusual]:
    told = json.loads(result.inputs)
    base = told["params"].get(BASE) if told.get("param_sources", {}).get(BASE) != "policy" else None
    values = {BASE: None if base is None else Decimal(base), TOTAL: Decimal(result.total_fen).scaleb(-2)}
    for of, value in values.items():
        found = None if value is None else unusual(month.position, month.grade, of, value, ranges)
        if found is not None:
            yield found
