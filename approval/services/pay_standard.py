"""The pay standards of a person in a post: his own, his grade's, his position's, or what the policy prints (R012)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select

from approval.models.appraisal import Appraisal, AppraisalSegment
from approval.models.people import PayStandard
from approval.models.post_standard import PostStandard, rows_fitting, rows_of_post
from approval.rules.policy import Policy
from approval.services.act import Act
from approval.services.month_records import source_of


def post_held(posts: Sequence[AppraisalSegment]) -> PostHeld:
    """The first of some posts of a month."""
    first = posts[0]
    return PostHeld(first.position_id, first.grade, first.from_on, first.to_on)


@dataclass(frozen=True)
class PostHeld:
    """A position and grade held from a day to a day of the month."""

    position_id: int
    grade: str
    first: date
    last: date


def post_of_month(appraisal: Appraisal) -> PostHeld:
    cycle = appraisal.cycle
    return PostHeld(appraisal.position_id, appraisal.grade, cycle.first_on, cycle.last_on)


def standards_of(
    act: Act, appraisal: Appraisal, policy: Policy, post: PostHeld
) -> tuple[dict[str, Decimal], dict[str, str], list[str]]:
    """The figures of a person on the first day of a post, where each came from, and what is missing.

    His own figure stands before the table of posts (R012), a grade's before the position's, that before what the policy
    prints. One that begins later, whosever it is, counts from the next month, unless nothing held on the first day.
    """
    query = select(PayStandard).where(
        PayStandard.employee_id == appraisal.employee_id,
        PayStandard.from_on <= post.last,
        or_(PayStandard.to_on.is_(None), PayStandard.to_on >= post.first),
    )
    own = act.session.scalars(query).all()
    table = rows_of_post(act.session, post.position_id, post.first, post.last)
    params: dict[str, Decimal] = {}
    sources: dict[str, str] = {}
    missing: list[str] = []
    for code, param in policy.params.items():
        held: list[PayStandard | PostStandard] = [
            *(one for one in own if one.code == code),
            *rows_fitting(table, param, post.grade),
        ]
        row = min(held, key=lambda one: (max(one.from_on, post.first), _distance(one)), default=None)
        value = row.value if row is not None else param.value
        if value is None:
            missing.append(param.zh or code)
            continue
        params[code], sources[code] = value, "policy" if row is None else _told(row)
    return params, sources, missing


def _distance(row: PayStandard | PostStandard) -> int:
    """How far a figure stands from the person: his own, his grade's, his position's."""
    return 0 if isinstance(row, PayStandard) else 1 if row.grade else 2


def _told(row: PayStandard | PostStandard) -> str:
    """Where a figure came from: a person's own or the table of posts, since when, and the file and row that brought it."""
    told = f"{row.from_on}, {source_of(row.import_id, row.row_number)}"
    if isinstance(row, PayStandard):
        return f"standard:{told}"
    return f"post_standard:{row.position.name}/{row.grade}/{told}"
