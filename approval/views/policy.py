"""考核方案: a policy read as a document, its readings chosen, reviewed and published; published ones are open to everybody."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, render_template, request
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import in_language, said
from approval.models.audit import entries_of
from approval.models.policy import PolicyVersion
from approval.rules.calendar import MONTH
from approval.rules.policy import Option, Policy, read_shipped, shipped_codes, shipped_text
from approval.rules.policy_lint import lints
from approval.rules.refusal import Refused
from approval.rules.work_time import work_time_lints
from approval.services import notice
from approval.services import policy as service
from approval.services.guard import minimums_in_scope, wage_lints
from approval.services.sight import Hidden
from approval.services.signatures import has_seat, seats_of
from approval.services.step import Conflict
from approval.services.versions import Post, post_of, ticks_of
from approval.views.door import EVERYONE, act, commit, once, open_to, see_other
from approval.views.policy_blocks import blocks_of, scorers_of
from approval.views.policy_collected import collected_of, collected_title, figures_of
from approval.views.policy_control import SigningForms, control_of, countersigning_of, seat_label
from approval.views.policy_words import indicators_of, ladders_of, lines_of, scope_text
from approval.views.timeline import told_entries
from approval.views.worked_example import example_of
from forms.policy import ConsultationForm, DraftForm, PublishForm, ReadingForm, ReturnForm
from workflows.policy import DRAFT, LABELS, PUBLISHED, REVIEWED, SUPERSEDED

blueprint = Blueprint("policy", __name__)
AUTHORS = service.AUTHORS
SEE_DRAFTS = (*service.EVERYWHERE, "auditor")
SEE_READERS = ("hr", "general_manager", "auditor")
OPEN = (PUBLISHED, SUPERSEDED)
PILLS = {DRAFT: "todo", REVIEWED: "mine", PUBLISHED: "passed", SUPERSEDED: "paid"}
CYCLES = {"month": "每月", "quarter": "每季度", "year": "每年"}


@dataclass(frozen=True)
class Row:
    """One version in the list; `mine` marks the one that covers the reader's own post."""

    version: PolicyVersion
    scope: str
    cycle: str
    mine: bool


@blueprint.route("/policies")
@open_to(EVERYONE)
def policies() -> str:
    """List the policies: in force first, then drafts for those who make them, then what was superseded."""
    return _list_page(None)


def _list_page(form: DraftForm | None) -> str:
    query = select(PolicyVersion).order_by(PolicyVersion.name, PolicyVersion.code, PolicyVersion.number.desc())
    own = _own_post()
    rows = [_row(one, own) for one in act().session.scalars(query) if sees(one)]
    by_state = {state: [row for row in rows if row.version.state == state] for state in LABELS}
    return render_template(
        "policy/policies.html",
        published=sorted(by_state[PUBLISHED], key=lambda row: not row.mine),
        coming=by_state[REVIEWED] + by_state[DRAFT],
        superseded=by_state[SUPERSEDED],
        labels=LABELS,
        pills=PILLS,
        form=_draft_form(form) if act().actor.holds(*AUTHORS) else None,
        today=act().today,
    )


def _row(version: PolicyVersion, own: Post | None) -> Row:
    policy = service.policy_with_readings(version)
    mine = version.state == PUBLISHED and own is not None and policy.covers(*own)
    return Row(version, scope_text(policy), _(CYCLES[policy.cycle]), mine)


def _own_post() -> Post | None:
    """The reader's own post as a scope asks for it."""
    person = act().actor.employee_id
    return None if person is None else post_of(act().session, person, act().today)


def _draft_form(given: DraftForm | None) -> DraftForm:
    form = given or DraftForm(formdata=None)
    named = [(code, read_shipped(code)) for code in shipped_codes()]
    form.shipped.choices = [("", "—"), *((code, f"{in_language(one.zh, one.en)}（{code}）") for code, one in named)]
    return form


@blueprint.route("/policies/new", methods=["POST"])
@open_to(*AUTHORS)
def new() -> Response | tuple[str, int]:
    """Draft a version from a shipped policy, a file or pasted text; a text that cannot be read is named by its path."""
    form = DraftForm()
    try:
        text = _source_of(form)
        if form.validate_on_submit():
            version = service.draft_policy(act(), text, effective_from=form.effective_from.data)
            commit()
            flash(_("草稿已建立；请选定读法，再由另一位同事复核。"), "ok")
            return see_other("policy.policy", code=version.code, number=version.number)
    except Refused as refused:
        db.session.rollback()
        form.validate_on_submit()
        form.source.errors = [*form.source.errors, said(refused)]
    return _list_page(form), 422


def _source_of(form: DraftForm) -> str:
    """The text of the draft; what was uploaded is put into the box, so that it can be corrected there."""
    file = request.files.get("file")
    if file is not None and file.filename:
        try:
            form.source.data = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Refused("方案文件须是 UTF-8 文本；请另存为 UTF-8 后再上传", fault="not UTF-8") from None
    if form.source.data and form.source.data.strip():
        return str(form.source.data)
    if not form.shipped.data:
        raise Refused("请选择随产品提供的方案、上传文件，或粘贴全文", fault="no source")
    return shipped_text(form.shipped.data)


def find_version(code: str, number: int) -> PolicyVersion:
    query = select(PolicyVersion).where(PolicyVersion.code == code[:60], PolicyVersion.number == number)
    found = act().session.scalars(query).first()
    if found is None or not sees(found):
        raise Hidden(f"policy {code}/{number}")
    return found


def sees(version: PolicyVersion) -> bool:
    """Published versions are open to everybody; others to the offices that watch, to whoever may write them, and to
    those who are to countersign once there is something to sign."""
    if version.state in OPEN or act().actor.holds(*SEE_DRAFTS) or writes(version):
        return True
    return version.state == REVIEWED and has_seat(act(), version)


def writes(version: PolicyVersion) -> bool:
    """Whether the reader may write this policy."""
    return service.by_author(act(), service.policy_with_readings(version)) is None


@blueprint.route("/policies/<code>/<int:number>/next", methods=["POST"])
@open_to(*AUTHORS)
@once
def next_version(code: str, number: int) -> Response:
    """Draft the next version from this one and go on to its figures."""
    version = service.draft_next(act(), find_version(code, number))
    flash(_("草稿已建立；改好数值后，由另一位同事复核。"), "ok")
    return see_other("policy_figures.figures", code=version.code, number=version.number)


@blueprint.route("/policies/<code>/<int:number>")
@open_to(EVERYONE)
def policy(code: str, number: int) -> str:
    """Show a version as a document: for whom, what is scored, what is paid, how terms are read; and a worked example."""
    return page_of(find_version(code, number))


def page_of(
    version: PolicyVersion,
    form: ReturnForm | None = None,
    consulting: ConsultationForm | None = None,
    publishing: PublishForm | None = None,
    signing: SigningForms | None = None,
) -> str:
    """The document, with a form that was refused as it was typed."""
    read, entries = service.policy_with_readings(version), entries_of(act().session, version.stream)
    siblings = select(PolicyVersion).where(PolicyVersion.code == version.code).order_by(PolicyVersion.number.desc())
    return render_template(
        "policy/policy.html",
        version=version,
        policy=read,
        scope=scope_text(read),
        cycle=_(CYCLES[read.cycle]),
        lines=lines_of(read),
        scorers=scorers_of(read),
        blocks=blocks_of(read),
        figures=figures_of(read),
        collected=collected_of(read),
        collected_title=collected_title(read),
        ladders=ladders_of(read),
        indicators=indicators_of(read),
        options=_options(version, read),
        findings=sorted(
            (
                *lints(read),
                *work_time_lints(read),
                *wage_lints(act().session, read, version.effective_from),
                *service.version_lints(act(), version),
            ),
            key=lambda lint: lint.severity,
        ),
        minimums=minimums_in_scope(act().session, read, version.effective_from)[0] if read.cycle == MONTH else [],
        rivals=service.rivals(act(), version) if act().actor.holds(*SEE_DRAFTS) else [],
        example=example_of(read, request.args),
        entries=told_entries(entries, LABELS),
        control=control_of(version, entries),
        signing=countersigning_of(version, writes(version), signing),
        seat_label=seat_label,
        offers=service.offers(act(), version),
        chooses=version.state == DRAFT and writes(version),
        writes=writes(version),
        siblings=[one for one in act().session.scalars(siblings) if sees(one)],
        labels=LABELS,
        pills=PILLS,
        form=form or ReturnForm(formdata=None),
        ticks=ticks_of(act().session, version),
        consultations=notice.consultations_of(act().session, version),
        consulting=_consulting(version, consulting),
        asks_for_document=service.asks_for_document(read),
        publish_form=publishing or PublishForm(formdata=None),
        confirmed=notice.document_confirmed(act().session, version),
        must_read=notice.must_read(act(), version),
        has_read=notice.has_read(act(), version),
        readers=notice.readers_of(act(), version) if _sees_readers(version) else None,
    )


def _consulting(version: PolicyVersion, given: ConsultationForm | None) -> ConsultationForm | None:
    """HR's form for a talk with the staff, while there is still time for one."""
    open_ = version.state in (DRAFT, REVIEWED) and act().actor.holds("hr")
    return (given or ConsultationForm(formdata=None)) if open_ else None


def _sees_readers(version: PolicyVersion) -> bool:
    return version.state in OPEN and act().actor.holds(*SEE_READERS)


def _options(version: PolicyVersion, read: Policy) -> Sequence[tuple[Option, str, bool]]:
    """Each option with the reading that holds, and whether somebody chose it."""
    chosen = json.loads(version.choices)
    return [(one, one.default, one.code in chosen) for one in read.options]


@blueprint.route("/policies/<code>/<int:number>/readings", methods=["POST"])
@open_to(*AUTHORS)
@once
def readings(code: str, number: int) -> Response:
    """Choose the reading of one option of a draft."""
    version, form = find_version(code, number), ReadingForm()
    if form.version.data != str(version.version):
        raise Conflict(version.stream)
    chosen = json.loads(version.choices) | {str(form.option.data): str(form.choice.data)}
    service.choose_readings(act(), version, chosen)
    flash(_("读法已选定，试算和检查都按新读法。"), "ok")
    return see_other("policy.policy", code=code, number=number, _anchor="options")


@blueprint.route("/policies/<code>/<int:number>/review", methods=["POST"])
@open_to("hr", "general_manager")
@once
def review(code: str, number: int) -> Response:
    """Pass a draft; the general manager is told."""
    version = _seen(code, number)
    service.review_policy(act(), version)
    waits = any(not one.kind for one in seats_of(act(), version))
    flash(_("方案已复核，等会签。") if waits else _("方案已复核，等总经理发布。"), "ok")
    return see_other("policy.policy", code=code, number=number)


@blueprint.route("/policies/<code>/<int:number>/publish", methods=["POST"])
@open_to("general_manager")
@once
def publish(code: str, number: int) -> Response:
    """Publish a reviewed version; from then on it is not changed any more."""
    version, form = _seen(code, number), PublishForm()
    valid = form.validate_on_submit()
    if not form.official.data and service.asks_for_document(service.policy_with_readings(version)):
        form.official.errors = [_("方案出自仅供参考的资料；请先确认公司正式文件也是这样规定的（R109）")]
        valid = False
    if not valid:
        return FlaskResponse(page_of(version, publishing=form), 422)
    service.publish_policy(act(), version, official=bool(form.official.data), document=str(form.document.data or ""))
    flash(_("方案已发布，从 %(day)s 起执行。", day=version.effective_from), "ok")
    return see_other("policy.policy", code=code, number=number)


def _seen(code: str, number: int) -> PolicyVersion:
    """The version, if it is still the one that was on the page: a reading changed meanwhile is somebody else's policy."""
    version = find_version(code, number)
    if request.form.get("fingerprint") != version.fingerprint:
        raise Conflict(version.stream)
    return version


@blueprint.route("/policies/<code>/<int:number>/return", methods=["POST"])
@open_to("hr", "general_manager")
@once
def send_back(code: str, number: int) -> Response:
    """Return a reviewed version to draft, with the reason."""
    version, form = find_version(code, number), ReturnForm()
    if not form.validate_on_submit():
        return FlaskResponse(page_of(version, form), 422)
    service.return_policy(act(), version, form.reason.data)
    flash(_("方案已退回为草稿。"), "ok")
    return see_other("policy.policy", code=code, number=number)


@blueprint.route("/policies/<code>/<int:number>/source.toml")
@open_to(EVERYONE)
def source(code: str, number: int) -> Response:
    """Download the text of a version as it was written."""
    version = find_version(code, number)
    answer = FlaskResponse(version.source, mimetype="application/toml")
    name = "".join(one for one in version.code if one.isascii() and (one.isalnum() or one in "-_")) or "policy"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{version.number}.toml"'
    return answer
