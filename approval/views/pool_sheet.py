"""One pool with its split on a page, and its forms, filled from what is kept or from what was typed."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext as _

from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import METHODS, BonusPool
from approval.models.people import Employee
from approval.rules import money
from approval.rules.calendar import YEAR, kind_of
from approval.services import bonus_pool as service
from approval.services import pay, pool_split
from approval.services.completion import Breakdown, evidence_for
from approval.services.suggestion import leavers_to_decide
from approval.views import pool_page
from approval.views.door import act
from forms.bonus_pool import AmountForm, CompletionForm, Person, SharesForm, completion_form, shares_form
from workflows.bonus_pool import LABELS

PILLS = {"splitting": "mine", "submitted": "doing", "approved": "passed", "paid": "paid"}


def page_of(
    found: BonusPool,
    form: SharesForm | None = None,
    amount: AmountForm | None = None,
    completion: CompletionForm | None = None,
    *,
    conflict: bool = False,
    reasons: list[str] | None = None,
) -> str:
    lines = pool_page.lines_of(act(), found)
    offers = service.offers(act(), found)
    form = form or typed_shares(found)
    return render_template(
        "bonus_pool/pool.html",
        pool=found,
        lines=lines,
        given=sum(line.share.share_fen for line in lines),
        checks=pool_page.checks_of(lines) if lines else [],
        form=form,
        amount=amount or kept_amount(found),
        completion=completion or typed_completion(found),
        targets=_targets(found),
        amount_open=amount is not None or completion is not None or found.payable_fen is None,
        methods=METHODS,
        offers=offers,
        editing="submit" in offers,
        pill=(PILLS[found.state], _(LABELS[found.state])),
        history=pool_page.history_of(act(), found)[:8],
        conflict=conflict,
        reasons=reasons or [],
        awards=pool_page.awards_of(act(), found),
        leavers=leavers_to_decide(act(), found) if found.state in ("splitting", "submitted") else [],
        outdated=pool_split.outdated(act(), found) if found.state in ("splitting", "submitted") else (),
        proposer=_name(found.submitted_by_id),
        waiting=[(one, pay.gather(act(), one).missing) for one in _to_release(found)],
    )


def _targets(found: BonusPool) -> list[Breakdown]:
    """How far the targets of a year are reached, for who enters its completion rate; never filled in by itself."""
    if kind_of(found.cycle.period) != YEAR or found.state != "splitting":
        return []
    return evidence_for(act(), found.cycle.department_id, found.cycle.first_on.year)


def _to_release(found: BonusPool) -> list[Appraisal]:
    return pay.months_to_release(act(), found) if found.state == "approved" else []


def _name(employee_id: int | None) -> str:
    found = act().session.get(Employee, employee_id) if employee_id else None
    return f"{found.name} {found.number}" if found else ""


def kept_amount(found: BonusPool) -> AmountForm:
    kept = {"basis": found.basis}
    if found.pool_fen is not None and found.rate is not None:
        kept |= {"amount": money.yuan(found.pool_fen), "rate": format((found.rate * 100).normalize(), "f")}
    return AmountForm(formdata=None, data=kept)


def typed_shares(found: BonusPool, *, posted: bool = False) -> SharesForm:
    """The form of the present split, filled from it, or from what was posted."""
    shares = pool_split.shares_of(act(), found.split_id)
    kind = shares_form([Person(one.employee_id, f"{one.employee.name} {one.employee.number}") for one in shares])
    kept: dict[str, object] = {"seen": str(found.version), "fixed": [one.employee_id for one in shares if one.reason]}
    for one in shares:
        kept |= {f"share_{one.employee_id}": money.yuan(one.share_fen), f"reason_{one.employee_id}": one.reason}
    return kind(data=kept) if posted else kind(formdata=None, data=kept)


def typed_completion(found: BonusPool, *, posted: bool = False) -> CompletionForm | None:
    """The form of a pool whose amount is the policy's: only the parts of the completion rate are asked."""
    told = service.pool_rule(act(), found)
    if told is None:
        return None
    kind = completion_form(told["completion"]["parts"])
    return kind() if posted else kind(formdata=None, data={"basis": found.basis})
