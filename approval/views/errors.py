"""Every refusal as a page in the user's language: what is wrong, and what to do next."""

from __future__ import annotations

import logging
import secrets

from flask import Flask, Response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from approval.db import db
from approval.i18n import said, sentences
from approval.models.people import OFFICES
from approval.rules.refusal import Refused
from approval.services.sight import Hidden
from approval.services.step import Conflict
from workflows.engine import NotAllowed

log = logging.getLogger("approval")


def _page(status: int, title: str, lines: list[str], remedy: str) -> Response:
    db.session.rollback()
    reference = secrets.token_hex(4)
    if status >= 500:
        log.error("%s %s %s", reference, request.method, request.path, exc_info=True)
    body = render_template(
        "errors/error.html", status=status, title=title, lines=lines, remedy=remedy, reference=reference
    )
    return Response(body, status, mimetype="text/html")


def not_allowed(error: NotAllowed) -> Response:
    return _page(409, _("这一步现在不能做"), sentences(error), _("返回上一页，按上面的说明处理后再试。"))


def refused(error: Refused) -> Response:
    return _page(422, _("填写的内容有问题"), [said(error)], _("返回上一页修改；您填写的内容还在。"))


def conflict(error: Conflict) -> Response:
    return _page(
        409,
        _("别人刚刚改过"),
        [_("您打开页面之后，这份内容已被别人修改，您的操作没有写入。")],
        _("请刷新页面，看到最新内容后再操作。"),
    )


def hidden(error: Hidden) -> Response:
    """What does not exist and what is not for this person get one answer."""
    title, line, remedy = _words(404, "")
    return _page(404, title, [line], remedy)


def busy(error: OperationalError) -> Response:
    answer = _page(
        503,
        _("系统正忙"),
        [_("数据库暂时没有应答，您的操作没有写入。")],
        _("请稍候片刻再试；您填写的内容可以用浏览器的后退找回。"),
    )
    answer.headers["Retry-After"] = "5"
    return answer


def csrf_failed(error: CSRFError) -> Response:
    return _page(
        400, _("页面已过期"), [_("这个页面打开得太久，或者您已在别处退出登录。")], _("请返回上一页刷新后再提交。")
    )


def http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return Response(error.get_response().get_data(), status, error.get_headers())
    title, line, remedy = _words(status, error.description or "")
    answer = _page(status, title, [line], remedy)
    if status == 405 and error.response is None:
        answer.headers["Allow"] = dict(error.get_headers()).get("Allow", "")
    return answer


def _words(status: int, description: str) -> tuple[str, str, str]:
    if status == 403:
        named = "、".join(_(OFFICES[one]) for one in description.split("|") if one in OFFICES)
        line = _("这个页面只对以下职务开放：%(offices)s。", offices=named) if named else _("您没有打开这个页面的权限。")
        return _("没有权限"), line, _("如果工作需要，请联系人事授予相应职务。")
    words = {
        404: (_("没有找到"), _("没有这个页面，或者它不对您开放。")),
        405: (_("不能这样打开"), _("这个地址只接受页面上的按钮提交。")),
        409: (_("已经处理过"), _("这个按钮已经用过，或者内容与第一次不同；没有重复写入。")),
        413: (_("文件太大"), _("上传的内容超过 5 MB。")),
        429: (_("太频繁"), _("请稍后再试。")),
    }
    title, line = words.get(status, (_("出错了"), _("系统没有完成这个操作，没有写入任何内容。")))
    return title, line, _("请返回上一页，或从左侧导航重新进入。")


def unexpected(error: Exception) -> Response:
    return _page(500, _("出错了"), [_("系统没有完成这个操作，没有写入任何内容。")], _("请把编号告诉系统管理员。"))


def install(app: Flask) -> None:
    """Register the answers."""
    app.register_error_handler(NotAllowed, not_allowed)
    app.register_error_handler(Refused, refused)
    app.register_error_handler(Conflict, conflict)
    app.register_error_handler(Hidden, hidden)
    app.register_error_handler(OperationalError, busy)
    app.register_error_handler(CSRFError, csrf_failed)
    app.register_error_handler(HTTPException, http_error)
    if not app.testing:
        app.register_error_handler(Exception, unexpected)
