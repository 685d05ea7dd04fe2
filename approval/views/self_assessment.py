"""自评: one's own months, the form of one month, its draft, its submission, its files."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, flash, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from approval.db import db
from approval.gateways import evidence_file
from approval.i18n import said
from approval.models.appraisal import Appraisal
from approval.models.audit import entries_of
from approval.models.cycle import Cycle, LeftOut
from approval.rules.calendar import next_period, period_bounds, previous_period
from approval.rules.refusal import Refused
from approval.services import appraisal as service
from approval.services import evidence as files
from approval.services.facts import appraisal_facts
from approval.services.facts import self_assessment as kept_draft
from approval.services.rulebook import is_from_months, policy_of, scores_by_sampling
from approval.services.self_assessment import Draft, ItemScore, draft_of, save_self_assessment
from approval.services.step import Conflict
from approval.views import history, month_page
from approval.views.door import EVERYONE, act, commit, once, open_to, see_other
from approval.views.kpi_table import asked_items, kpi_rows
from approval.views.page import local
from approval.views.score_card import card_of
from forms.self_assessment import SelfAssessmentForm, self_assessment_form
from workflows.appraisal import CANCELLED, SELF_ASSESSMENT
from workflows.engine import NotAllowed

Page = Response | str | tuple[str, int]


@open_to(EVERYONE)
def my_months() -> str:
    """List one's own months, newest first."""
    query = select(Appraisal).where(Appraisal.employee_id == act().person).order_by(Appraisal.id.desc())
    months = sorted(act().session.scalars(query), key=lambda one: (one.cycle.last_on, one.id), reverse=True)
    rows = [(one, month_page.pill_of(act(), one), card_of(act(), one)) for one in months]
    return render_template("appraisal/my_months.html", rows=rows)


def _my_month(period: str) -> Appraisal | None:
    """One's own month of a period: the one that runs, else a cancelled one; 404 for what is no period."""
    try:
        period_bounds(period)
    except Refused:
        abort(404)
    query = select(Appraisal).where(Appraisal.employee_id == act().person).order_by(Appraisal.id.desc())
    found = [one for one in act().session.scalars(query) if one.cycle.period == period]
    return next((one for one in found if one.state != CANCELLED), found[0] if found else None)


def _must_have(period: str) -> Appraisal:
    return _my_month(period) or abort(404)


@open_to(EVERYONE)
def self_assessment(period: str) -> Page:
    """Show one's own month: the form while it is open, else what was handed in; a POST keeps a draft."""
    appraisal = _my_month(period)
    if appraisal is None:
        return _not_open(period)
    if is_from_months(appraisal):
        return see_other("appraisal.appraisal", appraisal_id=appraisal.id)
    form = _form(appraisal)
    if request.method == "POST":
        return _save(appraisal, form)
    return _page(appraisal, form)


def _not_open(period: str) -> str:
    left_out = act().session.scalars(select(LeftOut).where(LeftOut.employee_id == act().person)).all()
    return render_template(
        "appraisal/not_open.html",
        period=period,
        left_out=any(_period_of(one) == period for one in left_out),
        before=url_for("appraisal.self_assessment", period=previous_period(period)),
    )


def _period_of(row: LeftOut) -> str:
    return act().session.get_one(Cycle, row.cycle_id).period


def _form(appraisal: Appraisal) -> SelfAssessmentForm:
    """The form of the month's policy, filled with the draft that is kept."""
    draft = draft_of(act(), appraisal)
    kind = self_assessment_form(asked_items(appraisal, kpi_rows(act(), appraisal), "self"))
    kept: dict[str, Any] = {"summary": draft.summary, "self_score": _text(draft.self_score), "seen": draft.token}
    for item in draft.items:
        kept[f"points_{item.item}"], kept[f"note_{item.item}"] = _text(item.points), item.note
    form = kind(data=kept)
    form.enctype = "multipart/form-data"
    return form


def _text(number: Decimal | None) -> str:
    return "" if number is None else format(number.normalize(), "f")


def _page(appraisal: Appraisal, form: SelfAssessmentForm, conflict: Draft | None = None) -> str:
    open_now = appraisal.state == SELF_ASSESSMENT
    return render_template(
        "appraisal/self_assessment.html",
        appraisal=appraisal,
        form=form,
        open_now=open_now,
        policy=policy_of(appraisal),
        pill=month_page.pill_of(act(), appraisal),
        stages=month_page.stages(act(), appraisal),
        holder=month_page.holder(act(), appraisal),
        card=card_of(act(), appraisal),
        rows=kpi_rows(act(), appraisal),
        rounds=month_page.rounds_of(act(), appraisal),
        evidence=files.evidence_of(act(), appraisal),
        accept=evidence_file.ACCEPT,
        kept=kept_draft(act(), appraisal),
        returned=_last_return(appraisal) if open_now and appraisal.round > 1 else None,
        history=[one for one in history.of(act(), appraisal) if not one.aside][-4:],
        sampled=scores_by_sampling(policy_of(appraisal)),
        offers=service.offers(act(), appraisal),
        conflict=conflict,
        filled=sum(item.counted or bool(form.points(item.code).data) for item in form.items),
        others=_neighbours(appraisal),
    )


def _neighbours(appraisal: Appraisal) -> tuple[str, str]:
    period = appraisal.cycle.period
    return tuple(
        url_for("appraisal.self_assessment", period=one) for one in (previous_period(period), next_period(period))
    )  # type: ignore[return-value]


def _last_return(appraisal: Appraisal) -> Any:
    back = ("appraisal:return_to_employee", "appraisal:uphold_objection", "appraisal:return_to_supervisor")
    entries = [one for one in entries_of(act().session, appraisal.stream) if one.action in back]
    return entries[-1] if entries else None


def _save(appraisal: Appraisal, form: SelfAssessmentForm) -> Page:
    """Keep the draft with its files; nothing is written while anything is wrong, and everything typed stays."""
    submitting = request.form.get("do") == "submit"
    valid = form.validate()
    uploads = _uploads(form)
    if submitting and not form.ask_for_missing():
        valid = False
    if not valid or form.errors:
        return _page(appraisal, form), 422
    try:
        _write(appraisal, form, uploads)
    except Refused as error:
        db.session.rollback()
        form.summary.errors = [*form.summary.errors, said(error)]
        return _page(appraisal, form), 422
    except Conflict:
        db.session.rollback()
        return _conflict(appraisal, form), 409
    commit()
    if submitting:
        return see_other("appraisal.confirm_submit", period=appraisal.cycle.period)
    flash(_("草稿已保存，还没有提交。"), "ok")
    return see_other("appraisal.self_assessment", period=appraisal.cycle.period)


def _write(
    appraisal: Appraisal, form: SelfAssessmentForm, uploads: Sequence[tuple[str, evidence_file.EvidenceFile]]
) -> None:
    save_self_assessment(act(), appraisal, _draft(form), form.seen.data or None)
    removed = request.form.get("remove", "")
    if removed.isascii() and removed.isdigit():
        files.remove(act(), appraisal, int(removed[:18]))
    for item, one in uploads:
        files.attach(act(), appraisal, item, one.filename, one.content_type, one.content)


def _conflict(appraisal: Appraisal, form: SelfAssessmentForm) -> str:
    """Show both: what was typed stays in the boxes, what is kept by now stands beside; pressing again keeps the typed."""
    kept = draft_of(act(), appraisal)
    form.seen.data = kept.token
    return _page(appraisal, form, conflict=kept)


def _draft(form: SelfAssessmentForm) -> Draft:
    items = tuple(ItemScore(*answer) for answer in form.answers())
    return Draft(items, None if form.items else form.self_score.number, form.summary.data or "")


def _uploads(form: SelfAssessmentForm) -> list[tuple[str, evidence_file.EvidenceFile]]:
    """Check every chosen file by its content; what is wrong stands at its box."""
    checked = []
    for item in form.items:
        box, chosen = form.file(item.code), request.files.getlist(f"file_{item.code}")
        for one in filter(_chosen, chosen):
            try:
                checked.append((item.code, evidence_file.check(one.filename or "", one.stream.read())))
            except Refused as error:
                box.errors = [*box.errors, said(error)]
    return checked


def _chosen(one: FileStorage) -> bool:
    return bool(one.filename)


@open_to(EVERYONE)
def draft(period: str) -> Response:
    """Keep what is typed so far, asked by the page itself; a box with an error keeps its last good value."""
    appraisal = _must_have(period)
    form = _form(appraisal)
    form.validate()
    typed, kept = _draft(form), draft_of(act(), appraisal)
    last = {item.item: item for item in kept.items}
    items = tuple(
        last[one.item] if form.points(one.item).errors or form.note(one.item).errors else one for one in typed.items
    )
    score = kept.self_score if form.self_score.errors else typed.self_score
    summary = kept.summary if form.summary.errors else typed.summary
    try:
        save_self_assessment(act(), appraisal, Draft(items, score, summary), form.seen.data or None)
    except (Conflict, NotAllowed) as error:
        db.session.rollback()
        return _told(
            {"error": _("没有保存：这份自评已在别处改过或提交，请刷新页面")},
            409 if isinstance(error, Conflict) else 403,
        )
    commit()
    now = local(act().at).strftime("%H:%M:%S")
    return _told({"saved": now, "fields": {"seen": draft_of(act(), appraisal).token}}, 200)


def _told(body: dict[str, Any], status: int) -> Response:
    answer: Response = jsonify(body)
    answer.status_code = status
    return answer


@open_to(EVERYONE)
def confirm_submit(period: str) -> Page:
    """Read everything once more before it is handed over."""
    appraisal = _must_have(period)
    missing = appraisal_facts(act(), appraisal).missing_self_items
    if appraisal.state != SELF_ASSESSMENT or missing:
        if missing:
            flash(_("还不能提交，请先填写：%(items)s", items="、".join(_(one) for one in missing)), "warn")
        return see_other("appraisal.self_assessment", period=period)
    return render_template(
        "appraisal/submit.html",
        appraisal=appraisal,
        draft=draft_of(act(), appraisal),
        items={item.code: item for item in policy_of(appraisal).kpi},
        rows={row.code: row for row in kpi_rows(act(), appraisal)},
        card=card_of(act(), appraisal),
        evidence=files.evidence_of(act(), appraisal),
    )


@open_to(EVERYONE)
@once
def submit(period: str) -> Response:
    """Hand the self-assessment to the supervisor, as it was read."""
    appraisal = _must_have(period)
    service.submit(act(), appraisal, request.form.get("seen") or None)
    flash(_("已提交给 %(name)s；他提交评分之前，您可以撤回。", name=appraisal.supervisor.name), "ok")
    return see_other("appraisal.self_assessment", period=period)


@open_to(EVERYONE)
@once
def withdraw(period: str) -> Response:
    """Take one's own submission back while the supervisor has not closed."""
    service.withdraw(act(), _must_have(period))
    flash(_("已撤回，可以修改后重新提交。"), "ok")
    return see_other("appraisal.self_assessment", period=period)


@open_to(EVERYONE)
def evidence(evidence_id: int) -> Response:
    """Give a file as a download, never as a page."""
    found = files.find_evidence(act(), evidence_id)
    answer = Response(found.content, mimetype=found.content_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.filename)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def install(blueprint: Blueprint) -> None:
    """Add the addresses of one's own months to the blueprint of appraisals."""
    blueprint.add_url_rule("/my", view_func=my_months)
    blueprint.add_url_rule("/my/<period>", view_func=self_assessment, methods=["GET", "POST"])
    blueprint.add_url_rule("/my/<period>/draft", view_func=draft, methods=["POST"])
    blueprint.add_url_rule("/my/<period>/submit", view_func=confirm_submit, methods=["GET"])
    blueprint.add_url_rule("/my/<period>/submit", view_func=submit, methods=["POST"])
    blueprint.add_url_rule("/my/<period>/withdraw", view_func=withdraw, methods=["POST"])
    blueprint.add_url_rule("/evidence/<int:evidence_id>", view_func=evidence)
