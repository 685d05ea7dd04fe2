"""A draft's text edited: saved under a lock, checked while it is typed; what was typed comes back whatever is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import Blueprint, flash, jsonify, render_template, request
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said
from approval.models.guard import MinimumWage
from approval.models.policy import PolicyVersion
from approval.rules.calendar import MONTH
from approval.rules.policy import Policy
from approval.rules.policy_lines import line_of_fault
from approval.rules.policy_lint import Lint
from approval.rules.refusal import Refused
from approval.services import policy as service
from approval.services.guard import minimums_in_scope, wage_lints
from approval.services.step import Conflict
from approval.services.versions import policy_with_readings
from approval.views.door import act, once, open_to, see_other
from approval.views.policy import AUTHORS, find_version
from approval.views.policy_check import Checked, checked
from forms.policy import SourceForm
from workflows.engine import No, NotAllowed
from workflows.policy import DRAFT

blueprint = Blueprint("policy_edit", __name__)


def draft(code: str, number: int) -> PolicyVersion:
    """A draft that the reader may write; what was published is never edited."""
    version = find_version(code, number)
    if version.state != DRAFT:
        raise NotAllowed([No("只有草稿可以改；已发布的方案不再改动，请新建版本")])
    if (no := service.by_author(act(), policy_with_readings(version))) is not None:
        raise NotAllowed([no])
    return version


@blueprint.route("/policies/<code>/<int:number>/edit")
@open_to(*AUTHORS)
def edit(code: str, number: int) -> str:
    """Show a draft's text beside its checks and a worked example."""
    version = draft(code, number)
    form = SourceForm(formdata=None, source=version.source, effective_from=version.effective_from)
    return _page(version, form)


@blueprint.route("/policies/<code>/<int:number>/edit", methods=["POST"])
@open_to(*AUTHORS)
@once
def save(code: str, number: int) -> Response:
    """Keep the text, or only check it; a refusal keeps what was typed, with the fault and its line beside."""
    version, form = draft(code, number), SourceForm()
    valid = form.validate_on_submit()
    if "check" in request.form:
        return FlaskResponse(_page(version, form))
    try:
        if valid:
            service.edit_source(act(), version, form.seen, form.text, form.effective_from.data)
            flash(_("草稿已保存。"), "ok")
            return see_other("policy.policy", code=code, number=number)
    except Refused as refused:
        db.session.rollback()
        form.source.errors = [*form.source.errors, _with_line(form.text, refused)]
    except Conflict:
        db.session.rollback()
        return FlaskResponse(_page(draft(code, number), form, conflict=True), 409)
    return FlaskResponse(_page(draft(code, number), form), 422)


def _with_line(text: str, refused: Refused) -> str:
    line = line_of_fault(text, refused)
    return str(_("第 %(line)s 行：%(text)s", line=line, text=said(refused))) if line else said(refused)


def _page(version: PolicyVersion, form: SourceForm, *, conflict: bool = False) -> str:
    """The page; after a conflict it carries the newer version, so that a second look may keep the typed text on purpose."""
    seen = str(form.version.data) if form.is_submitted() and not conflict else str(version.version)
    return render_template(
        "policy/edit.html",
        version=version,
        form=form,
        seen=seen,
        conflict=conflict,
        found=found_in(version, form.text),
        minimums=minimums_for(version),
        text=form.text,
    )


def found_in(version: PolicyVersion, text: str, own: Mapping[str, str] | None = None) -> Checked:
    """The faults of a text and its worked example, under the readings chosen so far and those chosen with the change."""

    def wages(policy: Policy) -> list[Lint]:
        return wage_lints(act().session, policy, version.effective_from)

    return checked(text, json.loads(version.choices) | dict(own or {}), request.form, wages)


def minimums_for(version: PolicyVersion) -> list[MinimumWage]:
    """The minimum wages that the worked example is held against."""
    policy = policy_with_readings(version)
    return minimums_in_scope(act().session, policy, version.effective_from)[0] if policy.cycle == MONTH else []


@blueprint.route("/policies/<code>/<int:number>/check", methods=["POST"])
@open_to(*AUTHORS)
def check(code: str, number: int) -> Response:
    """Check a text while it is typed: JSON with the parts of the page that change. Stores nothing."""
    version, form = draft(code, number), SourceForm()
    return parts_of(version, found_in(version, form.text))


def parts_of(version: PolicyVersion, found: Checked, **more: object) -> Response:
    """What of a page changes while somebody types, as JSON."""
    shown = {"found": found, "example": found.example, "minimums": minimums_for(version), **more}
    told = {part: render_template(f"policy/_{part}.html", **shown) for part in ("faults", "boxes", "result")}
    answer: Response = jsonify({"blocked": found.blocked, **told})
    return answer
