"""待我批准: the general manager's decision on a split, bound to the version that he saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from approval.db import db
from approval.i18n import sentences
from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.objection import Objection
from approval.models.people import Employee
from approval.rules import money
from approval.services import bonus_pool as service
from approval.services.facts import general_manager
from approval.services.suggestion import months_of
from approval.views import approval_page, pool_page, release
from approval.views.door import act, once, open_to, see_other
from approval.views.page import day_text
from approval.views.pool_page import find_pool
from forms.bonus_pool import ApproveForm, SendBackSplitForm
from workflows.bonus_pool import LABELS
from workflows.engine import NotAllowed

PILLS = {"splitting": "returned", "submitted": "mine", "approved": "passed", "paid": "paid"}


@dataclass(frozen=True)
class Stage:
    """One stage of the department's month for the stepper."""

    label: str
    sub: str
    status: str


@open_to("general_manager", "auditor")
def approvals() -> str:
    """List the splits that wait for the general manager, and those decided, newest first."""
    query = select(BonusPool).where(BonusPool.state != "splitting").order_by(BonusPool.id.desc()).limit(48)
    query = query.options(joinedload(BonusPool.cycle).joinedload(Cycle.department))
    found = act().session.scalars(query).all()
    waiting = [one for one in found if one.state == "submitted"]
    decided = [one for one in found if one.state != "submitted"]
    return render_template(
        "bonus_pool/approvals.html", waiting=waiting, decided=decided, labels=LABELS, pills=PILLS, name=_name
    )


def _name(employee_id: int | None) -> str:
    found = act().session.get(Employee, employee_id) if employee_id else None
    return f"{found.name} {found.number}" if found else ""


@open_to("general_manager", "auditor")
def approval(pool_id: int) -> str:
    """Show a split with everything that the decision needs."""
    return _page(find_pool(act(), pool_id))


def _page(
    pool: BonusPool,
    approving: ApproveForm | None = None,
    returning: SendBackSplitForm | None = None,
    *,
    reasons: list[str] | None = None,
    changes: list[tuple[str, str, str]] | None = None,
) -> str:
    case = approval_page.case_of(act(), pool)
    return render_template(
        "bonus_pool/approval.html",
        pool=pool,
        case=case,
        checks=pool_page.checks_of(case.lines) if case.lines else [],
        stages=_stages(pool),
        pill=(PILLS[pool.state], _(LABELS[pool.state])),
        offers=service.offers(act(), pool),
        approving=approving or ApproveForm(formdata=None),
        ticked=frozenset(approving.ticked.data or ()) if approving else frozenset(),
        returning=returning or SendBackSplitForm(formdata=None),
        reasons=reasons or [],
        awards=pool_page.awards_of(act(), pool),
        changes=changes or [],
        history=pool_page.history_of(act(), pool)[:12],
        name=_name,
        signed_percent=approval_page.signed_percent,
        links={"advice": "/advice", "objection": url_for("objection.objections")},
    )


def _stages(pool: BonusPool) -> list[Stage]:
    """How far the department's month is: counts of people, the general manager, payday."""
    months = months_of(act(), pool)
    states = ("self_assessment", "sampling", "department_review", "publication", "split_approval", "payout", "paid")
    past = [sum(states.index(one.state) > place for one in months) for place in range(4)]
    labels = (_("自评"), _("主管评分"), _("部门复核"), _("公示与异议"))
    found = [
        Stage(label, f"{count}/{len(months)}", "done" if count == len(months) else "par")
        for label, count in zip(labels, past, strict=True)
    ]
    found[3] = Stage(found[3].label, _objections(months) or found[3].sub, found[3].status)
    here = {"splitting": "todo", "submitted": "now"}.get(pool.state, "done")
    chief = _name(general_manager(act()))
    due = _("%(day)s前", day=day_text(pool.cycle.approval_due))
    paid = "done" if pool.state == "paid" else "now" if pool.state == "approved" else "todo"
    payday = _("财务 · %(day)s", day=day_text(pool.cycle.payday))
    return [*found, Stage(_("总经理批准"), f"{chief} · {due}", here), Stage(_("发放"), payday, paid)]


def _objections(months: Sequence[Appraisal]) -> str:
    ids = [one.id for one in months]
    count = len(act().session.scalars(select(Objection.id).where(Objection.appraisal_id.in_(ids))).all())
    return str(_("异议 %(n)s 件", n=count)) if count else ""


@open_to("general_manager")
@once
def approve(pool_id: int) -> Response:
    """Approve the version that was seen, every red exception ticked, and let the months go on to payout."""
    pool = find_pool(act(), pool_id)
    form = ApproveForm()
    if not form.validate():
        return Response(_page(pool, form), 422, mimetype="text/html")
    case = approval_page.case_of(act(), pool)
    ticked = case.red & frozenset(form.ticked.data or ())
    try:
        service.approve_split(
            act(), pool, form.seen.data or "", len(case.red - ticked), form.opinion.data or "", sorted(ticked)
        )
    except NotAllowed as error:
        return _refused(pool, error, form.seen.data or "", approving=form)
    flash(_("已批准 %(sum)s 的分配方案。", sum=money.display(pool.payable_fen or 0)), "ok")
    release.release_pool(pool)
    return see_other("bonus_pool.approval", pool_id=pool_id)


def _refused(
    pool: BonusPool,
    error: NotAllowed,
    seen: str,
    *,
    approving: ApproveForm | None = None,
    returning: SendBackSplitForm | None = None,
) -> Response:
    """Tell why, and what changed since the page was read; what was typed and ticked stays."""
    db.session.rollback()
    changes = pool_page.changed_since(act(), pool, seen)
    page = _page(pool, approving, returning, reasons=sentences(error), changes=changes)
    return Response(page, 409, mimetype="text/html")


@open_to("general_manager")
@once
def send_back(pool_id: int) -> Response:
    """Return the proposal to the head with a reason; the version stays readable."""
    pool = find_pool(act(), pool_id)
    form = SendBackSplitForm()
    if not form.validate():
        return Response(_page(pool, returning=form), 422, mimetype="text/html")
    try:
        service.send_back_split(act(), pool, form.seen.data or "", form.reason.data)
    except NotAllowed as error:
        return _refused(pool, error, form.seen.data or "", returning=form)
    flash(_("方案已退回部门负责人，对方会看到理由。"), "ok")
    return see_other("bonus_pool.approvals")


def install(blueprint: Blueprint) -> None:
    """Add the addresses of the decision to the blueprint of bonus pools."""
    blueprint.add_url_rule("/approvals", view_func=approvals)
    blueprint.add_url_rule("/approvals/<int:pool_id>", view_func=approval)
    blueprint.add_url_rule("/bonus-pools/<int:pool_id>/approve", view_func=approve, methods=["POST"])
    blueprint.add_url_rule("/bonus-pools/<int:pool_id>/send_back", view_func=send_back, methods=["POST"])
