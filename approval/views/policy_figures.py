"""A draft's figures changed in boxes: bands, rates, weights and KPI items, without its text; the text is written for him."""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import Blueprint, flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import in_language, said
from approval.models.policy import PolicyVersion
from approval.rules.kpi_library import Template, by_function, template_at
from approval.rules.policy import load
from approval.rules.policy_figures import Figure
from approval.rules.policy_figures import figures as figures_of
from approval.rules.policy_place import OWN, Path
from approval.rules.policy_text import PolicyText
from approval.rules.refusal import Refused
from approval.services import policy as service
from approval.services.step import Conflict
from approval.views.door import act, once, open_to, see_other
from approval.views.kpi_library import FUNCTIONS
from approval.views.policy import AUTHORS
from approval.views.policy_edit import draft, found_in, minimums_for, parts_of
from forms.policy_figures import FiguresForm, figures_form, name_of, own_of

blueprint = Blueprint("policy_figures", __name__)
NEW_ITEM = "新的指标"


@blueprint.route("/policies/<code>/<int:number>/figures")
@open_to(*AUTHORS)
def figures(code: str, number: int) -> str:
    """Show a draft's figures in boxes, beside its checks and a worked example."""
    version = draft(code, number)
    return _page(version, _form(version, version.source, {}), version.source, {})


@blueprint.route("/policies/<code>/<int:number>/figures", methods=["POST"])
@open_to(*AUTHORS)
@once
def save(code: str, number: int) -> Response:
    """Keep the figures, only check them, or add or take away a row; a refusal keeps what was typed."""
    version = draft(code, number)
    form, text = _posted(version)
    valid = form.validate()
    try:
        if not valid:
            return _answer(version, form, text, 422)
        changed = _changed(form, text)
        if "check" in request.form or "row" in request.form:
            _change_rows(form, changed)
            again = _form(version, changed.text, changed.own)
            again.effective_from.process_data(form.effective_from.data)
            return _answer(version, again, changed, 200)
        service.edit_source(act(), version, form.seen, changed.text, form.effective_from.data, changed.own)
        flash(_("草稿已保存。"), "ok")
        return see_other("policy.policy", code=code, number=number)
    except Refused as refused:
        db.session.rollback()
        form.form_errors.append(said(refused))
        return _answer(draft(code, number), form, text, 422)
    except Conflict:
        db.session.rollback()
        return _answer(draft(code, number), form, text, 409)


@blueprint.route("/policies/<code>/<int:number>/figures/check", methods=["POST"])
@open_to(*AUTHORS)
def check(code: str, number: int) -> Response:
    """Check figures while they are typed: JSON with the parts of the page that change. Stores nothing."""
    version = draft(code, number)
    form, text = _posted(version)
    form.validate()
    changed = _changed(form, text)
    return parts_of(version, found_in(version, changed.text, changed.own), in_boxes=True)


def _form(version: PolicyVersion, text: str, own: Mapping[str, str]) -> FiguresForm:
    told = figures_of(load(text).raw, json.loads(version.choices) | dict(own))
    return figures_form(told, _called)(
        formdata=None, source=text, effective_from=version.effective_from, own=" ".join(own)
    )


def _called(one: Figure) -> str:
    """What a box is called: what the figure belongs to, what it is, and its sign where it is a bound."""
    what = " ".join(text for text in (_(one.what) if one.what else "", one.sign) if text)
    return str(_("：")).join(text for text in (in_language(one.of.zh, one.of.en), what) if text)


def _posted(version: PolicyVersion) -> tuple[FiguresForm, PolicyText]:
    """The form that was posted, made for the text that it carries; the draft's own where that was lost or broken."""
    source = request.form.get("source", "").replace("\r\n", "\n")
    try:
        raw = load(source).raw
    except Refused:
        source, raw = version.source, load(version.source).raw
    own = own_of(request.form, raw.get("options", {}), OWN)
    form = figures_form(figures_of(raw, json.loads(version.choices) | own), _called)()
    form.source.data = source
    return form, PolicyText(source, own)


def _changed(form: FiguresForm, text: PolicyText) -> PolicyText:
    """The text with everything that was typed and can be kept."""
    changed = PolicyText(text.text, text.own)
    for path in form.ticked():
        changed.fill(path)
    for path, value in form.changes():
        changed.put(path, value)
    return changed


def _change_rows(form: FiguresForm, changed: PolicyText) -> None:
    """Do what a row's button says: `add`, `drop` or `take` from the library; which list; which row or which template."""
    what, _sep, rest = request.form.get("row", "").partition(":")
    where, _sep, row = rest.rpartition(":")
    lists: dict[str, Path] = {name_of(one.path): one.path for one in form.told.ladders if one.plain}
    items = {"kpi": (form.told.items_path, "max"), "indicators": (form.told.indicators_path, "weight")}
    if where in items and what == "take":
        path, key = items[where]
        changed.add_template(path, key, _told(template_at(row)))
    elif where in items and what == "add":
        changed.add_item(items[where][0], _(NEW_ITEM), items[where][1])
    elif where in items and _is_place(row):
        changed.drop_item(items[where][0], int(row))
    elif where in lists and _is_place(row):
        (changed.add_row if what == "add" else changed.drop_row)(lists[where], int(row))


def _is_place(row: str) -> bool:
    return row.isascii() and row.isdigit() and len(row) < 4


def _told(template: Template) -> dict[str, object]:
    """What of a template a policy keeps: its names, its rules, its sentence."""
    names = {"zh": template.name.zh, "en": template.name.en}
    return {**names, "rules": list(template.rules), "quote": template.quote}


def _answer(version: PolicyVersion, form: FiguresForm, text: PolicyText, status: int) -> Response:
    page = _page(version, form, text.text, text.own, conflict=status == 409)
    return Response(page, status, mimetype="text/html")


def _page(
    version: PolicyVersion, form: FiguresForm, text: str, own: Mapping[str, str], *, conflict: bool = False
) -> str:
    """The page; after a conflict it carries the newer version, so that a second look may keep what was typed on purpose."""
    seen = str(form.version.data) if form.version.data and not conflict else str(version.version)
    return render_template(
        "policy/figures.html",
        version=version,
        form=form,
        told=form.told,
        seen=seen,
        text=text,
        own=" ".join(own),
        conflict=conflict,
        found=found_in(version, text, own),
        minimums=minimums_for(version),
        library=by_function(),
        functions=FUNCTIONS,
    )
