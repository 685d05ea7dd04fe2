"""会签: named by those who write and review a policy, said by those who are named, bound to the text that they saw."""

from __future__ import annotations

from dataclasses import dataclass

from approval.models.countersign import OBJECTED, SIGNED, PolicyCountersigner, PolicySignature
from approval.models.people import Department, Employee
from approval.models.policy import PolicyVersion
from approval.rules.refusal import Refused
from approval.services.act import Act, Actor
from approval.services.authorship import by_author
from approval.services.desk_rows import Row
from approval.services.facts import general_manager
from approval.services.outbox import leave_letter
from approval.services.signatures import (
    document_print,
    has_seat,
    people_on,
    seats_of,
    signatures_of,
    writers_of,
    wrote,
)
from approval.services.step import Conflict, keep_record
from approval.services.versions import policy_with_readings
from approval.services.waiting import Waiting
from workflows.engine import No, NotAllowed
from workflows.policy import DRAFT, REVIEWED, PolicyFacts, may_countersign


@dataclass(frozen=True)
class Named:
    """Who is to countersign: a person, or an office (a head's with its department)."""

    employee: Employee | None = None
    office: str = ""
    department: Department | None = None

    @property
    def seat(self) -> str:
        if self.employee is not None:
            return f"person:{self.employee.id}"
        return f"office:{self.office}" + (f":{self.department.id}" if self.department else "")


def name_countersigner(act: Act, version: PolicyVersion, named: Named) -> PolicyCountersigner:
    """Name a person or an office that must countersign; somebody who did not write the text must sit there."""
    _must_be_open(act, version)
    row = PolicyCountersigner(version_id=version.id, seat=named.seat, office=named.office)
    row.employee, row.department = named.employee, named.department
    row.department_id = named.department.id if named.department else None
    row.named_by_id, row.named_at = act.actor.employee_id, act.at
    with act.session.no_autoflush:
        if any(one.of.seat == row.seat for one in seats_of(act, version)):
            raise Refused("已经在会签名单里", fault="named twice")
        people = people_on(act, row)
        if not people:
            raise Refused("这个职务现在没有人担任，不能会签", fault="vacant office")
        if {one.id for one in people} <= writers_of(act, version):
            raise Refused("编制人不能会签自己的方案；请另选一位", fault="own policy")
    act.session.add(row)
    act.session.flush()
    keep_record(act, version, "policy:name_countersigner", body={"seat": row.seat, "people": _names(people)})
    if version.state == REVIEWED:
        _ask(act, version, [one.id for one in people])
    return row


def _names(people: object) -> str:
    return "、".join(one.name for one in people)  # type: ignore[attr-defined]


def drop_countersigner(act: Act, version: PolicyVersion, seat: str, reason: str) -> None:
    """Take a seat away with a reason; never one that has objected to the text as it is."""
    _must_be_open(act, version)
    found = next((one for one in seats_of(act, version) if one.of.seat == seat), None)
    if found is None:
        raise Refused("会签名单里没有这一项，请刷新页面", fault="unknown seat")
    if found.objected:
        raise NotAllowed([No("对现在的文本有异议的会签人不能去掉；请退回修改，或由提出的人改签")])
    if not reason.strip():
        raise NotAllowed([No("请写明理由")])
    act.session.delete(found.of)
    act.session.flush()
    body = {"seat": seat, "people": _names(found.people)}
    keep_record(act, version, "policy:drop_countersigner", reason=reason, body=body)
    _tell_when_complete(act, version)


def _must_be_open(act: Act, version: PolicyVersion) -> None:
    if (no := by_author(act, policy_with_readings(version))) is not None:
        raise NotAllowed([no])
    if version.state not in (DRAFT, REVIEWED):
        raise NotAllowed([No("方案已发布，会签名单不再改动")])


def countersign(act: Act, version: PolicyVersion, seen: str, remark: str = "") -> None:
    """Sign the text that was seen, for every seat that the actor sits on."""
    _say(act, version, seen, SIGNED, remark)
    _tell_when_complete(act, version)


def object_to(act: Act, version: PolicyVersion, seen: str, reason: str) -> None:
    """Object to the text that was seen, with the reason; publication waits until it is changed or he signs."""
    if not reason.strip():
        raise NotAllowed([No("请写明理由")])
    _say(act, version, seen, OBJECTED, reason)
    told = (version.author_id, version.reviewed_by_id)
    subject = "方案“%(name)s”会签有异议，请看理由后修改或答复"
    leave_letter(act, told, subject, _page(version), name=version.name)


def _say(act: Act, version: PolicyVersion, seen: str, kind: str, remark: str) -> None:
    facts = PolicyFacts(
        actor=act.actor.employee_id,
        has_seat=has_seat(act, version),
        wrote=wrote(act, version),
        is_reviewed=version.state == REVIEWED,
    )
    if (no := may_countersign(facts)) is not None:
        raise NotAllowed([no])
    if seen != document_print(version):
        raise Conflict(version.stream)
    seats = [one.of.seat for one in seats_of(act, version) if act.person in one.holders and one.kind != kind]
    if not seats:
        raise NotAllowed([No("您已经会签过这一版") if kind == SIGNED else No("您已经提出过异议")])
    for seat in seats:
        row = PolicySignature(version_id=version.id, seat=seat, employee_id=act.person, fingerprint=seen, kind=kind)
        row.remark, row.at = remark.strip(), act.at
        act.session.add(row)
    act.session.flush()
    action = "policy:countersign" if kind == SIGNED else "policy:object"
    keep_record(act, version, action, reason=remark, body={"seats": seats, "document": seen})


def _tell_when_complete(act: Act, version: PolicyVersion) -> None:
    """The general manager hears of a reviewed version once nobody is missing."""
    if version.state == REVIEWED and all(one.kind == SIGNED for one in seats_of(act, version)):
        subject = "方案“%(name)s”会签已齐，等待您发布"
        leave_letter(act, [general_manager(act)], subject, _page(version), name=version.name)


def _ask(act: Act, version: PolicyVersion, people: list[int]) -> None:
    leave_letter(act, people, "方案“%(name)s”已复核，等您会签", _page(version), name=version.name)


def _page(version: PolicyVersion) -> str:
    return f"/policies/{version.code}/{version.number}#countersigning"


def words_to(waits: Waiting) -> dict[PolicyVersion, dict[Row, str]]:
    """The reviewed versions that somebody is named to countersign: each seat with the newest word to the present text."""
    found: dict[PolicyVersion, dict[Row, str]] = {}
    said = {(one.id, one.name, one.code): one.state for one in sorted(waits.of("signature"), key=lambda one: one.n)}
    for seat in waits.of("seat"):
        version = waits.version(seat)
        word = said.get((seat.id, seat.name, document_print(version)), "")
        found.setdefault(version, {})[seat] = word
    return found


def sits_on(actor: Actor, seat: Row) -> bool:
    """Whether a seat is the actor's own or that of an office that he holds today."""
    if seat.employee_id:
        return seat.employee_id == actor.employee_id
    return actor.holds(seat.code) and seat.department_id in (0, *actor.headed)


__all__ = [
    "Named",
    "countersign",
    "drop_countersigner",
    "name_countersigner",
    "object_to",
    "signatures_of",
    "sits_on",
    "words_to",
]
