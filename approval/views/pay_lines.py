"""A draft's names, scope and pay lines changed without its text: lines from everyday forms, factors picked from a list."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import said
from approval.models.policy import PolicyVersion
from approval.rules.number import number
from approval.rules.pay_line_forms import FORM_OF, FORMS
from approval.rules.pay_lines_text import LinesText
from approval.rules.policy import Policy, load
from approval.rules.policy_place import OWN
from approval.rules.policy_uses import FIGURES, LADDERS, idle
from approval.rules.refusal import Refused
from approval.services import policy as service
from approval.services.step import Conflict
from approval.views.door import act, once, open_to, see_other
from approval.views.pay_line_choices import (
    CONST,
    Known,
    department_choices,
    factor_choices,
    factor_chosen,
    new_line_of,
    position_choices,
)
from approval.views.policy import AUTHORS
from approval.views.policy_check import Checked, Fault, read_kept
from approval.views.policy_edit import draft, found_in, minimums_for, parts_of
from approval.views.policy_words import factor_text, lines_of, named
from forms.pay_lines import NewLineForm, NewScaleForm, PayLinesForm, new_line_form, pay_lines_form
from forms.policy_figures import own_of
from workflows.engine import NotAllowed

blueprint = Blueprint("pay_lines", __name__)
SCALE_PREFIX = "scale-"
NAMED = (*FIGURES, *LADDERS)


@dataclass
class Desk:
    """One draft at work: its text as it stands on the page, the boxes made for it, what was read out of it."""

    version: PolicyVersion
    text: LinesText
    policy: Policy
    form: PayLinesForm
    known: Known
    lines: Mapping[str, NewLineForm]
    scale: NewScaleForm


@blueprint.route("/policies/<code>/<int:number>/lines")
@open_to(*AUTHORS)
def lines(code: str, number: int) -> str:
    """Show a draft's names, scope and lines in boxes, beside its checks and a worked example."""
    version = draft(code, number)
    return _page(_desk(version, _text(version, version.source, {})))


@blueprint.route("/policies/<code>/<int:number>/lines", methods=["POST"])
@open_to(*AUTHORS)
@once
def save(code: str, number: int) -> Response:
    """Keep names, scope and lines, only check them, or add or take away; a refusal keeps what was typed."""
    version = draft(code, number)
    desk = _posted(version)
    try:
        if not desk.form.validate():
            return _answer(desk, 422)
        _put(desk)
        if "check" in request.form or "row" in request.form:
            return _changed(desk)
        if _unfinished(desk):
            return _answer(desk, 422)
        service.edit_source(act(), version, desk.form.seen, desk.text.text, version.effective_from, desk.text.own)
        flash(_("草稿已保存。"), "ok")
        return see_other("policy.policy", code=code, number=number)
    except (Refused, NotAllowed) as refused:
        db.session.rollback()
        reasons = refused.reasons if isinstance(refused, NotAllowed) else [refused]
        desk = _posted(draft(code, number))
        desk.form.validate()
        desk.form.form_errors.extend(said(one) for one in reasons)
        return _answer(desk, 422)
    except Conflict:
        db.session.rollback()
        return _answer(_posted(draft(code, number)), 409)


@blueprint.route("/policies/<code>/<int:number>/lines/check", methods=["POST"])
@open_to(*AUTHORS)
def check(code: str, number: int) -> Response:
    """Check names and scope while they are typed: JSON with the parts of the page that change. Stores nothing."""
    desk = _posted(draft(code, number))
    if desk.form.validate():
        _put(desk)
    return parts_of(desk.version, _found(desk), in_boxes=True)


def _text(version: PolicyVersion, text: str, own: Mapping[str, str]) -> LinesText:
    return LinesText(text, json.loads(version.choices), own, str(version.id))


def _desk(version: PolicyVersion, text: LinesText, *, posted: bool = False, done: str = "") -> Desk:
    """The boxes for a text; what was typed for a line or a scale not yet added stays, but for the one just `done`."""
    policy = read_kept(text.text, text.choices | text.own)
    known, typed = Known(act(), policy), request.form if request.method == "POST" else None
    offered = known.offered()
    made = {one.code: new_line_form(one, offered, None if one.code == done else typed) for one in FORMS}
    scale = NewScaleForm(formdata=None if done == "scale" else typed, prefix=SCALE_PREFIX)
    return Desk(version, text, policy, _form(text, policy, posted=posted), known, made, scale)


def _form(text: LinesText, policy: Policy, *, posted: bool) -> PayLinesForm:
    names = [(str(one.get("zh", one["code"])), str(one.get("en", ""))) for one in policy.components]
    kind, scope, told = pay_lines_form(names, factor_choices(policy)), policy.raw["scope"], policy.raw["policy"]["name"]
    held = {
        "zh": told["zh"],
        "en": told.get("en", ""),
        "own": " ".join(text.own),
        "all_departments": "*" in scope["departments"],
        "departments": scope["departments"],
        "all_positions": "*" in scope["positions"],
        "positions": scope["positions"],
        "left_out": scope.get("exclude_positions", []),
    }
    form = kind(source=text.text) if posted else kind(formdata=None, source=text.text, **held)
    form.source.data = text.text
    form.departments.choices = department_choices(act(), scope["departments"])
    form.positions.choices = position_choices(act(), scope["positions"])
    form.left_out.choices = position_choices(act(), scope.get("exclude_positions", []))
    return form


def _posted(version: PolicyVersion) -> Desk:
    """What was posted, with boxes made for the text that it carries; the draft's own where that was lost or broken."""
    source = request.form.get("source", "").replace("\r\n", "\n")
    try:
        raw = load(source).raw
    except Refused:
        source, raw = version.source, load(version.source).raw
    own = own_of(request.form, raw.get("options", {}), OWN)
    return _desk(version, _text(version, source, own), posted=True)


def _unfinished(desk: Desk) -> bool:
    """Whether something was typed for a line or a scale and not added: to save without it would lose it."""
    waiting = [str(_(FORM_OF[code].name)) for code, boxes in desk.lines.items() if boxes.zh.data]
    waiting += [str(_("新的档位"))] if desk.scale.zh.data else []
    for name in waiting:
        text = _("“%(name)s”里填写的还没有加上；请按那里的“加上”，或清空名称后再保存", name=name)
        desk.form.form_errors.append(str(text))
    return bool(waiting)


def _put(desk: Desk) -> None:
    """Write the names and the ticks into the text."""
    form, text = desk.form, desk.text
    text.put_names(("policy", "name"), str(form.zh.data), str(form.en.data or ""))
    text.put_scope("departments", form.chosen_departments)
    text.put_scope("positions", form.chosen_positions)
    text.put_scope("exclude_positions", form.left_out.ticked)
    for place, zh, en in form.line_names():
        text.put_names(("components", place), zh, en)


def _changed(desk: Desk) -> Response:
    """Do what a button of the page says and show what comes of it; nothing is stored."""
    what, _sep, rest = request.form.get("row", "").partition(":")
    if what == "line" and rest in FORM_OF:
        boxes = desk.lines[rest]
        if not boxes.validate():
            return _answer(desk, 422)
        desk.text.add_line(new_line_of(FORM_OF[rest], boxes, desk.known))
    elif what == "scale":
        if not desk.scale.validate():
            return _answer(desk, 422)
        scale = desk.scale
        desk.text.add_scale(str(scale.zh.data), str(scale.en.data or ""), scale.steps(), str(scale.last.figure))
    elif what == "factor" and not _add_factor(desk, rest):
        return _answer(desk, 422)
    elif what == "drop":
        _drop(desk.text, rest)
    done = rest if what == "line" else what
    return _answer(_desk(desk.version, desk.text, done=done), 200)


def _add_factor(desk: Desk, rest: str) -> bool:
    """Multiply a line by what its list says; a constant asks for its figure."""
    if not _is_place(rest) or int(rest) >= desk.form.lines:
        return True
    picked, const = desk.form.line("add", int(rest)), desk.form.line("const", int(rest))
    if picked.data not in dict(factor_choices(desk.policy)):
        picked.errors = [*picked.errors, _("请选择再乘以什么")]
    elif picked.data == CONST and const.figure is None:
        const.errors = [*const.errors, _("请填写固定系数的数值，例如 0.1")]
    elif picked.data == CONST and number(const.figure) < 0:
        const.errors = [*const.errors, _("请填写不小于 0 的数；要扣减请用“奖惩”")]
    else:
        desk.text.add_factor(int(rest), factor_chosen(str(picked.data), const.figure))
        return True
    return False


def _drop(text: LinesText, rest: str) -> None:
    kind, *told = rest.split(":")
    places = [int(one) for one in told if _is_place(one)]
    drops: dict[tuple[str, int], Callable[..., None]] = {
        ("line", 1): text.drop_line,
        ("factor", 2): text.drop_factor,
    }
    if len(places) == len(told) and (kind, len(told)) in drops:
        drops[kind, len(told)](*places)
    elif kind in ("unless", "when") and len(places) == len(told) == 1:
        text.drop_guard(places[0], kind)
    elif kind == "part" and len(told) == 2:
        text.drop_part(*told)


def _is_place(told: str) -> bool:
    return told.isascii() and told.isdigit() and len(told) < 4


def _found(desk: Desk) -> Checked:
    """The faults of the text, first of all that it is not this author's to write; parts by their names, not their codes."""
    found, now = found_in(desk.version, desk.text.text, desk.text.own), _now(desk.text)
    no = service.by_author(act(), now)
    faults = tuple(_in_names(now, fault) for fault in found.faults)
    return replace(found, faults=faults if no is None else (Fault("block", said(no), "", None), *faults))


def _in_names(policy: Policy, fault: Fault) -> Fault:
    block, _sep, code = fault.path.partition(".")
    told = policy.raw.get(block, {}) if block in NAMED else {}
    return replace(fault, text=fault.text.replace(fault.path, named(told[code], code))) if code in told else fault


def _now(text: LinesText) -> Policy:
    return read_kept(text.text, text.choices | text.own)


def _factor_words(policy: Policy, factor: Mapping[str, Any]) -> str:
    """A factor that stands by itself in a list: a bare number would not say what it is."""
    text = factor_text(policy, factor)
    return str(_("固定系数 %(value)s", value=text)) if CONST in factor else text


def _answer(desk: Desk, status: int) -> Response:
    return Response(_page(desk, conflict=status == 409), status, mimetype="text/html")


def _page(desk: Desk, *, conflict: bool = False) -> str:
    """The page; after a conflict it carries the newer version, so that a second look may keep what was typed on purpose."""
    form, version, told = desk.form, desk.version, desk.policy.components
    seen = str(version.version) if conflict else request.form.get("version") or str(version.version)
    factors = [
        [(place, _factor_words(desk.policy, one)) for place, one in enumerate(line["factors"]) if "off" not in one]
        for line in told
    ]
    return render_template(
        "policy/pay_lines.html",
        version=version,
        form=form,
        boxes=[(FORM_OF[code], one) for code, one in desk.lines.items()],
        scale=desk.scale,
        has_scale=bool(desk.policy.scales),
        rows=list(zip(lines_of(desk.policy), factors, strict=True)),
        idle=[(block, code, named(desk.policy.raw[block][code], code)) for block, code in idle(desk.policy.raw)],
        seen=seen,
        text=form.source.data,
        own=form.own.data or "",
        conflict=conflict,
        found=_found(desk),
        minimums=minimums_for(version),
    )
