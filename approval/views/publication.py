"""公示: what a department may read of each other's results, as their policies say, and one's own in full (R104)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, render_template
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from approval.i18n import in_language, said, sentences
from approval.models.advice import MonthFlag
from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.models.objection import Objection
from approval.models.people import Employee
from approval.rules.refusal import Refused
from approval.services import advice
from approval.services import appraisal as service
from approval.services import publication as postings
from approval.services.rulebook import policy_of
from approval.services.sight import Hidden
from approval.services.step import Conflict
from approval.views.door import EVERYONE, act, once, open_to, see_other
from approval.views.review_page import cycles_overseen, may_oversee, months_in, tier_of
from forms.objection import ObjectionForm
from forms.publication import PostingsForm, postings_form
from workflows.appraisal import CANCELLED, CONCLUDED, REVIEWED
from workflows.engine import NotAllowed

blueprint = Blueprint("publication", __name__)

SHEETS_OF_MONTHS = 12
PUBLISHERS = ("department_head", "hr", "general_manager", "auditor")


@dataclass(frozen=True)
class Line:
    """One person on a sheet: who he is as his policy names him, the band, until when; a score only where his policy
    publishes it, never an amount (PIPL art. 25)."""

    name: str
    number: str
    position: str
    tier: str
    score: Decimal | None
    ends_on: date | None
    over: bool
    open_objection: bool


@dataclass(frozen=True)
class Sheet:
    """One department's sheet: the people on it, those still open, and the day when the last one ends."""

    cycle: Cycle
    lines: Sequence[Line]

    @property
    def running(self) -> int:
        return sum(not line.over for line in self.lines)

    @property
    def scored(self) -> bool:
        """Whether some policy on the sheet publishes scores."""
        return any(line.score is not None for line in self.lines)

    @property
    def ends_on(self) -> date | None:
        return max((line.ends_on for line in self.lines if line.ends_on and not line.over), default=None)


def _on_sheet(appraisal: Appraisal, *, oversees: bool) -> bool:
    """Who oversees reads ended publications too; everybody else only while the days run."""
    if appraisal.state not in REVIEWED or appraisal.published_at is None:
        return False
    return oversees or (appraisal.state == "publication" and not _over(appraisal))


def _over(appraisal: Appraisal) -> bool:
    ends_on = appraisal.publication_ends_on
    return appraisal.state != "publication" or ends_on is None or act().today > ends_on


def _sheets(cycles: Sequence[Cycle]) -> list[Sheet]:
    """The sheets of cycles; everything on them is loaded together."""
    wanted = [one.id for one in cycles]
    query = select(Appraisal).where(Appraisal.cycle_id.in_(wanted), Appraisal.state.in_(REVIEWED))
    loads = (joinedload(one) for one in (Appraisal.employee, Appraisal.position, Appraisal.frozen_policy))
    rows = act().session.scalars(query.join(Appraisal.employee).options(*loads).order_by(Employee.number))
    by_cycle: dict[int, list[Appraisal]] = {one: [] for one in wanted}
    for one in rows:
        by_cycle[one.cycle_id].append(one)
    waiting = select(Objection.appraisal_id).where(Objection.state == "raised")
    objected, classes = frozenset(act().session.scalars(waiting)), _classes(wanted)
    overseen = cycles_overseen(act(), cycles)
    return [_sheet(one, by_cycle[one.id], objected, classes, oversees=one.id in overseen) for one in cycles]


def _sheet(
    cycle: Cycle,
    months: Sequence[Appraisal],
    objected: frozenset[int],
    classes: Mapping[tuple[int, int], str],
    *,
    oversees: bool,
) -> Sheet:
    rows = [one for one in months if _on_sheet(one, oversees=oversees)]
    seen = objected if oversees else frozenset()
    return Sheet(cycle, [_line(one, one.id in seen, classes.get((one.id, one.round), "")) for one in rows])


def _classes(cycles: Sequence[int]) -> dict[tuple[int, int], str]:
    """The classes of the people of cycles by month and round (R118, R127): what a publication names first."""
    query = select(MonthFlag).join(Appraisal, Appraisal.id == MonthFlag.appraisal_id)
    rows = act().session.scalars(query.where(Appraisal.cycle_id.in_(cycles), MonthFlag.kind == "rating"))
    return {(one.appraisal_id, one.round): in_language(one.label, one.label_en) for one in rows}


def _line(appraisal: Appraisal, objected: bool, named: str) -> Line:
    employee, policy = appraisal.employee, policy_of(appraisal)
    tier = named or tier_of(policy, appraisal.score)
    ends_on = appraisal.publication_ends_on
    position = in_language(appraisal.position.name, appraisal.position.name_en)
    told = policy.publication
    person = told.get("person", "both")
    name = "" if person == "number" else employee.name
    number = "" if person == "name" else employee.number
    score = appraisal.score if told.get("content") == "score" else None
    return Line(name, number, position, tier, score, ends_on, _over(appraisal), objected)


@blueprint.route("/publications")
@open_to(EVERYONE)
def publications() -> str:
    """List the sheets that run, and for those who oversee them the ended ones."""
    periods = select(Cycle.period).distinct().order_by(Cycle.period.desc()).limit(SHEETS_OF_MONTHS)
    recent = select(Cycle).where(Cycle.period.in_(act().session.scalars(periods).all()))
    query = recent.order_by(Cycle.period.desc(), Cycle.department_id).options(joinedload(Cycle.department))
    sheets = _sheets(act().session.scalars(query).all())
    return render_template("publication/publications.html", sheets=[one for one in sheets if one.lines])


def find_cycle(cycle_id: int) -> Cycle:
    """Load a cycle; raises Hidden where there is none."""
    cycle = act().session.get(Cycle, cycle_id)
    if cycle is None:
        raise Hidden(f"cycle {cycle_id}")
    return cycle


@blueprint.route("/publications/<int:cycle_id>")
@open_to(EVERYONE)
def publication(cycle_id: int) -> str:
    """Show a department's sheet, one's own result above it."""
    return sheet_page(find_cycle(cycle_id))


def sheet_page(cycle: Cycle, form: ObjectionForm | None = None, posting: PostingsForm | None = None) -> str:
    """The page of a sheet; `form` is an objection, `posting` a posting, that was not right yet."""
    oversees = may_oversee(act(), cycle)
    own = _own(cycle)
    ending = [one for one in months_in(act(), cycle) if one.state == "publication"] if oversees else []
    return render_template(
        "publication/publication.html",
        cycle=cycle,
        sheet=_sheets([cycle])[0],
        own=own,
        own_tier=tier_of(policy_of(own), own.score) if own else "",
        objection=_objection(own) if own else None,
        may_object=own is not None and not _over(own) and _objection(own) is None,
        form=form or ObjectionForm(formdata=None),
        offers=[(one, service.ending_offer(act(), one)) for one in ending],
        oversees=oversees,
        channels=postings.channels_in(act(), cycle) if oversees else [],
        posting=posting or _postings_form(cycle),
    )


def _postings_form(cycle: Cycle) -> PostingsForm | None:
    """The form of the channels, filled with where they were posted last time; None for who keeps no postings, and where
    every channel has its own."""
    channels = postings.channels_in(act(), cycle)
    wanted = any(one.lacking or not one.postings for one in channels)
    if not wanted or postings.by_publisher(act(), cycle) is not None:
        return None
    filled: dict[str, Any] = {}
    for n, one in enumerate(channels):
        before = postings.place_before(act(), cycle, one.name) if one.lacking else None
        filled[f"day_{n}"] = act().today
        filled |= {f"place_{n}": before.place, f"in_app_{n}": before.in_app} if before else {}
    return postings_form([one.name for one in channels])(data=filled)


@blueprint.route("/publications/<int:cycle_id>/post", methods=["POST"])
@open_to("department_head", "hr")
@once
def post(cycle_id: int) -> Response:
    """Keep where and since when the results are posted on each channel that was filled in."""
    cycle = find_cycle(cycle_id)
    form = _postings_form(cycle)
    if form is None:
        raise Hidden(f"cycle {cycle_id}")
    if form.validate():
        try:
            postings.keep_postings(act(), cycle, _told(form))
        except Refused as refused:
            form.form_errors = [said(refused)]
        else:
            flash(_("公示已登记。"), "ok")
            return see_other("publication.publication", cycle_id=cycle_id, _anchor="channels")
    return FlaskResponse(sheet_page(cycle, posting=form), 422)


def _told(form: PostingsForm) -> list[postings.Posting]:
    return [
        postings.Posting(name, form.day(n).day, str(form.place(n).data or ""), bool(form.in_app(n).data))
        for n, name in enumerate(form.channels)
        if form.told(n)
    ]


@blueprint.route("/publications/<int:cycle_id>/print")
@open_to(*PUBLISHERS)
def print_notice(cycle_id: int) -> str:
    """The notice for the board: the sheet on paper, with the days for objections."""
    cycle = find_cycle(cycle_id)
    if not may_oversee(act(), cycle):
        raise Hidden(f"cycle {cycle_id}")
    sheet = _sheets([cycle])[0]
    query = select(Appraisal).where(Appraisal.cycle_id == cycle.id, Appraisal.state.in_(REVIEWED))
    days = [one.published_at for one in act().session.scalars(query) if one.published_at is not None]
    return render_template("publication/print.html", cycle=cycle, sheet=sheet, since=min(days) if days else None)


def _own(cycle: Cycle) -> Appraisal | None:
    query = select(Appraisal).where(
        Appraisal.cycle_id == cycle.id,
        Appraisal.employee_id == act().person,
        Appraisal.state != CANCELLED,
        Appraisal.published_at.is_not(None),
    )
    return act().session.scalars(query).first()


def _objection(appraisal: Appraisal) -> Objection | None:
    """The objection of the present round, if there is one."""
    query = select(Objection).where(Objection.appraisal_id == appraisal.id, Objection.round == appraisal.round)
    return act().session.scalars(query.order_by(Objection.id.desc())).first()


@blueprint.route("/publications/<int:cycle_id>/end", methods=["POST"])
@open_to("department_head", "hr")
@once
def end(cycle_id: int) -> Response:
    """End every publication that is over; what cannot end yet is named with the reason."""
    cycle = find_cycle(cycle_id)
    if not may_oversee(act(), cycle):
        raise Hidden(f"cycle {cycle_id}")
    ended = [one for one in months_in(act(), cycle) if one.state == "publication" and _end(one)]
    if ended:
        flash(_("已结束 %(n)s 人的公示。", n=len(ended)), "ok")
    if concluded := sum(one.state == CONCLUDED for one in ended):
        flash(_("其中 %(n)s 人这一期没有要发放的金额，已结案。", n=concluded), "ok")
    return see_other("publication.publication", cycle_id=cycle_id)


def _end(appraisal: Appraisal) -> bool:
    """End one publication and look at its streaks of months; says whether it ended."""
    name = f"{appraisal.employee.name} {appraisal.employee.number}"
    try:
        with act().session.begin_nested():
            service.end_publication(act(), appraisal)
            advice.propose_advice(act(), appraisal)
    except (NotAllowed, Refused, Conflict) as error:
        why = sentences(error) if isinstance(error, NotAllowed) else [said(error)] if isinstance(error, Refused) else []
        flash(_("%(name)s：%(why)s", name=name, why="；".join(why) or _("别人刚刚改过，请刷新后再看")), "warn")
        return False
    return True
