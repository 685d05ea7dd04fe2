"""岗位薪酬表: what a position and grade is paid; who is paid unequally or outside the usual is told (R012, R013, R020)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import in_language, own_name, said, sentences
from approval.models.people import Position
from approval.models.post_standard import PostStandard
from approval.rules import money
from approval.rules.reference_ranges import BASE, Range, outside, ranges_of
from approval.rules.refusal import Refused
from approval.services import post_standard as service
from approval.services.equal_pay import base_pay_of_all, same_grade_apart, unequal_pay
from approval.services.figures_asked import figure_names, figures_of_posts
from approval.services.rulebook import policies_on
from approval.views.door import act, commit, open_to, see_other
from approval.views.page import number_text
from approval.views.usual import tell
from forms.base import Form
from forms.post_standard import EndForm, PostStandardForm, VoidForm
from workflows.engine import NotAllowed

blueprint = Blueprint("post_standard", __name__)
Page = Response | str | tuple[str, int]


@dataclass(frozen=True)
class Row:
    """One row of the table in words; `usual` are the reference ranges that its figure lies outside of."""

    row: PostStandard
    position: str
    name: str
    value: str
    usual: Sequence[Range]
    void_reason: str


@blueprint.route("/post-standards", methods=["GET", "POST"])
@open_to(*service.READERS)
def post_standards() -> Page:
    """Show the table, who is paid apart from it and what is outside the usual; rows are set, ended and voided."""
    what = request.form.get("what", "")
    setting = _with_choices(PostStandardForm() if what == "set" else PostStandardForm(formdata=None))
    ending = EndForm() if what == "end" else EndForm(formdata=None)
    voiding = VoidForm() if what == "void" else VoidForm(formdata=None)
    if request.method == "POST":
        kinds: dict[str, tuple[Form, Callable[[], object]]] = {
            "set": (setting, lambda: _set(setting)),
            "end": (ending, lambda: _end(ending)),
            "void": (voiding, lambda: service.void_post_standard(act(), _row_of(voiding), voiding.reason.data or "")),
        }
        form, command = kinds.get(what) or abort(400)
        if _done(form, command):
            flash(_("已保存。"), "ok")
            return see_other("post_standard.post_standards")
        return _page(setting, ending, voiding), 422
    return _page(setting, ending, voiding)


def _with_choices(form: PostStandardForm) -> PostStandardForm:
    positions = db.session.scalars(select(Position).order_by(Position.code)).all()
    form.position.choices = [(one.id, in_language(one.name, one.name_en)) for one in positions]
    named = figures_of_posts(act())
    form.code.choices = [(code, in_language(one.zh, one.en)) for code, one in sorted(named.items())]
    return form


def _set(form: PostStandardForm) -> None:
    position = db.session.get_one(Position, form.position.data)
    assert form.value.number is not None
    wanted = (position, form.grade.data or "", form.code.data, form.value.number, form.from_on.day)
    service.set_post_standard(act(), service.Wanted(*wanted))
    tell(position, form.grade.data or "", form.code.data, form.value.number)


def _end(form: EndForm) -> None:
    service.end_post_standard(act(), _row_of(form), form.to_on.day)


def _row_of(form: EndForm | VoidForm) -> PostStandard:
    told = str(form.row.data or "")
    row = db.session.get(PostStandard, int(told)) if told.isascii() and told.isdigit() and len(told) < 10 else None
    return row or abort(404)


def _done(form: Form, command: Callable[[], object]) -> bool:
    """Run a command of a valid form; a refusal stands above it and nothing is stored."""
    if not form.validate():
        return False
    try:
        command()
    except (Refused, NotAllowed) as error:
        db.session.rollback()
        form.form_errors += [said(error)] if isinstance(error, Refused) else sentences(error)
        return False
    commit()
    return True


def _page(setting: PostStandardForm, ending: EndForm, voiding: VoidForm) -> str:
    names = {code: in_language(one.zh, one.en) for code, one in figure_names(act()).items()}
    ranges = ranges_of([policy for _version, policy in policies_on(act().session, act().today)])
    kinds = figure_kinds()
    return render_template(
        "post_standard/post_standards.html",
        rows=[_row(one, names, kinds, ranges) for one in service.post_standards(act())],
        unequal=[(one, names.get(one.code, one.code)) for one in unequal_pay(act())],
        apart=same_grade_apart(act()),
        unusual=[
            (one, told) for one in base_pay_of_all(act()) if (told := _usual(one.position, one.base, ranges, one.grade))
        ],
        ranges=ranges,
        own_name=own_name,
        number=lambda value: number_text(value, None),
        yuan=lambda value: figure_text(value, "money"),
        told=lambda value, code: figure_text(value, kinds.get(code, "money")),
        setting=setting if act().actor.holds("hr") else None,
        ending=ending,
        voiding=voiding if act().actor.holds("hr", "general_manager") else None,
        typed=[setting, ending, voiding],
        today=act().today,
    )


def figure_kinds() -> dict[str, str]:
    """What kind each figure is, money or a share, by the policies in force today."""
    policies = policies_on(act().session, act().today)
    return {code: param.type for _version, policy in policies for code, param in policy.params.items()}


def figure_text(value: Decimal, kind: str) -> str:
    """A figure with its unit, no digit hidden: ¥2,500.00, 0.2%, or the bare number of another kind."""
    if kind == "money" and value == round(value, 2):
        return money.display(int(value * 100))
    return f"{number_text(value * 100, None)}%" if kind == "fraction" else number_text(value, None)


def _row(one: PostStandard, names: dict[str, str], kinds: dict[str, str], ranges: Sequence[Range]) -> Row:
    position = in_language(one.position.name, one.position.name_en)
    usual = _usual(one.position, one.value, ranges, one.grade) if one.code == "base" else []
    value = figure_text(one.value, kinds.get(one.code, "money"))
    reason = _(service.SUPERSEDED) if one.void_reason == service.SUPERSEDED else one.void_reason
    return Row(one, position, names.get(one.code, one.code), value, usual, reason)


def _usual(position: Position, base: Decimal, ranges: Sequence[Range], grade: str) -> list[Range]:
    return outside(ranges, (position.code, position.name), BASE, base, grade)
