"""The what-if as JSON: GET /api/what-if?code=…&version=…&period=…&department=…&reading=option=choice, signed in."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from approval.db import db
from approval.i18n import said, sentences
from approval.login import signed_in
from approval.models.people import OFFICES
from approval.rules.refusal import Refused
from approval.services import what_if as service
from approval.services.sight import Hidden
from approval.views.door import act, begin_note, commit, open_to
from approval.views.what_if import Question, answer_of
from approval.views.what_if_told import as_json, choices_of, number_of
from workflows.engine import NotAllowed

blueprint = Blueprint("what_if_api", __name__)


@blueprint.before_request
def _signed_in() -> Response | None:
    """Whoever has not signed in is told so; a program follows no redirect to a form."""
    user = signed_in()
    if user is None:
        return _refuse(401, _("请先登录。"))
    return _refuse(403, _("请先在网页上改密码。")) if user.account.must_change_password else None


@blueprint.route("/api/what-if")
@open_to(*service.OFFICES)
def what_if() -> Response:
    """Answer a what-if; the look is noted."""
    given = request.args
    question = Question(given.getlist("period"), given.get("department", ""), choices_of(given.getlist("reading")))
    if not given.get("code"):
        raise Refused("请写明方案代码：code=…", fault="no code")
    version = service.find_version(act(), given["code"], number_of(given.get("version", "")))
    answer = answer_of(version, question)
    told = jsonify(as_json(answer, version.number))
    begin_note()
    service.note_look(act(), answer, version, question.choices)
    commit()
    return told


def _refuse(status: int, *reasons: str) -> Response:
    db.session.rollback()
    answer = jsonify({"error": {"status": status, "reasons": list(reasons)}})
    answer.status_code = status
    return answer


@blueprint.errorhandler(Refused)
def _refused(error: Refused) -> Response:
    return _refuse(422, said(error))


@blueprint.errorhandler(NotAllowed)
def _not_allowed(error: NotAllowed) -> Response:
    return _refuse(403, *sentences(error))


@blueprint.errorhandler(Hidden)
def _hidden(_error: Hidden) -> Response:
    return _refuse(404, _("没有这个方案版本。"))


@blueprint.errorhandler(OperationalError)
def _busy(_error: OperationalError) -> Response:
    answer = _refuse(503, _("数据库暂时没有应答，请稍候再试。"))
    answer.headers["Retry-After"] = "5"
    return answer


@blueprint.errorhandler(HTTPException)
def _http(error: HTTPException) -> Response:
    status = error.code or 500
    offices = [one for one in (error.description or "").split("|") if one in OFFICES]
    if status == 403 and offices:
        named = _("、").join(_(OFFICES[one]) for one in offices)
        return _refuse(status, _("只对以下职务开放：%(offices)s。", offices=named))
    return _refuse(status, _("系统没有完成这个操作。"))
