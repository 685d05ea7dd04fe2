"""How the demo company begins: its people and their pay from files, its policies with those who sign them, its targets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from approval import demo_company as data
from approval.demo_life import Life, Line, take_in
from approval.gateways.working_days import exceptional_days
from approval.models.people import OFFICES, Account, Employee, WorkingDayException
from approval.models.policy import PolicyVersion
from approval.rules.calendar import months_within
from approval.rules.policy import shipped_text
from approval.services import account, countersign, guard, notice, people, policy, target
from approval.services.act import Act
from approval.services.signatures import document_print
from approval.services.versions import people_in_scope


def found(life: Life, founder: Act, started_at: datetime) -> None:
    """The founder takes on one person of HR, and HR brings in everybody else from the company's files."""
    company = people.found_company(founder, data.NAME, data.NAME_EN)
    company.demo_day, company.demo_started_at = data.TODAY, started_at
    for one in (*exceptional_days(data.FOUNDED.year), *exceptional_days(data.TODAY.year)):
        life.session.add(WorkingDayException(day=one.day, works=one.works, name=one.name))
    hr = next(one for one in data.PEOPLE if one.number == data.HR)
    life.people[data.HR] = people.engage(founder, hr.number, hr.name, data.FOUNDED, hr.pinyin)
    people.appoint(founder, life.people[data.HR], "hr", data.FOUNDED)
    _bring_people(life)
    _open_accounts(life)
    _bring_pay(life)


def _bring_people(life: Life) -> None:
    act = life.act(data.HR, data.FOUNDED)
    departments = [{"name": one, "parent": parent, "name_en": en} for one, en, parent in data.DEPARTMENTS]
    take_in(act, "departments", "01-部门名单.xlsx", departments)
    positions = [{"code": code, "name": name, "name_en": en} for code, name, en in data.POSITIONS]
    take_in(act, "positions", "02-岗位名单.xlsx", positions)
    take_in(act, "people", "03-人员名册.xlsx", [_line_of(one) for one in data.PEOPLE])
    life.people |= {one.number: one for one in life.session.scalars(select(Employee).order_by(Employee.id))}
    joined = {one.number: one.joined_on for one in data.PEOPLE}
    offices: list[Line] = [
        {"employee_number": one, "office": OFFICES[office], "department": where, "from_on": joined[one]}
        for one, office, where in data.OFFICES
    ]
    take_in(act, "offices", "04-职务任命表.xlsx", offices)


def _line_of(one: data.Person) -> Line:
    return {
        "number": one.number,
        "name": one.name,
        "department": one.department,
        "position_code": one.position,
        "grade": one.grade,
        "supervisor_number": one.supervisor,
        "joined_on": one.joined_on,
        "pinyin": one.pinyin,
    }


def _open_accounts(life: Life) -> None:
    first_password = account.password_hash(data.PASSWORD)
    for one in life.people.values():
        opened = Account(employee_id=one.id, password_hash=first_password, must_change_password=False)
        life.session.add(opened)
    life.session.flush()


def _bring_pay(life: Life) -> None:
    """The table of posts and everybody's own figures; HR's own are brought in by the other person who does HR's work."""
    posts: list[Line] = [
        {"position_code": code, "grade": grade, "code": figure, "value": Decimal(value), "from_on": data.FOUNDED}
        for code, grade, figure, value in data.POST_STANDARDS
    ]
    take_in(life.act(data.HR, data.FOUNDED, 10), "post_standards", "05-各岗位薪酬表.xlsx", posts)
    own = list(_own_figures())
    theirs = [one for one in own if one["employee_number"] != data.HR]
    take_in(life.act(data.HR, data.FOUNDED, 11), "pay_standards", "06-个人薪酬标准.xlsx", theirs)
    hrs = [one for one in own if one["employee_number"] == data.HR]
    take_in(life.act(data.SECOND_HR, data.FOUNDED, 12), "pay_standards", "07-个人薪酬标准（人事本人）.xlsx", hrs)


def _own_figures() -> Iterator[Line]:
    """What the table of posts does not say for somebody already, in fen."""
    for one in data.PEOPLE:
        bonus = {"quarter_bonus": data.QUARTERLY_BONUS} if one.department in data.ELECTRONIC else {}
        for code, value in (one.figures | bonus).items():
            if not {(one.position, grade, code, value) for grade in ("", one.grade)} & set(data.POST_STANDARDS):
                fen = int(Decimal(value) * 100)
                named: Line = {"employee_number": one.number, "employee_name": one.name, "code": code}
                yield {**named, "amount_fen": fen, "from_on": one.joined_on}


def keep_minimum_wage(life: Life) -> None:
    """One place with an invented standard, so that the guard is seen at work."""
    hr = life.act(data.HR, date(2026, 1, 3))
    guard.add_minimum_wage(hr, *data.MINIMUM_WAGE)
    guard.set_place(hr, life.department("电商部"), data.MINIMUM_WAGE[0])


def publish_policies(life: Life) -> None:
    """Every policy: drafted, told to the staff's delegates, reviewed, signed where that was asked, published, read."""
    day = data.PUBLISHED_ON
    for code in data.POLICIES:
        text = data.filled(shipped_text(code))
        begins = data.IN_FORCE_FROM
        version = policy.draft_policy(life.act(data.HR, day), text, policy.default_readings(text), begins)
        notice.keep_consultation(life.act(data.HR, day, 9, 10), version, notice.Consultation(*data.CONSULTATION))
        if code == data.COUNTERSIGNED:
            _name_countersigners(life, version, day)
        policy.review_policy(life.act("G0001", day, 10), version)
        if code == data.COUNTERSIGNED:
            for number, remark in data.COUNTERSIGNERS.items():
                countersign.countersign(life.act(number, day, 10, 30), version, document_print(version), remark)
        policy.publish_policy(life.act("G0001", day, 11), version, official=True)
        for reader in people_in_scope(life.session, version, day):
            notice.acknowledge(life.act(reader.number, begins, 9), version)


def read_policies(life: Life) -> None:
    """Who came with the new year confirms what is for his post."""
    day, joiners = data.READ_BY_JOINERS_ON, {one.number for one in data.PEOPLE} - set(data.TRIED_BY)
    for version in life.session.scalars(select(PolicyVersion).order_by(PolicyVersion.id)).all():
        for reader in people_in_scope(life.session, version, day):
            if reader.number in joiners:
                notice.acknowledge(life.act(reader.number, day, 12), version)


def _name_countersigners(life: Life, version: PolicyVersion, day: date) -> None:
    """The department's head by his office, finance by name."""
    hr = life.act(data.HR, day, 9, 30)
    head = countersign.Named(office="department_head", department=life.department("电商部"))
    countersign.name_countersigner(hr, version, head)
    countersign.name_countersigner(hr, version, countersign.Named(employee=life.people["F0001"]))


def draft_next_version(life: Life) -> None:
    """Next year's version of the countersigned policy: reviewed, signed by one of two, so that it can be asked what if."""
    number, text = data.NEXT_VERSION
    kept = select(PolicyVersion).where(PolicyVersion.code == number)
    old = life.session.scalars(kept).one()
    day = data.NEXT_DRAFTED_ON
    source = old.source.replace(*text)
    version = policy.draft_policy(life.act(data.HR, day), source, policy.default_readings(source), data.NEXT_BEGINS)
    _name_countersigners(life, version, day)
    policy.review_policy(life.act("G0001", day, 10), version)
    countersign.countersign(life.act("F0001", day, 14), version, document_print(version), "预算内")


def set_targets(life: Life) -> None:
    """The department's sales of the year, broken down to those who sell, and confirmed by all but one."""
    head = life.act("D0012", data.TARGETS_SET, 10)
    year = data.TODAY.year
    whole = data.MONTHLY_SALES * 12 * len(data.SELLERS)
    goal = target.Goal("sales", "销售额", "money", whole, data.TARGET_BASIS, "Sales")
    annual = target.set_annual_target(head, life.department("电商部"), year, goal)
    parts = dict.fromkeys(months_within(str(year)), data.MONTHLY_SALES)
    for number in data.SELLERS:
        kept = target.set_personal_target(head, annual, life.people[number], target.Part(dict(parts), data.DUTIES))
        if number != data.UNCONFIRMED:
            target.confirm_personal_target(life.act(number, data.TARGETS_SET, 15), kept, kept.version)
