"""导入: a department's files, checked row by row, shown, and then written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, render_template, request
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import db
from approval.gateways.excel import annotated, read_table, template_workbook
from approval.gateways.table_shape import shown_name
from approval.i18n import locale, said
from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.models.figures import ImportBatch, RewardPenalty
from approval.models.people import Employee
from approval.rules.refusal import Refused
from approval.rules.sheet_catalogue import SHEETS
from approval.rules.sheets import RowProblem
from approval.services import figures
from approval.services import sheets as service
from approval.services.sheets import Checked
from approval.views.door import act, commit, once, open_to, see_other
from approval.views.usual import rows_unusual
from workflows.appraisal import SETTLED

blueprint = Blueprint("imports", __name__)
OFFICES = ("hr", "finance", "data", "performance_admin", "admin", "general_manager", "department_head")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 20


@dataclass(frozen=True)
class Missing:
    """A cycle and the people whose attendance has not come."""

    cycle: Cycle
    people: Sequence[Employee]


@blueprint.route("/imports")
@open_to(*OFFICES, "auditor")
def imports() -> str:
    """List what the reader may bring in, what is missing, and what was brought in."""
    return _page()


def _page(problem: str = "", sheet: str = "", filename: str = "") -> str:
    recent = select(ImportBatch).where(ImportBatch.imported_at.is_not(None)).order_by(ImportBatch.id.desc()).limit(20)
    if not _reads_all():
        recent = recent.where(ImportBatch.imported_by_id == act().actor.employee_id)
    rewards = select(RewardPenalty).where(RewardPenalty.confirmed_by_id.is_(None)).order_by(RewardPenalty.id)
    may_confirm = act().actor.holds("hr", "finance", "general_manager")
    return render_template(
        "imports/imports.html",
        sheets=service.sheets_for(act()),
        recent=db.session.scalars(recent).all(),
        rewards=db.session.scalars(rewards).all() if may_confirm else [],
        confirmed=figures.rewards_not_paid(act()) if may_confirm else [],
        missing=_missing() if act().actor.holds("hr") else [],
        names=SHEETS,
        problem=problem,
        failed_sheet=sheet,
        filename=filename,
        person=act().actor.employee_id,
    )


def _reads_all() -> bool:
    """A department's head brings in targets alone and reads his own files."""
    return act().actor.holds(*(set(OFFICES) - {"department_head"}), "auditor")


def _missing() -> list[Missing]:
    open_ = select(Appraisal.cycle_id).where(Appraisal.state.not_in(SETTLED))
    over = select(Cycle).where(Cycle.id.in_(open_), Cycle.last_on < act().today)
    cycles = db.session.scalars(over.order_by(Cycle.id)).all()
    missing = figures.missing_attendance(act(), cycles)
    return [Missing(one, missing[one.id]) for one in cycles if one.id in missing]


@blueprint.route("/imports/<code>/template.xlsx")
@open_to(*OFFICES)
def template(code: str) -> Response:
    """Download an empty sheet with its headings and how to fill them in."""
    sheet = SHEETS.get(code) or abort(404)
    data = template_workbook(sheet, lambda text: str(_(text)), english=locale() == "en")
    return _download(data, f"{code}.xlsx")


def _download(data: bytes, name: str) -> Response:
    answer = FlaskResponse(data, mimetype=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _uploaded() -> tuple[str, bytes]:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Refused("请先选择文件", fault="no file")
    return shown_name(file.filename), file.read()


@blueprint.route("/imports/<code>", methods=["POST"])
@open_to(*OFFICES)
def upload(code: str) -> Response | str | tuple[str, int]:
    """Read a file and show what would be written, or every problem by row; nothing counts yet."""
    if code not in SHEETS:
        abort(404)
    filename = ""
    try:
        filename, data = _uploaded()
        checked = service.check_sheet(act(), code, read_table(data, filename))
    except Refused as refused:
        db.session.rollback()
        return _page(said(refused), code, filename), 422
    batch = service.keep_pending(act(), checked, filename, data)
    commit()
    if checked.problems:
        return render_template("imports/problems.html", checked=checked, batch=batch), 422
    return see_other("imports.pending", batch_id=batch.id)


def problem_text(problem: RowProblem) -> str:
    """A problem in the reader's language: where, what was given, and what would be right."""
    given = _("填的是“%(value)s”，", value=problem.value) if problem.value else ""
    where = _("第 %(row)s 行“%(column)s”：", row=problem.row, column=problem.column)
    return f"{where}{given}{said(problem.reason)}"


def _pending(batch_id: int) -> tuple[ImportBatch, Checked]:
    batch = db.session.get(ImportBatch, batch_id)
    if batch is None or batch.imported_by_id != act().actor.employee_id or batch.imported_at is not None:
        abort(404)
    return batch, service.check_sheet(act(), batch.sheet, read_table(batch.content, batch.filename))


@blueprint.route("/imports/pending/<int:batch_id>")
@open_to(*OFFICES)
def pending(batch_id: int) -> str:
    """Show what a checked file would write, with one button; or what has to be put right first."""
    batch, checked = _pending(batch_id)
    if checked.problems:
        return render_template("imports/problems.html", checked=checked, batch=batch)
    before = service.taken_before(act(), batch)
    told = {"before": before, "unusual": rows_unusual(batch.sheet, checked.rows)}
    return render_template("imports/preview.html", batch=batch, checked=checked, shown=SHOWN, **told)


@blueprint.route("/imports/pending/<int:batch_id>/annotated.xlsx")
@open_to(*OFFICES)
def annotated_file(batch_id: int) -> Response:
    """Download the file with a last column that says what is wrong in each row."""
    batch, checked = _pending(batch_id)
    return _download(annotated(batch.content, batch.filename, checked.problems, problem_text), "problems.xlsx")


@blueprint.route("/imports/pending/<int:batch_id>/write", methods=["POST"])
@open_to(*OFFICES)
def write(batch_id: int) -> Response | str | tuple[str, int]:
    """Write a checked file, read once more; all or nothing."""
    batch, checked = _pending(batch_id)
    if checked.problems:
        return render_template("imports/problems.html", checked=checked, batch=batch), 422
    taken = service.take_in(act(), batch, checked)
    commit()
    if taken.passwords:
        return render_template("imports/passwords.html", batch=batch, passwords=taken.passwords)
    flash(_("已写入 %(n)s 行：%(file)s。", n=batch.rows, file=batch.filename), "ok")
    return see_other("imports.imports")


@blueprint.route("/imports/<int:batch_id>")
@open_to(*OFFICES, "auditor")
def batch(batch_id: int) -> str:
    """Show a file that was brought in: who, when, its rows and SHA-256."""
    found = db.session.get(ImportBatch, batch_id)
    if found is None or found.imported_at is None:
        abort(404)
    if found.imported_by_id != act().actor.employee_id and not _reads_all():
        abort(404)
    return render_template("imports/batch.html", batch=found, sheet=SHEETS.get(found.sheet))


@blueprint.route("/imports/<int:batch_id>/file")
@open_to("hr", "auditor")
def original(batch_id: int) -> Response:
    """Download the file as it was brought in."""
    found = db.session.get(ImportBatch, batch_id)
    if found is None or found.imported_at is None:
        abort(404)
    ending = "csv" if found.filename.lower().endswith(".csv") else "xlsx"
    return _download(found.content, f"import-{found.id}.{ending}")


@blueprint.route("/imports/rewards/<int:reward_id>/confirm", methods=["POST"])
@open_to("hr", "finance", "general_manager")
@once
def confirm_reward(reward_id: int) -> Response:
    """Confirm a reward or penalty that somebody else entered."""
    reward = db.session.get(RewardPenalty, reward_id) or abort(404)
    figures.confirm_reward(act(), reward)
    flash(_("已确认，计入当月。"), "ok")
    return see_other("imports.imports")


@blueprint.route("/imports/rewards/<int:reward_id>/drop", methods=["POST"])
@open_to("hr", "finance", "general_manager")
@once
def drop_reward(reward_id: int) -> Response:
    """Void a reward or penalty that was never confirmed."""
    reward = db.session.get(RewardPenalty, reward_id) or abort(404)
    figures.drop_reward(act(), reward, request.form.get("reason", "")[:500])
    flash(_("已作废，不计入工资。"), "ok")
    return see_other("imports.imports")
