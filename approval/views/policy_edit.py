"""A draft's text edited: saved under a lock, checked while it is typed; what was typed comes back whatever is wrong."""

from __future__ import annotations

import json

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


def _draft(code: str, number: int) -> PolicyVersion:
    version = find_version(code, number)
    if version.state != DRAFT:
        raise NotAllowed([No("只有草稿可以改；已发布的方案不再改动，请新建版本")])
    return version


@blueprint.route("/policies/<code>/<int:number>/edit")
@open_to(*AUTHORS)
def edit(code: str, number: int) -> str:
    """Show a draft's text beside its checks and a worked example."""
    version = _draft(code, number)
    form = SourceForm(formdata=None, source=version.source, effective_from=version.effective_from)
    return _page(version, form)


@blueprint.route("/policies/<code>/<int:number>/edit", methods=["POST"])
@open_to(*AUTHORS)
@once
def save(code: str, number: int) -> Response:
    """Keep the text, or only check it; a refusal keeps what was typed, with the fault and its line beside."""
    version, form = _draft(code, number), SourceForm()
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
        return FlaskResponse(_page(_draft(code, number), form, conflict=True), 409)
    return FlaskResponse(_page(_draft(code, number), form), 422)


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
        found=_found(version, form),
        minimums=_minimums(version),
        text=form.text,
    )


def _found(version: PolicyVersion, form: SourceForm) -> Checked:
    def wages(policy: Policy) -> list[Lint]:
        return wage_lints(act().session, policy, version.effective_from)

    return checked(form.text, json.loads(version.choices), request.form, wages)


def _minimums(version: PolicyVersion) -> list[MinimumWage]:
    policy = policy_with_readings(version)
    return minimums_in_scope(act().session, policy, version.effective_from)[0] if policy.cycle == MONTH else []


@blueprint.route("/policies/<code>/<int:number>/check", methods=["POST"])
@open_to(*AUTHORS)
def check(code: str, number: int) -> Response:
    """Check a text while it is typed: JSON with the parts of the page that change. Stores nothing."""
    version, form = _draft(code, number), SourceForm()
    found = _found(version, form)
    parts = ("faults", "boxes", "result")
    shown = {"found": found, "example": found.example, "minimums": _minimums(version)}
    told = {part: render_template(f"policy/_{part}.html", **shown) for part in parts}
    answer: Response = jsonify({"blocked": found.blocked, **told})
    return answer
