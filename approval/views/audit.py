"""审计: search the trail, and verify all of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from flask import Blueprint, render_template, request
from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from approval.db import db
from approval.models.audit import AuditEntry
from approval.models.people import Employee
from approval.services import audit as service
from approval.services import recount
from approval.views.door import act, open_to
from approval.views.history import ACTIONS
from approval.views.page import ZONE
from approval.views.things import names_of
from approval.views.timeline import MORE_ACTIONS, action_text

blueprint = Blueprint("audit", __name__)
READERS = ("auditor", "general_manager", "hr")
PAGE = 50
SHOWN_FAULTS = 200
RESULTS_AT_ONCE = 500


@dataclass(frozen=True)
class Search:
    """What the reader looks for; blank fields do not filter."""

    person: str
    action: str
    stream: str
    first: str
    last: str


def _asked() -> Search:
    given = request.args
    names = ("person", "action", "stream", "first", "last")
    return Search(*(given.get(name, "").strip()[:80] for name in names))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _query(search: Search) -> Select[AuditEntry]:
    query = select(AuditEntry).options(joinedload(AuditEntry.actor)).order_by(AuditEntry.id.desc())
    if search.person:
        people = select(Employee.id).where(
            (Employee.number == search.person.upper()) | (Employee.name == search.person)
        )
        query = query.where(AuditEntry.actor_id.in_(people))
    if search.action:
        query = query.where(AuditEntry.action == search.action)
    if search.stream:
        query = query.where(AuditEntry.stream == search.stream)
    if (first := _day(search.first)) is not None:
        query = query.where(AuditEntry.at >= datetime.combine(first, time(), ZONE))
    if (last := _day(search.last)) is not None:
        query = query.where(AuditEntry.at < datetime.combine(last + timedelta(days=1), time(), ZONE))
    return query


@blueprint.route("/audit")
@open_to(*READERS)
def audit() -> str:
    """Search the trail by person, action, thing and days; older entries by key, not by page number."""
    search, before = _asked(), request.args.get("before", "")
    query = _query(search)
    if before.isdecimal() and len(before) < 16:
        query = query.where(AuditEntry.id < int(before))
    entries = db.session.scalars(query.limit(PAGE + 1)).all()
    actions = sorted({*ACTIONS, *MORE_ACTIONS}, key=action_text)
    return render_template(
        "audit/audit.html",
        search=search,
        entries=entries[:PAGE],
        older=entries[PAGE - 1].id if len(entries) > PAGE else None,
        actions=actions,
        names=names_of(act().session, {one.stream for one in entries}),
        action_text=action_text,
    )


@blueprint.route("/audit/verify")
@open_to(*READERS)
def verify() -> str:
    """Walk every chain and every row now, compute pay results again page by page, and show exactly what does not fit."""
    faults, after = list(islice(service.verify(act().session), SHOWN_FAULTS)), request.args.get("after", "")
    count = db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    streams = db.session.scalar(select(func.count(func.distinct(AuditEntry.stream)))) or 0
    begin = int(after) if after.isdecimal() and len(after) < 16 else 0
    return render_template(
        "audit/verify.html",
        faults=faults,
        names=names_of(act().session, {one.stream for one in faults}),
        count=count,
        streams=streams,
        at=act().at,
        page=recount.recount_page(act().session, begin, RESULTS_AT_ONCE),
        results=recount.results(act().session),
    )
