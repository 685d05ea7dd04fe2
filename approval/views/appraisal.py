"""考核单: one month as each of its people may see it, the supervisor's buttons, its log, its printed form; his team."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said
from approval.models.appraisal import CLOSED_STATES, Appraisal
from approval.models.cycle import Cycle
from approval.models.figures import Attendance
from approval.rules.calendar import MONTH, kind_of
from approval.rules.refusal import Refused
from approval.services import appraisal as service
from approval.services import bonus_void, pay
from approval.services import evidence as files
from approval.services import feedback as talks
from approval.services.advice import flags_of
from approval.services.beside import void_of
from approval.services.facts import kpi_scores, reviewer_of, weeks_of
from approval.services.process import wanting_feedback
from approval.services.rulebook import is_from_months, policy_of, scores_by_sampling
from approval.services.segments import segments_of
from approval.services.self_assessment import ItemScore
from approval.services.self_assessment import score_items as keep_points
from approval.services.sight import find_appraisal, relations, sees
from approval.services.step import Conflict
from approval.views import history, means, month_page, self_assessment, transfer
from approval.views.bonus_void import READERS as VOID_READERS
from approval.views.door import EVERYONE, act, commit, once, open_to, see_other
from approval.views.kpi_table import asked_items, kpi_rows
from approval.views.payslip_page import mean_of_months
from approval.views.process_page import next_of, strip_of
from approval.views.score_card import card_of
from forms.self_assessment import ItemsForm, ReturnForm, items_form
from workflows.appraisal import CANCELLED, COMPUTED, REVIEWED, SAMPLING, SELF_ASSESSMENT, SETTLED
from workflows.sight import OWN, SCORER

blueprint = Blueprint("appraisal", __name__)
self_assessment.install(blueprint)

Page = Response | str | tuple[str, int]
WITH_REASON = ("return_to_employee", "return_to_supervisor", "cancel")


@blueprint.route("/appraisals/<int:appraisal_id>")
@open_to(EVERYONE)
def appraisal(appraisal_id: int) -> str:
    """Show a month as this reader may see it."""
    return _page(find_appraisal(act(), appraisal_id))


def _page(found: Appraisal, form: ItemsForm | None = None, reason: ReturnForm | None = None, trigger: str = "") -> str:
    scoring = _scores_items(found)
    offers = service.offers(act(), found)
    process = strip_of(act(), found.cycle, [found]) if kind_of(found.cycle.period) != MONTH else []
    return render_template(
        "appraisal/appraisal.html",
        appraisal=found,
        process=process,
        next=next_of(process),
        feedback=talks.feedback_of(act(), found) if sees(act(), found, "feedback") else None,
        talks=bool(sees(act(), found, "feedback") and found.state in REVIEWED and wanting_feedback(act(), [found])),
        policy=policy_of(found),
        pill=month_page.pill_of(act(), found),
        stages=month_page.stages(act(), found),
        holder=month_page.holder(act(), found),
        card=card_of(act(), found),
        rows=[] if is_from_months(found) else kpi_rows(act(), found),
        behind=means.months_of(act(), found),
        sampled=scores_by_sampling(policy_of(found)),
        segments=segments_of(act(), found) if sees(act(), found, "figures") else [],
        flags=flags_of(act(), found) if sees(act(), found, "supervisor_score") else [],
        asks_days=act().actor.holds("hr") and found.state not in SETTLED,
        rounds=month_page.rounds_of(act(), found),
        weeks=month_page.sample_weeks(act(), found) if _shows_samples(found) else [],
        evidence=files.evidence_of(act(), found) if sees(act(), found, "samples") else [],
        form=form or (_items_form(found) if scoring else None),
        offers=[(offer, _address(found, offer.trigger), offer.trigger in WITH_REASON) for offer in offers.values()],
        reason=reason,
        trigger=trigger,
        void=void_of(act(), found) if _reads_void(found) else None,
        may_void=_reads_void(found) and not bonus_void.why_not(act(), found),
        own=OWN in relations(act(), found),
        hides_self=not sees(act(), found, "self_score"),
        log=[one for one in history.of(act(), found) if not one.aside][-5:] if sees(act(), found, "log") else [],
        may_log=sees(act(), found, "log"),
    )


def _reads_void(found: Appraisal) -> bool:
    """Say whether this reader may know of a void bonus, or enter one: its owner and those who decide (R107)."""
    return kind_of(found.cycle.period) != MONTH and bool(relations(act(), found) & VOID_READERS)


def _shows_samples(found: Appraisal) -> bool:
    return scores_by_sampling(policy_of(found)) and not is_from_months(found) and sees(act(), found, "samples")


def _scores_items(found: Appraisal) -> bool:
    """Say whether this reader scores the KPI items of this month now (A-47)."""
    mine = SCORER in relations(act(), found) and not scores_by_sampling(policy_of(found))
    return mine and not is_from_months(found) and found.state in (SELF_ASSESSMENT, SAMPLING)


def _address(found: Appraisal, trigger: str) -> str:
    """Where a step's button leads; a step that no page of ours offers has none."""
    own_page = {"submit": "appraisal.confirm_submit", "withdraw": "appraisal.withdraw"}
    if trigger in own_page:
        return url_for(own_page[trigger], period=found.cycle.period)
    for place in ("appraisal", "review"):
        if f"{place}.{trigger}" in current_app.view_functions:
            return url_for(f"{place}.{trigger}", appraisal_id=found.id)
    return ""


def _items_form(found: Appraisal) -> ItemsForm:
    given = kpi_scores(act(), found, "supervisor")
    kept: dict[str, Any] = {"seen": str(found.version)}
    for code, score in given.items():
        kept[f"points_{code}"] = "" if score.points is None else format(score.points.normalize(), "f")
        kept[f"note_{code}"] = score.note
    return items_form(asked_items(found, kpi_rows(act(), found), "supervisor"))(data=kept)


@blueprint.route("/appraisals/<int:appraisal_id>/items", methods=["POST"])
@open_to(EVERYONE)
def score_items(appraisal_id: int) -> Page:
    """Keep the supervisor's points for the KPI items; what is wrong is shown with everything typed."""
    found = find_appraisal(act(), appraisal_id)
    form = _items_form(found)
    if not form.validate():
        return _page(found, form), 422
    try:
        _must_be_as_seen(found, form.seen.data)
        keep_points(act(), found, tuple(ItemScore(*answer) for answer in form.answers()))
    except Refused as error:
        db.session.rollback()
        form.form_errors = [said(error)]
        return _page(found, form), 422
    except Conflict:
        db.session.rollback()
        flash(_("您打开页面之后，这份考核单已被改过；您填的还在下面，核对后再保存一次。"), "warn")
        form.seen.data = str(found.version)
        return _page(found, form), 409
    commit()
    flash(_("评分已保存，还没有提交。"), "ok")
    return see_other("appraisal.appraisal", appraisal_id=found.id)


def _must_be_as_seen(found: Appraisal, seen: str | None) -> None:
    """A decision is about what was read: refuse it where the month has moved on since."""
    if seen and seen != str(found.version):
        raise Conflict(found.stream)


@blueprint.route("/appraisals/<int:appraisal_id>/close_scores", methods=["POST"])
@open_to(EVERYONE)
@once
def close_scores(appraisal_id: int) -> Response:
    """Close the supervisor's scores; refused with every reason while something is unscored."""
    found = find_appraisal(act(), appraisal_id)
    _must_be_as_seen(found, request.form.get("version"))
    service.close_scores(act(), found)
    flash(_("%(name)s 的评分已提交，交部门负责人复核。", name=found.employee.name), "ok")
    return see_other("appraisal.appraisal", appraisal_id=found.id)


@blueprint.route("/appraisals/<int:appraisal_id>/return_to_employee", methods=["POST"])
@open_to(EVERYONE)
@once
def return_to_employee(appraisal_id: int) -> Response:
    """Send a month back to its employee with a reason."""
    return _with_reason(appraisal_id, "return_to_employee", _("已退回，对方会看到理由。"))


@blueprint.route("/appraisals/<int:appraisal_id>/cancel", methods=["POST"])
@open_to(EVERYONE)
@once
def cancel(appraisal_id: int) -> Response:
    """Void a month that is not paid, with a reason."""
    return _with_reason(appraisal_id, "cancel", _("考核单已作废。"))


def _with_reason(appraisal_id: int, trigger: str, done: str) -> Response:
    found = find_appraisal(act(), appraisal_id)
    form = ReturnForm()
    if not form.validate():
        return Response(_page(found, reason=form, trigger=trigger), 422, mimetype="text/html")
    _must_be_as_seen(found, form.version.data)
    {"return_to_employee": service.return_to_employee, "cancel": service.cancel}[trigger](
        act(), found, form.reason.data
    )
    flash(done, "ok")
    return see_other("appraisal.appraisal", appraisal_id=found.id)


@blueprint.route("/appraisals/<int:appraisal_id>/segments", methods=["POST"])
@open_to("hr")
@once
def enter_segment_days(appraisal_id: int) -> Response:
    """Say how many days were attended in each post of the month."""
    return transfer.enter_segment_days(appraisal_id)


@blueprint.route("/appraisals/<int:appraisal_id>/log")
@open_to(EVERYONE)
def log(appraisal_id: int) -> str:
    """The whole chain of a month as a timeline."""
    found = find_appraisal(act(), appraisal_id, "log")
    return render_template("appraisal/log.html", appraisal=found, entries=history.of(act(), found))


@blueprint.route("/appraisals/<int:appraisal_id>/print")
@open_to(EVERYONE)
def print_form(appraisal_id: int) -> str:
    """The month as an A4 form with four boxes for signatures; a draft says so across the page."""
    found = find_appraisal(act(), appraisal_id)
    attendance = select(Attendance).where(
        Attendance.employee_id == found.employee_id, Attendance.period == found.cycle.period
    )
    paid = pay.last_result(act(), found) if sees(act(), found, "pay") else None
    behind = means.months_of(act(), found)
    return render_template(
        "appraisal/print.html",
        appraisal=found,
        policy=policy_of(found),
        card=card_of(act(), found),
        rows=[] if is_from_months(found) else kpi_rows(act(), found),
        behind=behind,
        mean=mean_of_months(behind),
        sampled=scores_by_sampling(policy_of(found)),
        rounds=month_page.rounds_of(act(), found),
        weeks=month_page.sample_weeks(act(), found) if _shows_samples(found) else [],
        attendance=act().session.scalars(attendance).first() if sees(act(), found, "figures") else None,
        pay=pay.stored(paid) if paid else None,
        feedback=talks.feedback_of(act(), found) if sees(act(), found, "feedback") else None,
        reviewer=month_page.name_of(act(), reviewer_of(act(), found)),
        log=[one for one in history.of(act(), found) if one.kind == "ok"] if sees(act(), found, "log") else [],
        final=found.state in ("split_approval", *COMPUTED),
    )


@blueprint.route("/team")
@open_to(EVERYONE)
def team() -> str:
    """The people whom the reader supervises, with how far each month is, and the one thing to do next."""
    query = (
        select(Appraisal)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(Appraisal.supervisor_id == act().person, Appraisal.state != CANCELLED)
        .order_by(Cycle.last_on.desc(), Appraisal.id)
        .options(contains_eager(Appraisal.cycle), joinedload(Appraisal.employee), joinedload(Appraisal.position))
        .options(joinedload(Appraisal.frozen_policy))
    )
    months = [one for one in act().session.scalars(query) if kind_of(one.cycle.period) == MONTH]
    periods = list(dict.fromkeys(one.cycle.period for one in months))
    running = [one.cycle.period for one in months if one.state not in COMPUTED]
    chosen = request.args.get("period", "")
    chosen = chosen if chosen in periods else next(iter(running or periods), "")
    rows = [_team_row(one) for one in months if one.cycle.period == chosen]
    return render_template("appraisal/team.html", rows=rows, period=chosen, periods=periods)


def _team_row(found: Appraisal) -> dict[str, Any]:
    sampled = scores_by_sampling(policy_of(found))
    weeks = weeks_of(act(), found) if sampled else ()
    ended = [one for one in weeks if one.week.sunday < act().today]
    items = policy_of(found).kpi
    given = {} if sampled else kpi_scores(act(), found, "supervisor")
    offer = service.offers(act(), found).get("close_scores")
    return {
        "appraisal": found,
        "pill": month_page.pill_of(act(), found),
        "sampled": sampled,
        "submitted": found.submitted_at is not None,
        "drawn": sum(one.drawn for one in weeks),
        "weeks": len(weeks),
        "scored": sum(one.scored for one in weeks) if sampled else sum(s.points is not None for s in given.values()),
        "asked": sum(len(one.samples) for one in weeks) if sampled else len(items),
        "to_draw": next((one.week.monday for one in ended if not one.drawn), None),
        "to_score": next((one.week.monday for one in weeks if one.drawn and not one.complete), None),
        "closed": found.state in CLOSED_STATES,
        "close": offer,
    }
