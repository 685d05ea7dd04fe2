"""会签 of a policy: named by those who write it, signed or objected to by those who are named."""

from __future__ import annotations

from flask import Blueprint, flash
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said
from approval.models.people import Department, Employee
from approval.rules.refusal import Refused
from approval.services import countersign as service
from approval.views.door import EVERYONE, act, once, open_to, see_other
from approval.views.policy import AUTHORS, find_version, page_of
from approval.views.policy_control import SigningForms, named_choices
from forms.countersign import DropForm, NameForm, SignForm

blueprint = Blueprint("countersign", __name__)


@blueprint.route("/policies/<code>/<int:number>/countersigners", methods=["POST"])
@open_to(*AUTHORS)
@once
def name(code: str, number: int) -> Response:
    """Name an office or a person that must countersign."""
    version, form = find_version(code, number), named_choices(NameForm())
    if form.validate_on_submit():
        try:
            service.name_countersigner(act(), version, _named(form))
        except Refused as refused:
            db.session.rollback()
            form.number.errors = [said(refused)]
        else:
            flash(_("会签人已指定；没有会签齐不能发布。"), "ok")
            return _back(code, number)
    return FlaskResponse(page_of(find_version(code, number), signing=SigningForms(name=form)), 422)


def _named(form: NameForm) -> service.Named:
    """Whom the form names; exactly one of office and person."""
    typed, seat = str(form.number.data or ""), str(form.seat.data or "")
    if bool(typed) == bool(seat):
        raise Refused("请选一个职务，或填一位同事的工号，两者填一个", fault="office or person")
    if typed:
        found = act().session.scalars(select(Employee).where(Employee.number == typed)).first()
        if found is None or (found.left_on is not None and found.left_on < act().today):
            raise Refused("没有工号 %(number)s", fault="unknown number", number=typed)
        return service.Named(employee=found)
    if seat not in dict(form.seat.choices):
        raise Refused("没有这个职务，请刷新页面", fault="unknown office")
    _office, office, *rest = seat.split(":")
    return service.Named(office=office, department=db.session.get(Department, int(rest[0])) if rest else None)


@blueprint.route("/policies/<code>/<int:number>/countersigners/<seat>/drop", methods=["POST"])
@open_to(*AUTHORS)
@once
def drop(code: str, number: int, seat: str) -> Response:
    """Take a countersigner away, with the reason."""
    version, form = find_version(code, number), DropForm()
    if not form.validate_on_submit():
        return FlaskResponse(page_of(version, signing=SigningForms(drop=form, seat=seat)), 422)
    service.drop_countersigner(act(), version, seat, str(form.reason.data))
    flash(_("已从会签名单去掉。"), "ok")
    return _back(code, number)


@blueprint.route("/policies/<code>/<int:number>/countersign", methods=["POST"])
@open_to(EVERYONE)
@once
def sign(code: str, number: int) -> Response:
    """Sign the text that was on the page."""
    version, form = find_version(code, number), SignForm()
    if not form.validate_on_submit():
        return FlaskResponse(page_of(version, signing=SigningForms(sign=form)), 422)
    service.countersign(act(), version, str(form.seen.data or ""), str(form.remark.data or ""))
    flash(_("已会签。"), "ok")
    return _back(code, number)


@blueprint.route("/policies/<code>/<int:number>/object", methods=["POST"])
@open_to(EVERYONE)
@once
def object_to(code: str, number: int) -> Response:
    """Object to the text that was on the page, with the reason."""
    version, form = find_version(code, number), SignForm()
    if form.validate_on_submit() and form.remark.data:
        service.object_to(act(), version, str(form.seen.data or ""), str(form.remark.data))
        flash(_("异议已记录，编制人和复核人会收到通知。"), "ok")
        return _back(code, number)
    if not form.remark.data:
        form.remark.errors = [_("有异议请写明理由")]
    return FlaskResponse(page_of(version, signing=SigningForms(sign=form)), 422)


def _back(code: str, number: int) -> Response:
    return see_other("policy.policy", code=code, number=number, _anchor="countersigning")
