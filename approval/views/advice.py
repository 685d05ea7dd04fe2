"""建议: what a run of months suggests, with its scores as evidence; a human decides, and nothing else follows by itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, abort, flash, render_template
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said
from approval.models.advice import KINDS, Advice
from approval.models.appraisal import Appraisal
from approval.models.audit import entries_of
from approval.rules.refusal import Refused
from approval.rules.streak import hit
from approval.services import advice as service
from approval.services.advice_evidence import Proof, rule_of
from approval.services.protection import is_protected
from approval.services.rulebook import policy_of
from approval.services.sight import Hidden, headed_by
from approval.views.advice_steps import Typed, steps_of, with_choices
from approval.views.door import EVERYONE, act, once, open_to, see_other
from approval.views.timeline import told_entries
from forms.advice import DecisionForm, EvidenceForm
from workflows.advice import DROPPED, LABELS, PROPOSED, TAKEN

blueprint = Blueprint("advice", __name__)
READERS = ("hr", "general_manager", "auditor")
PILLS = {PROPOSED: "mine", TAKEN: "passed", DROPPED: "todo"}
# What comes first, for the kinds of advice whose evidence has no days; those with days have steps (advice_steps).
CHECKLIST = {
    "warning": (
        ("先面谈，听本人说明原因", "把谈话内容和双方签字记录下来"),
        ("商定改进目标和需要的帮助", "写明什么时候再看一次"),
        ("由人作出决定并写明理由", "系统不会改变任何人的任职状态"),
    ),
    "year_end_award_advice": (
        ("核对这些月份的考核结果", "有异议未处理的月份先处理"),
        ("由人作出决定并写明理由", "奖金不会因此自动发放"),
    ),
}


@dataclass(frozen=True)
class Month:
    """One month of the evidence: its score, whether it counts for the streak, and the appraisal where the reader may open it."""

    period: str
    score: Decimal | None
    counts: bool
    appraisal_id: int | None


@blueprint.route("/advice")
@open_to(EVERYONE)
def advices() -> str:
    """List the advice that the reader may read, undecided first."""
    found = [one for one in act().session.scalars(select(Advice).order_by(Advice.id.desc())) if _reads(one)]
    if not found and not (act().actor.headed or act().actor.holds(*READERS)):
        abort(403, description="hr|general_manager|department_head")
    rows = [(one, rule_of(act(), one), months_of(one)) for one in sorted(found, key=lambda one: one.state != PROPOSED)]
    return render_template("advice/advices.html", rows=rows, labels=LABELS, pills=PILLS, kinds=KINDS)


def _reads(advice: Advice) -> bool:
    """Nobody reads what is suggested about himself before a human has spoken with him."""
    if advice.employee_id == act().actor.employee_id:
        return False
    if act().actor.holds(*READERS):
        return True
    month = act().session.get_one(Appraisal, advice.appraisal_id)
    return month.department_id in headed_by(act())


def _find(advice_id: int) -> Advice:
    found = act().session.get(Advice, advice_id)
    if found is None or not _reads(found):
        raise Hidden(f"advice {advice_id}")
    return found


def months_of(advice: Advice) -> list[Month]:
    """The months that were looked at, oldest first, as they were kept when the advice was made."""
    rule = rule_of(act(), advice)
    ids = select(Appraisal).where(Appraisal.employee_id == advice.employee_id, Appraisal.state != "cancelled")
    places = {one.cycle.period: one.id for one in act().session.scalars(ids)}
    found = []
    for period, text in json.loads(advice.months):
        score = None if text is None else Decimal(text)
        found.append(Month(period, score, score is not None and hit(score, rule.test), places.get(period)))
    return found


@blueprint.route("/advice/<int:advice_id>")
@open_to(EVERYONE)
def advice(advice_id: int) -> str:
    """Show one advice: the scores, the rule with its sentence, what must come first, and the decision."""
    return _page(_find(advice_id), DecisionForm(formdata=None))


def _page(found: Advice, form: DecisionForm, trigger: str = "", typed: Typed | None = None) -> str:
    month = act().session.get_one(Appraisal, found.appraisal_id)
    told = next(one for one in policy_of(month).raw["streaks"] if one["code"] == found.streak)
    return render_template(
        "advice/advice.html",
        advice=found,
        month=month,
        rule=rule_of(act(), found),
        told=told,
        months=months_of(found),
        checklist=CHECKLIST.get(found.kind, ()),
        steps=steps_of(found, typed),
        typed=typed,
        protected=is_protected(act(), found.employee_id),
        kinds=KINDS,
        offers=service.offers(act(), found),
        entries=told_entries(entries_of(act().session, found.stream), LABELS),
        labels=LABELS,
        pills=PILLS,
        form=form,
        trigger=trigger,
    )


@blueprint.route("/advice/<int:advice_id>/evidence/<item>", methods=["POST"])
@open_to("hr", "general_manager")
@once
def evidence(advice_id: int, item: str) -> Response:
    """Put on record what was done before the decision."""
    found, form = _find(advice_id), with_choices(EvidenceForm(), _find(advice_id), item)
    if form.validate():
        try:
            told = Proof(
                str(form.note.data or ""), form.held_on.data, form.chosen(form.coaching), form.chosen(form.month)
            )
            service.keep_evidence(act(), found, item, told)
        except Refused as refused:
            db.session.rollback()
            form.form_errors.append(said(refused))
        else:
            flash(_("已登记。"), "ok")
            return see_other("advice.advice", advice_id=advice_id, _anchor="h-record")
    return FlaskResponse(_page(_find(advice_id), DecisionForm(formdata=None), typed=Typed(item, form)), 422)


@blueprint.route("/advice/<int:advice_id>/<trigger>", methods=["POST"])
@open_to("hr", "general_manager")
@once
def decide(advice_id: int, trigger: str) -> Response:
    """Take or drop an advice with a reason."""
    if trigger not in ("take", "drop"):
        abort(404)
    found, form = _find(advice_id), DecisionForm()
    if not form.validate_on_submit():
        return FlaskResponse(_page(found, form, trigger), 422)
    service.decide_advice(act(), found, trigger, form.reason.data)
    flash(_("决定已记录；系统不会因此改变任何人的任职状态。"), "ok")
    return see_other("advice.advice", advice_id=advice_id)
