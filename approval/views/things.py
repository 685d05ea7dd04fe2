"""What the audited things are called: a person's month, a payslip, a batch, in words beside their stream."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from flask_babel import gettext as _
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from approval.i18n import own_name
from approval.models.appraisal import Appraisal, PayResult
from approval.models.beside import BonusVoid
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.feedback import Feedback
from approval.models.guard import WageFlag
from approval.models.objection import Objection
from approval.models.payout import PayoutBatch, Payslip
from approval.models.people import Account, Department, Employee
from approval.models.policy import PolicyVersion
from approval.models.target import AnnualTarget, PersonalTarget
from approval.views.page import period_text

Found = Select[int, str, str]
PAGES = {
    "appraisal": "/appraisals/",
    "annual_target": "/targets/",
    "bonus_pool": "/bonus-pools/",
    "objection": "/objections/",
    "payout": "/payouts/",
    "payslip": "/my/payslips/",
}


def _of_months() -> Found:
    found = select(Appraisal.id, Employee.name, Cycle.period).join(Employee, Employee.id == Appraisal.employee_id)
    return found.join(Cycle, Cycle.id == Appraisal.cycle_id)


def _of_objections() -> Found:
    found = select(Objection.id, Employee.name, Cycle.period).join(Appraisal, Appraisal.id == Objection.appraisal_id)
    return found.join(Employee, Employee.id == Appraisal.employee_id).join(Cycle, Cycle.id == Appraisal.cycle_id)


def _of_payslips() -> Found:
    return select(Payslip.id, Payslip.payee_name, Payslip.period)


def _of_cycles() -> Found:
    return select(Cycle.id, Department.name, Cycle.period).join(Department)


def _of_pools() -> Found:
    found = select(BonusPool.id, Department.name, Cycle.period).join(Cycle, Cycle.id == BonusPool.cycle_id)
    return found.join(Department, Department.id == Cycle.department_id)


def _of_batches() -> Found:
    return select(PayoutBatch.id, PayoutBatch.number, Cycle.period).join(Cycle, Cycle.id == PayoutBatch.cycle_id)


def _of_people() -> Found:
    return select(Employee.id, Employee.name, Employee.number)


def _of_accounts() -> Found:
    return select(Account.id, Employee.name, Employee.number).join(Employee, Employee.id == Account.employee_id)


def _of_flags() -> Found:
    found = select(WageFlag.id, Employee.name, Cycle.period).join(PayResult, PayResult.id == WageFlag.pay_result_id)
    found = found.join(Appraisal, Appraisal.id == PayResult.appraisal_id)
    return found.join(Employee, Employee.id == Appraisal.employee_id).join(Cycle, Cycle.id == Appraisal.cycle_id)


def _of_voids() -> Found:
    found = select(BonusVoid.id, Employee.name, Cycle.period).join(Appraisal, Appraisal.id == BonusVoid.appraisal_id)
    return found.join(Employee, Employee.id == Appraisal.employee_id).join(Cycle, Cycle.id == Appraisal.cycle_id)


def _of_feedback() -> Found:
    found = select(Feedback.id, Employee.name, Cycle.period).join(Appraisal, Appraisal.id == Feedback.appraisal_id)
    return found.join(Employee, Employee.id == Appraisal.employee_id).join(Cycle, Cycle.id == Appraisal.cycle_id)


def _of_annual_targets() -> Found:
    return select(AnnualTarget.id, Department.name, AnnualTarget.name).join(Department)


def _of_personal_targets() -> Found:
    found = select(PersonalTarget.id, Employee.name, AnnualTarget.name).select_from(PersonalTarget)
    found = found.join(AnnualTarget, AnnualTarget.id == PersonalTarget.target_id)
    return found.join(Employee, Employee.id == PersonalTarget.employee_id)


def _of_policies() -> Found:
    return select(PolicyVersion.id, PolicyVersion.name, PolicyVersion.code)


QUERIES: Mapping[str, tuple[Callable[[], Found], type]] = {
    "appraisal": (_of_months, Appraisal),
    "objection": (_of_objections, Objection),
    "payslip": (_of_payslips, Payslip),
    "cycle": (_of_cycles, Cycle),
    "bonus_pool": (_of_pools, BonusPool),
    "payout": (_of_batches, PayoutBatch),
    "employee": (_of_people, Employee),
    "account": (_of_accounts, Account),
    "wage_flag": (_of_flags, WageFlag),
    "feedback": (_of_feedback, Feedback),
    "annual_target": (_of_annual_targets, AnnualTarget),
    "personal_target": (_of_personal_targets, PersonalTarget),
    "policy": (_of_policies, PolicyVersion),
    "bonus_void": (_of_voids, BonusVoid),
}
STREAMS = {
    "sign_in": "登录",
    "payslip_views": "查看工资条",
    "what_if": "试算影响",
    "minimum_wages": "法定提示",
    "post_standards": "岗位薪酬表",
}


def names_of(session: Session, streams: Collection[str]) -> dict[str, str]:
    """The names of things by stream, one statement a kind; a stream that belongs to no row has a name of its own."""
    ids: dict[str, set[int]] = {}
    for stream in streams:
        kind, _sep, number = stream.partition(":")
        if number.isdecimal():
            ids.setdefault(kind, set()).add(int(number))
    found = {stream: str(_(STREAMS[stream])) for stream in streams if stream in STREAMS}
    for kind in ids.keys() & QUERIES.keys():
        query, model = QUERIES[kind]
        rows = session.execute(query().where(model.id.in_(ids[kind])))  # type: ignore[attr-defined]
        found |= {f"{kind}:{row[0]}": _worded(row) for row in rows}
    return found


def _worded(row: Row[int, str, str]) -> str:
    name, more = own_name(_(row[1]) if row[1] else ""), row[2]
    return f"{name} {period_text(more) if more[:1] == '2' and more[4:5] == '-' else more}"


def page_of(stream: str) -> str:
    """The page of a thing, or nothing where it has none."""
    kind, _sep, number = stream.partition(":")
    return f"{PAGES[kind]}{number}" if kind in PAGES and number else ""
