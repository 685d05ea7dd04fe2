"""工资条: why the pay is this number, down to the rule's sentence; acknowledged by its owner."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, flash, render_template
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from approval.db import db
from approval.models.figures import ImportBatch
from approval.models.payout import LINE_STATES, Payslip
from approval.services import pay
from approval.services import payout as service
from approval.services.rulebook import is_from_months, policy_of, scores_by_sampling
from approval.services.sight import sees
from approval.services.step import keep_note
from approval.views import means, month_page
from approval.views.door import EVERYONE, act, begin_note, commit, once, open_to, see_other
from approval.views.kpi_table import kpi_rows
from approval.views.page import number_text
from approval.views.score_card import card_of

blueprint = Blueprint("payslip", __name__)


@blueprint.route("/my/payslips")
@open_to(EVERYONE)
def my_payslips() -> str:
    """List one's own payslips, the newest first."""
    query = select(Payslip).where(
        Payslip.employee_id == act().actor.employee_id, Payslip.line_state.in_(("paid", "sent"))
    )
    slips = db.session.scalars(query.order_by(Payslip.period.desc(), Payslip.id.desc())).all()
    return render_template("payslip/my_payslips.html", slips=slips, labels=LINE_STATES)


def _find(payslip_id: int) -> Payslip:
    slip = db.session.get(Payslip, payslip_id) or abort(404)
    own = slip.employee_id == act().actor.employee_id
    if not sees(act(), slip.appraisal, "pay") or (own and slip.line_state not in ("paid", "sent", "reversed")):
        abort(404)
    return slip


@blueprint.route("/my/payslips/<int:payslip_id>")
@open_to(EVERYONE)
def payslip(payslip_id: int) -> str:
    """Show a payslip, recomputed now and compared with what was stored; a look at somebody else's is noted."""
    slip = _find(payslip_id)
    own = slip.employee_id == act().actor.employee_id
    stored, again = pay.stored(slip.pay_result), pay.recomputed(slip.pay_result)
    policies = pay.policies_kept(slip.pay_result)
    page = render_template(
        "payslip/payslip.html",
        slip=slip,
        own=own,
        result=stored,
        whole=stored == again and stored.total_fen == slip.total_fen,
        policies=policies,
        named={code: (told.zh, told.en) for one in reversed(policies) for code, told in one.inputs.items()},
        inputs=_inputs(json.loads(slip.pay_result.inputs)),
        labels=LINE_STATES,
        **_score_of(slip),
    )
    begin_note()
    if own:
        service.open_payslip(act(), slip)
    else:
        keep_note(act(), "payslip_views", "payslip:look", body={"payslip": slip.id, "employee": slip.employee.number})
    commit()
    return page


def _score_of(slip: Payslip) -> dict[str, Any]:
    """How the score came about, for whoever may see it: its parts, KPI items, weeks of samples, or the months behind it."""
    month = slip.appraisal
    if not sees(act(), month, "supervisor_score"):
        return {"card": None}
    compiled = is_from_months(month)
    sampled = not compiled and scores_by_sampling(policy_of(month)) and sees(act(), month, "samples")
    return {
        "card": card_of(act(), month),
        "rows": [] if compiled else kpi_rows(act(), month),
        "rounds": month_page.rounds_of(act(), month),
        "weeks": month_page.sample_weeks(act(), month) if sampled else [],
        "sampled": not compiled and scores_by_sampling(policy_of(month)),
        "behind": means.months_of(act(), month),
    }


@dataclass(frozen=True)
class Input:
    """One figure that pay was computed from: its value, and where it came from in words."""

    value: str
    source: str


def _inputs(told: Mapping[str, Any]) -> dict[str, Input]:
    """The kept inputs of a result, by code."""
    words, values = _sources(told["sources"]), dict[str, Any]()
    for part in (*told.get("supplements", ()), told, *told.get("segments", ())):
        values |= part["inputs"]
    return {code: Input(_shown(values.get(code)), word) for code, word in words.items()}


def _shown(value: Any) -> str:
    """A kept input as people read it: how many rows, or the number without trailing zeros."""
    if isinstance(value, list):
        return str(_("%(n)s 条", n=len(value)))
    return "" if value is None else number_text(Decimal(str(value)), None)


def _sources(sources: Mapping[str, str]) -> dict[str, str]:
    """Where each input came from, in words: the imported file and its row, a person's entry, the month's own score."""
    found: dict[str, str] = {}
    for code, source in sources.items():
        first = str(source).split(", ")[0]
        if first.startswith("import:"):
            number, _sep, row = first.removeprefix("import:").partition("#")
            batch = db.session.get(ImportBatch, int(number))
            found[code] = _("文件 %(file)s 第 %(row)s 行", file=batch.filename if batch else number, row=row)
            _more, _sep, days = str(source).partition(", statutory:")
            if days:
                found[code] += _("，其中法定带薪假 %(days)s 天计为出勤", days=number_text(Decimal(days), None))
        elif first.startswith("appraisal:"):
            found[code] = _("本月考核单的绩效分数")
        elif first.startswith("bonus_pool"):
            found[code] = _("总经理批准的奖金池份额")
        elif first.startswith("attendance:"):
            found[code] = _("%(year)s 年截至本月的考勤", year=first.removeprefix("attendance:"))
        elif first == "employment":
            found[code] = _("入职和离职日期")
        elif first == "reward_penalty":
            found[code] = _("已确认的奖惩合计")
        else:
            found[code] = _("手工录入")
    return found


@blueprint.route("/my/payslips/<int:payslip_id>/acknowledge", methods=["POST"])
@open_to(EVERYONE)
@once
def acknowledge(payslip_id: int) -> Response:
    """Confirm the receipt of one's own payslip."""
    slip = _find(payslip_id)
    service.acknowledge_payslip(act(), slip)
    flash(_("已签收。"), "ok")
    return see_other("payslip.payslip", payslip_id=payslip_id)
