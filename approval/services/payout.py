"""Money goes out: a batch is prepared, signed off, exported, marked paid; once, and reversed only by counter-entry."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from approval.models.appraisal import Appraisal, PayResult
from approval.models.cycle import Cycle
from approval.models.guard import WageFlag
from approval.models.payout import PayoutBatch, Payslip
from approval.models.people import Employee
from approval.rules.money import display
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.audit import canonical
from approval.services.facts import appraisal_facts, general_manager
from approval.services.guard import flag_pay, flags_on
from approval.services.ledger import book, book_lines, reverse
from approval.services.outbox import leave_letter
from approval.services.pay_proof import miscounted
from approval.services.step import keep_record, start, take_step
from workflows import appraisal as month
from workflows.engine import No, NotAllowed, Offer
from workflows.payout import EXPORTED, PREPARED, SIGNED_OFF, WORKFLOW, PayoutFacts


@dataclass(frozen=True)
class ExportRow:
    """One line of the payment file: exact, and a pure function of the signed batch."""

    number: str
    name: str
    department: str
    amount_fen: int


def payslips_of(act: Act, batch: PayoutBatch) -> Sequence[Payslip]:
    """The payslips of a batch by employee number, with what a list of them shows."""
    query = (
        select(Payslip)
        .join(Payslip.employee)
        .where(Payslip.batch_id == batch.id)
        .order_by(Employee.number)
        .options(contains_eager(Payslip.employee), joinedload(Payslip.pay_result))
        .options(joinedload(Payslip.appraisal).joinedload(Appraisal.position))
    )
    return act.session.scalars(query).all()


def payable_months(act: Act, cycle: Cycle) -> Sequence[Appraisal]:
    """The months of a cycle that wait for payment and are on no live payslip, by employee number."""
    return act.session.scalars(_payable().where(Appraisal.cycle_id == cycle.id)).all()


def payable_by_cycle(act: Act) -> list[tuple[Cycle, list[Appraisal]]]:
    """The payable months of all cycles, the earliest cycle first."""
    found: dict[Cycle, list[Appraisal]] = {}
    loads = joinedload(Appraisal.cycle).joinedload(Cycle.department)
    for one in act.session.scalars(_payable().options(loads)):
        found.setdefault(one.cycle, []).append(one)
    return sorted(found.items(), key=lambda told: (told[0].period, told[0].id))


def _payable() -> Select[Appraisal]:
    paid = select(Payslip.appraisal_id).where(Payslip.live.is_(True))
    query = select(Appraisal).join(Appraisal.employee).options(contains_eager(Appraisal.employee))
    query = query.options(joinedload(Appraisal.department))
    query = query.where(Appraisal.state == month.PAYOUT, Appraisal.id.not_in(paid))
    return query.order_by(Employee.number, Appraisal.id)


def fingerprint_of(slips: Iterable[Payslip]) -> str:
    """SHA-256 over who gets what, as the lines are now: what the general manager signs."""
    told = {
        slip.employee.number: [slip.total_fen, slip.pay_result_id, slip.payee_name, slip.payee_department]
        for slip in slips
    }
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def payout_facts(act: Act, batch: PayoutBatch) -> PayoutFacts:
    """Gather what the batch's guards ask, as of now."""
    slips = payslips_of(act, batch)
    return PayoutFacts(
        actor=act.actor.employee_id,
        preparer=batch.prepared_by_id,
        payees=frozenset(slip.employee_id for slip in slips),
        is_finance=act.actor.holds("finance"),
        is_general_manager=act.actor.holds("general_manager"),
        total_fen=batch.total_fen,
        lines_fen=sum(slip.total_fen for slip in slips),
        fingerprint=fingerprint_of(slips),
        seen_fingerprint=batch.fingerprint,
        blocking_flags=tuple(_told(flag) for flag in flags_on(act, slips) if flag.decided_by_id is None),
        miscounted=tuple(slip.payee_name for slip, _faults in miscounted_of(batch, slips)),
        all_lines_settled=all(slip.line_state != "due" for slip in slips),
    )


def miscounted_of(batch: PayoutBatch, slips: Sequence[Payslip]) -> list[tuple[Payslip, tuple[No, ...]]]:
    """The payslips of a batch that is not yet at the bank whose pay is not what was calculated, and why."""
    return miscounted(slips) if batch.state in (PREPARED, SIGNED_OFF) else []


def _told(flag: WageFlag) -> str:
    return f"{flag.pay_result.appraisal.employee.name} {display(flag.counted_fen)} < {display(flag.minimum_fen)}"


def offers(act: Act, batch: PayoutBatch) -> dict[str, Offer]:
    """The buttons of this actor on a batch."""
    return {offer.trigger: offer for offer in WORKFLOW.offers(batch.state, payout_facts(act, batch))}


def prepare_payout(act: Act, cycle: Cycle) -> PayoutBatch:
    """Make a batch of every month of a cycle that waits for payment (制单); a month already on a live payslip is left out."""
    if not act.actor.holds("finance"):
        raise NotAllowed([No("只有财务可以制单")])
    months = payable_months(act, cycle)
    if not months:
        raise Refused("没有待发放的考核单；分配批准并算出工资后才能制单", fault="nothing to pay")
    results = _results(act, months)
    batch = PayoutBatch(
        cycle_id=cycle.id,
        number=_next_number(act, cycle),
        total_fen=sum(result.total_fen for result in results.values()),
        fingerprint="",
        prepared_by_id=act.person,
        prepared_at=act.at,
    )
    start(act, batch, WORKFLOW, body={"cycle": cycle.stream})
    slips = _issue(act, batch, months, results)
    flag_pay(act, results.values())
    body = {"total_fen": batch.total_fen, "payslips": {slip.employee.number: slip.total_fen for slip in slips}}
    keep_record(act, batch, "payout:prepare", changes={"fingerprint": fingerprint_of(slips)}, body=body)
    params = {"department": cycle.department.name, "period": cycle.period}
    subject = "%(department)s %(period)s 发放批次等待您签发"
    leave_letter(act, [general_manager(act)], subject, f"/payouts/{batch.id}", **params)
    return batch


def _next_number(act: Act, cycle: Cycle) -> str:
    count = act.session.scalar(select(func.count()).select_from(PayoutBatch).where(PayoutBatch.cycle_id == cycle.id))
    return f"B-{cycle.period}-{cycle.department_id}-{(count or 0) + 1}"


def _results(act: Act, months: Sequence[Appraisal]) -> dict[int, PayResult]:
    """The newest pay result of each month by the month's id; refused with the first name that has none to pay."""
    query = select(PayResult).where(PayResult.appraisal_id.in_([one.id for one in months])).order_by(PayResult.id)
    found = {one.appraisal_id: one for one in act.session.scalars(query)}
    for one in months:
        if one.id not in found:
            raise Refused("%(name)s 的工资还没有计算", fault="no pay result", name=one.employee.name)
        if found[one.id].total_fen < 0:
            text = "%(name)s 的应发合计是负数，不能发放；请人事先处理"
            raise Refused(text, fault="negative pay", name=one.employee.name)
    return found


def _issue(
    act: Act, batch: PayoutBatch, months: Sequence[Appraisal], results: Mapping[int, PayResult]
) -> list[Payslip]:
    """Issue the payslips of a batch: written together, each with the first entry of its own chain."""
    slips = [_payslip(batch, one, results[one.id]) for one in months]
    act.session.add_all(slips)
    act.session.flush()
    for slip in slips:
        keep_record(act, slip, "payslip:issue", body={"batch": batch.stream, "total_fen": slip.total_fen})
    return slips


def _payslip(batch: PayoutBatch, appraisal: Appraisal, result: PayResult) -> Payslip:
    return Payslip(
        batch_id=batch.id,
        appraisal_id=appraisal.id,
        pay_result_id=result.id,
        employee_id=appraisal.employee_id,
        payee_name=appraisal.employee.name,
        payee_department=appraisal.department.name,
        period=appraisal.cycle.period,
        total_fen=result.total_fen,
    )


def sign_off(act: Act, batch: PayoutBatch, seen: str) -> None:
    """Sign off exactly the batch that was seen: the ledger then owes each payee his lines (发放签发)."""
    facts = replace(payout_facts(act, batch), seen_fingerprint=seen)
    changes = {"signed_off_by_id": act.actor.employee_id, "signed_off_at": act.at}
    body = {"fingerprint": seen, "total_fen": batch.total_fen}
    take_step(act, batch, WORKFLOW, "sign_off", facts, changes=changes, body=body)
    for slip in payslips_of(act, batch):
        book_lines(act, slip)
    leave_letter(
        act, [batch.prepared_by_id], "发放批次 %(number)s 已签发，可以导出", f"/payouts/{batch.id}", number=batch.number
    )


def send_back_batch(act: Act, batch: PayoutBatch, reason: str) -> None:
    """Return a batch before it is signed: it is void, its months wait for a new one."""
    _undo(act, batch, "send_back", reason)
    leave_letter(act, [batch.prepared_by_id], "发放批次 %(number)s 被退回", f"/payouts/{batch.id}", number=batch.number)


def void_batch(act: Act, batch: PayoutBatch, reason: str) -> None:
    """Void a batch before it is signed, by finance; its months wait for a new one."""
    _undo(act, batch, "void", reason)


def _undo(act: Act, batch: PayoutBatch, trigger: str, reason: str) -> None:
    changes = {"return_reason": reason.strip()}
    take_step(act, batch, WORKFLOW, trigger, payout_facts(act, batch), reason=reason, changes=changes)
    for slip in payslips_of(act, batch):
        keep_record(act, slip, "payslip:void", changes={"live": False, "line_state": "void"}, reason=reason)


def export_rows(act: Act, batch: PayoutBatch) -> list[ExportRow]:
    """The payment file's lines: the same for the same batch, whenever asked."""
    return [
        ExportRow(slip.employee.number, slip.payee_name, slip.payee_department, slip.total_fen)
        for slip in payslips_of(act, batch)
    ]


def export_payout(act: Act, batch: PayoutBatch, sha256: str) -> None:
    """Record that the payment file with this SHA-256 was exported; a second export of the same batch must be the same bytes."""
    if batch.state == EXPORTED:
        if batch.export_sha256 != sha256:
            raise Refused("付款文件与导出时的不一致，已停止；请立即联系审计", fault="file differs from the export")
        keep_record(act, batch, "payout:export_again", body={"sha256": sha256})
        return
    changes = {"exported_at": act.at, "export_sha256": sha256}
    take_step(act, batch, WORKFLOW, "export", payout_facts(act, batch), changes=changes, body={"sha256": sha256})
    for slip in payslips_of(act, batch):
        keep_record(act, slip, "payslip:send", changes={"line_state": "sent"})


def note_download(act: Act, batch: PayoutBatch, ending: str, sha256: str) -> None:
    """Note who took the payment file, and in which form; refused where it is no longer the file of the export."""
    if batch.export_sha256 != sha256:
        raise Refused("付款文件与导出时的不一致，已停止；请立即联系审计", fault="file differs from the export")
    keep_record(act, batch, "payout:download", body={"ending": ending})


def mark_paid(act: Act, batch: PayoutBatch, failed: dict[int, str], reason: str = "") -> None:
    """Record the bank's answer: every payslip is paid but the `failed` ones (payslip id to reason); months become paid.

    A failed line stays out of the ledger's payments, its payslip is no longer live, and its month waits for a new batch.
    """
    for slip in payslips_of(act, batch):
        if slip.id in failed and not failed[slip.id].strip():
            raise Refused("%(name)s 发放失败，请写明原因", fault="failure reason missing", name=slip.payee_name)
    facts = replace(payout_facts(act, batch), all_lines_settled=True)
    take_step(act, batch, WORKFLOW, "pay", facts, reason=reason, changes={"paid_at": act.at}, body={"failed": failed})
    for slip in payslips_of(act, batch):
        if slip.id in failed:
            _fail(act, slip, failed[slip.id])
        else:
            _pay(act, slip)


def _fail(act: Act, slip: Payslip, why: str) -> None:
    reverse(act, slip)
    changes = {"line_state": "failed", "live": False, "failure": why.strip()}
    keep_record(act, slip, "payslip:fail", changes=changes, reason=why)


def _pay(act: Act, slip: Payslip) -> None:
    if slip.total_fen:
        book(act, slip, "payment", f"pay_due:{slip.employee.number}", "paid:bank", slip.total_fen)
    keep_record(act, slip, "payslip:pay", changes={"line_state": "paid", "paid_at": act.at})
    facts = appraisal_facts(act, slip.appraisal)
    take_step(act, slip.appraisal, month.WORKFLOW, "pay", facts, changes={"paid_at": act.at}, body={"payslip": slip.id})
    period = slip.appraisal.cycle.period
    leave_letter(
        act, [slip.employee_id], "您的 %(period)s 工资条已发放，请签收", f"/my/payslips/{slip.id}", period=period
    )


def open_payslip(act: Act, slip: Payslip) -> None:
    """Note that the employee has opened his own payslip."""
    if slip.employee_id == act.actor.employee_id and slip.seen_at is None:
        keep_record(act, slip, "payslip:see", changes={"seen_at": act.at})


def acknowledge_payslip(act: Act, slip: Payslip) -> None:
    """Confirm the receipt of one's own paid payslip (签收); a second time changes nothing."""
    if slip.employee_id != act.actor.employee_id:
        raise NotAllowed([No("只能签收自己的工资条")])
    if slip.line_state != "paid":
        raise NotAllowed([No("工资条还没有发放，不能签收")])
    if slip.receipt_at is None:
        keep_record(act, slip, "payslip:acknowledge", changes={"receipt_at": act.at})
