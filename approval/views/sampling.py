"""每周抽查: the supervisor's weeks and score sheets, the draw and its proof; the employee's own samples."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, jsonify, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import begin_writing, db
from approval.i18n import in_language, said, sentences
from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.models.sampling import KINDS, Sample
from approval.rules.calendar import Week
from approval.rules.refusal import Refused
from approval.services import draw_proof
from approval.services import sampling as service
from approval.services.facts import WeekOfSamples, weeks_of
from approval.services.rulebook import policy_of, scores_by_sampling
from approval.services.sight import Hidden
from approval.services.step import Conflict
from approval.views import month_page
from approval.views.door import EVERYONE, act, commit, once, open_to, see_other
from approval.views.page import local
from approval.views.score_card import bands_of
from approval.views.week_sheet import Row, day_of, my_months, one_each, sheet, week_of, week_row
from forms.sampling import Answer, RecordForm, SheetForm, WaiveForm
from forms.self_assessment import ReturnForm
from workflows.appraisal import CANCELLED
from workflows.engine import NotAllowed

blueprint = Blueprint("sampling", __name__)

Page = Response | str | tuple[str, int]


@blueprint.route("/samples")
@open_to(EVERYONE)
def weeks() -> str:
    """List the weeks of the months that the reader scores, with how far each is."""
    found: dict[date, list[tuple[Appraisal, WeekOfSamples]]] = {}
    for one in my_months():
        if one.state in service.OPEN or one.cycle.last_on >= act().today - timedelta(days=62):
            for part in weeks_of(act(), one):
                found.setdefault(part.week.monday, []).append((one, part))
    rows = [week_row(monday, parts) for monday, parts in sorted(found.items(), reverse=True)]
    return render_template("sampling/weeks.html", rows=rows)


@blueprint.route("/samples/<monday>", methods=["GET", "POST"])
@open_to(EVERYONE)
def week(monday: str) -> Page:
    """Show a week's score sheet; a POST keeps every score on it, or nothing."""
    rows = week_of(monday)
    form = sheet(rows)
    if request.method == "GET":
        return _page(rows, form)
    valid = form.validate()
    if request.form.get("do") == "submit" and not form.ask_for_missing():
        valid = False
    if not valid:
        return _page(rows, form), 422
    try:
        changed = sum(_keep(rows, answer) for answer in form.answers())
    except Conflict:
        db.session.rollback()
        return _conflict(rows, form), 409
    commit()
    flash(_("已保存 %(n)s 处评分。", n=changed), "ok")
    if request.form.get("do") == "submit":
        return see_other("sampling.weeks")
    return see_other("sampling.week", monday=monday)


def _page(rows: Sequence[Row], form: SheetForm, conflicts: dict[int, Sample] | None = None, **more: Any) -> str:
    first = rows[0]
    record = more.pop("record", None) or _record_form(rows)
    return render_template(
        "sampling/week.html",
        rows=rows,
        form=form,
        week=first.part.week,
        period=first.appraisal.cycle.period,
        due=first.appraisal.cycle.scores_due,
        over=first.part.week.sunday < act().today,
        guide=[(policy_of(row.appraisal), bands_of(policy_of(row.appraisal), None)) for row in one_each(rows)],
        kinds=KINDS,
        conflicts=conflicts or {},
        record=record,
        target=sum(len(row.part.samples) for row in rows),
        **more,
    )


def _keep(rows: Sequence[Row], answer: Answer) -> bool:
    appraisal, sample = next(
        (row.appraisal, sample) for row in rows for sample in row.part.samples if sample.id == answer.sample_id
    )
    return service.score_sample(act(), appraisal, sample, answer.score, answer.note, answer.seen)


def _conflict(rows: Sequence[Row], form: SheetForm) -> str:
    """Show both: what was typed stays in the boxes, what is kept by now stands beside; saving again keeps the typed."""
    newer = {}
    samples = {sample.id: sample for row in rows for sample in row.part.samples}
    for answer in form.answers():
        sample = samples[answer.sample_id]
        if answer.seen != sample.version and (sample.score, sample.note) != (answer.score, answer.note):
            newer[sample.id] = sample
        form.seen(sample.id).data = str(sample.version)
    return _page(rows, form, newer)


@blueprint.route("/samples/<monday>/draft", methods=["POST"])
@open_to(EVERYONE)
def draft(monday: str) -> Response:
    """Keep what is right so far, asked by the page itself; a row with an error waits."""
    rows = week_of(monday)
    form = sheet(rows)
    form.validate()
    try:
        for answer in form.answers():
            if not form.faulty(answer.sample_id):
                _keep(rows, answer)
    except (Conflict, NotAllowed):
        db.session.rollback()
        answer_: Response = jsonify({"error": _("没有保存：评分已在别处改过，请刷新页面")})
        answer_.status_code = 409
        return answer_
    commit()
    seen = {f"seen_{sample.id}": str(sample.version) for row in rows for sample in row.part.samples}
    kept: Response = jsonify({"saved": local(act().at).strftime("%H:%M:%S"), "fields": seen})
    return kept


@blueprint.route("/samples/<monday>/draw", methods=["POST"])
@open_to(EVERYONE)
def draw(monday: str) -> Response:
    """Draw the week for everybody who is not drawn: the seeds are committed first, then used. A repeat draws nothing."""
    waiting = [row for row in week_of(monday) if row.open and not row.part.drawn]
    seeded: list[tuple[int, Week]] = []
    empty = []
    for row in waiting:
        try:
            service.record_seed(act(), row.appraisal, row.part.week)
            seeded.append((row.appraisal.id, row.part.week))
        except Refused as error:
            empty.append(f"{row.appraisal.employee.name}：{said(error)}")
    commit()
    begin_writing()
    drawn = 0
    for appraisal_id, of in seeded:
        appraisal = act().session.get_one(Appraisal, appraisal_id)
        kept = service.record_seed(act(), appraisal, of)
        drawn += len(service.draw_sample(act(), appraisal, of, kept))
    commit()
    if drawn or not empty:
        flash(_("已抽取 %(n)s 个样本。", n=drawn), "ok")
    for line in empty:
        flash(line, "warn")
    return see_other("sampling.week", monday=monday)


def _mine(rows: Sequence[Row], appraisal_id: object) -> Row:
    found = next((row for row in rows if str(row.appraisal.id) == str(appraisal_id)), None)
    if found is None:
        raise Hidden(f"appraisal {appraisal_id}")
    return found


@blueprint.route("/samples/<monday>/void/<int:sample_id>", methods=["POST"])
@open_to(EVERYONE)
@once
def void(monday: str, sample_id: int) -> Response:
    """Void a sample with a reason; the next of the seed's order takes its place."""
    rows = week_of(monday)
    found = [(row, sample) for row in rows for sample in row.part.samples if sample.id == sample_id]
    if not found:
        raise Hidden(f"sample {sample_id}")
    form = ReturnForm()
    if not form.validate():
        return Response(_page(rows, sheet(rows), voiding=(sample_id, form)), 422, mimetype="text/html")
    fresh = service.void_sample(act(), found[0][0].appraisal, found[0][1], form.reason.data)
    code = fresh.work_item.code if fresh else ""
    done = (
        _("样本已作废，按同一种子补抽了 %(code)s。", code=code) if fresh else _("样本已作废；这一周没有可补抽的记录。")
    )
    flash(done, "ok")
    return see_other("sampling.week", monday=monday)


@blueprint.route("/samples/<monday>/waive", methods=["POST"])
@open_to(EVERYONE)
@once
def waive(monday: str) -> Response:
    """Skip the week of one employee who has nothing to draw from, with a reason."""
    rows = week_of(monday)
    form = WaiveForm()
    if not form.validate():
        return Response(_page(rows, sheet(rows), waiving=form), 422, mimetype="text/html")
    row = _mine(rows, form.appraisal.data)
    service.waive_week(act(), row.appraisal, row.part.week, form.reason.data)
    flash(_("%(name)s 的这一周已跳过。", name=row.appraisal.employee.name), "ok")
    return see_other("sampling.week", monday=monday)


def _record_form(rows: Sequence[Row]) -> RecordForm:
    form = RecordForm()
    form.appraisal.choices = [
        (row.appraisal.id, f"{row.appraisal.employee.name} {row.appraisal.employee.number}")
        for row in rows
        if row.open and row.part.draw is None and not row.people
    ]
    return form


@blueprint.route("/samples/<monday>/items", methods=["POST"])
@open_to(EVERYONE)
@once
def items(monday: str) -> Response:
    """Enter a record by hand into a week that is not drawn yet; what is wrong is shown with everything typed."""
    rows = week_of(monday)
    form = _record_form(rows)
    if not form.validate():
        return Response(_page(rows, sheet(rows), record=form), 422, mimetype="text/html")
    row = _mine(rows, form.appraisal.data)
    assert form.happened_on.day is not None
    record = service.Record(
        form.code.data, form.happened_on.day, form.title.data, form.detail.data or "",
        form.first_answer_seconds.number, form.turns.number,
    )  # fmt: skip
    try:
        service.enter_record(act(), row.appraisal, row.part.week, record)
    except (Refused, NotAllowed) as error:
        db.session.rollback()
        form.code.errors = [said(error)] if isinstance(error, Refused) else sentences(error)
        return Response(_page(rows, sheet(rows), record=form), 422, mimetype="text/html")
    flash(_("已录入 %(code)s。", code=record.code), "ok")
    return see_other("sampling.week", monday=monday)


@blueprint.route("/samples/<monday>/verify/<int:draw_id>")
@open_to(EVERYONE)
def verify(monday: str, draw_id: int) -> str:
    """The proof of a draw, repeated now; red where anything does not fit."""
    found, appraisal = draw_proof.find_draw(act(), draw_id)
    if found.monday != day_of(monday):
        raise Hidden(f"draw {draw_id}")
    part = next(one for one in weeks_of(act(), appraisal) if one.week.monday == found.monday)
    proof = draw_proof.proof(act(), found, appraisal)
    return render_template("sampling/verify.html", proof=proof, week=part.week, appraisal=appraisal)


@blueprint.route("/my/samples")
@open_to(EVERYONE)
def my_samples() -> str:
    """The reader's own samples by week; scores are shown once all of a week are given."""
    query = (
        select(Appraisal)
        .join(Cycle, Cycle.id == Appraisal.cycle_id)
        .where(Appraisal.employee_id == act().person, Appraisal.state != CANCELLED)
        .order_by(Cycle.last_on.desc())
        .limit(4)
    )
    months = [one for one in act().session.scalars(query) if scores_by_sampling(policy_of(one))]
    shown = [(one, month_page.sample_weeks(act(), one), policy_of(one)) for one in months]
    return render_template("sampling/my_samples.html", months=shown, in_language=in_language)
