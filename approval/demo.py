"""The demo company brought to life: two finished months and an open October, lived through the same services as any month."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from approval import demo_company as data
from approval.gateways.bank_file import payment_file_sha256
from approval.gateways.working_days import exceptional_days
from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.cycle import Cycle
from approval.models.figures import Attendance, Collection, Figure, RewardPenalty
from approval.models.outbox import OutboxMessage
from approval.models.people import Account, Department, Employee, Position, WorkingDayException
from approval.models.sampling import STAFF, Sample, WorkItem
from approval.rules.calendar import months_within, period_bounds, weeks_of_month
from approval.rules.policy import shipped_text
from approval.services import (
    account,
    advice,
    appraisal,
    bonus_pool,
    cycle,
    feedback,
    figures,
    guard,
    means,
    notice,
    objection,
    pay,
    payout,
    people,
    policy,
    pool_split,
    post_standard,
    publication,
    sampling,
    self_assessment,
    target,
)
from approval.services.act import Act, Actor, actor_of
from approval.services.facts import reviewer_of, weeks_of
from approval.services.payday import working_days
from approval.services.rulebook import policy_of, scores_by_sampling
from approval.services.versions import people_in_scope

ZONE = ZoneInfo("Asia/Shanghai")


def chance(low: int, high: int, *key: object) -> int:
    """A number from low to high that is always the same for the same key: the demo is alike on every machine."""
    digest = hashlib.sha256("|".join(map(str, key)).encode()).digest()
    return low + int.from_bytes(digest[:4], "big") % (high - low + 1)


@dataclass
class Life:
    """The company's story while it is told: who acts when."""

    session: Session
    people: dict[str, Employee]

    def act(self, number: str, day: date, hour: int = 9, minute: int = 0) -> Act:
        moment = datetime.combine(day, time(hour, minute), ZONE)
        return Act(self.session, actor_of(self.session, self.people[number].id, day), moment)

    def number(self, employee_id: int | None) -> str:
        return next(number for number, one in self.people.items() if one.id == employee_id)


def tell(session: Session, started_at: datetime) -> None:
    """Write the whole demo into an empty database, whose clock then begins at `data.TODAY`. The caller commits."""
    life = Life(session, {})
    founder = Act(session, Actor(None, frozenset({"hr", "admin"})), datetime.combine(data.FOUNDED, time(8), ZONE))
    _found(life, founder, started_at)
    _keep_minimum_wage(life)
    _publish_policies(life)
    _set_targets(life)
    for period in data.FINISHED:
        _finished_month(life, period)
    _third_quarter(life)
    _october(life)
    session.flush()
    # What is long done needs no reading any more.
    old = datetime.combine(date(2026, 10, 25), time(), ZONE)
    for letter in session.scalars(select(OutboxMessage).where(OutboxMessage.created_at < old)):
        letter.read_at = letter.sent_at = letter.created_at


def _found(life: Life, act: Act, started_at: datetime) -> None:
    company = people.found_company(act, data.NAME, data.NAME_EN)
    company.demo_day, company.demo_started_at = data.TODAY, started_at
    for one in exceptional_days(data.TODAY.year):
        act.session.add(WorkingDayException(day=one.day, works=one.works, name=one.name))
    departments: dict[str, Department] = {}
    for name, english, parent in data.DEPARTMENTS:
        departments[name] = people.add_department(act, name, departments[parent] if parent else None, english)
    positions = {code: people.add_position(act, code, name, english) for code, name, english in data.POSITIONS}
    for code, grade, figure, value in data.POST_STANDARDS:
        wanted = post_standard.Wanted(positions[code], grade, figure, Decimal(value), data.FOUNDED)
        post_standard.set_post_standard(act, wanted)
    _engage(life, act, departments, positions)
    for number, office, where in data.OFFICES:
        people.appoint(act, life.people[number], office, data.FOUNDED, departments[where] if where else None)


def _engage(life: Life, act: Act, departments: dict[str, Department], positions: dict[str, Position]) -> None:
    first_password = account.password_hash(data.PASSWORD)
    for one in data.PEOPLE:
        employee = people.engage(act, one.number, one.name, data.FOUNDED, one.pinyin)
        life.people[one.number] = employee
        boss = life.people[one.supervisor].id if one.supervisor else None
        post = people.Post(departments[one.department].id, positions[one.position].id, boss, data.FOUNDED, one.grade)
        people.assign(act, employee, post)
        standards = one.figures | ({"quarter_bonus": data.QUARTERLY_BONUS} if one.department in data.ELECTRONIC else {})
        for code, value in standards.items():
            if {(one.position, grade, code, value) for grade in ("", one.grade)} & set(data.POST_STANDARDS):
                continue
            people.set_pay_standard(act, employee, code, Decimal(value), data.FOUNDED)
        opened = Account(employee_id=employee.id, password_hash=first_password, must_change_password=False)
        act.session.add(opened)
    act.session.flush()


def _keep_minimum_wage(life: Life) -> None:
    """One place with an invented standard, so that the guard is seen at work."""
    hr = life.act("H0001", date(2026, 1, 3))
    guard.add_minimum_wage(hr, *data.MINIMUM_WAGE)
    department = life.session.scalars(select(Department).where(Department.name == "电商部")).one()
    guard.set_place(hr, department, data.MINIMUM_WAGE[0])


def _publish_policies(life: Life) -> None:
    day = date(2026, 1, 4)
    for code in data.POLICIES:
        text = data.filled(shipped_text(code))
        version = policy.draft_policy(life.act("H0001", day), text, policy.default_readings(text), day)
        notice.keep_consultation(life.act("H0001", day, 10), version, notice.Consultation(*data.CONSULTATION))
        policy.review_policy(life.act("G0001", day, 10), version)
        policy.publish_policy(life.act("G0001", day, 11), version, official=True)
        for reader in people_in_scope(life.session, version, day):
            notice.acknowledge(life.act(reader.number, day, 12), version)


def _set_targets(life: Life) -> None:
    """The department's sales of the year, broken down to those who sell, and confirmed by all but one."""
    head = life.act("D0012", data.TARGETS_SET, 10)
    department = life.session.scalars(select(Department).where(Department.name == "电商部")).one()
    year = data.TODAY.year
    goal = target.Goal(
        "sales", "销售额", "money", data.MONTHLY_SALES * 12 * len(data.SELLERS), data.TARGET_BASIS, "Sales"
    )
    annual = target.set_annual_target(head, department, year, goal)
    parts = dict.fromkeys(months_within(str(year)), data.MONTHLY_SALES)
    for number in data.SELLERS:
        kept = target.set_personal_target(head, annual, life.people[number], target.Part(dict(parts), data.DUTIES))
        if number != data.UNCONFIRMED:
            target.confirm_personal_target(life.act(number, data.TARGETS_SET, 15), kept, kept.version)


def _talk(life: Life, month: Appraisal, day: date) -> None:
    """One talk about a quarter's result; one person has still to have his, another has something to say."""
    number = month.employee.number
    if number == data.WITHOUT_TALK:
        return
    talk = feedback.Talk(day, data.DISCUSSED, data.AGREED)
    kept = feedback.keep_feedback(life.act(life.number(month.supervisor_id), day, 19), month, talk)
    answer = life.act(number, day + timedelta(days=1), 9)
    if number == data.COMMENTING:
        feedback.answer_feedback(answer, kept, data.COMMENT, confirm=False)
    else:
        feedback.answer_feedback(answer, kept, confirm=True)


def _person(life: Life, month: Appraisal) -> data.Person:
    number = life.number(month.employee_id)
    return next(one for one in data.PEOPLE if one.number == number)


def _open(life: Life, name: str, period: str) -> Cycle:
    department = life.session.scalars(select(Department).where(Department.name == name)).one()
    return cycle.open_cycle(life.act("H0001", period_bounds(period)[0]), department, period).cycle


def _months(life: Life, opened: Cycle) -> list[Appraisal]:
    found = life.session.scalars(select(Appraisal).where(Appraisal.cycle_id == opened.id)).all()
    return sorted(found, key=lambda one: one.employee.number)


def _records(life: Life, month: Appraisal) -> None:
    """Service records or pieces of work on every working day of the sampling weeks."""
    if not scores_by_sampling(policy_of(month)):
        return
    plan = policy_of(month).sampling
    kind = plan.population if plan and plan.population != STAFF else "customers"
    titles = data.SERVICE if kind == "customers" else data.WORK
    number, period = life.number(month.employee_id), month.cycle.period
    year, of = (int(part) for part in period.split("-"))
    for week in weeks_of_month(year, of):
        for n in range(chance(12, 18, number, week.label) if kind == "customers" else chance(5, 7, number, week.label)):
            day = week.monday + timedelta(days=chance(0, 5, number, week.label, n))
            item = WorkItem(employee_id=month.employee_id, kind=kind, happened_on=day, detail="")
            item.code = f"{'C' if kind == 'customers' else 'W'}-{week.monday:%m%d}-{n + 1:03d}"
            item.title = titles[chance(0, len(titles) - 1, number, day, n)]
            if kind == "customers":
                item.detail, item.first_answer_seconds = data.TALK, chance(5, 55, number, day, n, "s")
                item.turns = chance(4, 19, number, day, n, "t")
            life.session.add(item)
    life.session.flush()


def _draw_all(life: Life, month: Appraisal, until: date) -> None:
    """Draw every week that is over by a day, each on the Monday after it."""
    if not scores_by_sampling(policy_of(month)):
        return
    scorer = life.number(month.supervisor_id)
    for one in weeks_of(life.act(scorer, until), month):
        monday = one.week.monday + timedelta(days=7)
        if monday <= until:
            act = life.act(scorer, monday)
            sampling.draw_sample(
                act, month, one.week, sampling.record_seed(act, month, one.week, _seed(month, one.week.label))
            )


def _seed(month: Appraisal, label: str) -> Callable[[], str]:
    return lambda: hashlib.sha256(f"{month.cycle.period}|{month.employee_id}|{label}".encode()).hexdigest()[:32]


def _score(life: Life, month: Appraisal, day: date, leave_open: int = 0) -> None:
    """Score all samples but the last few, or every KPI item, around the person's ability."""
    scorer = life.act(life.number(month.supervisor_id), day, 14)
    person = _person(life, month)
    if not scores_by_sampling(policy_of(month)):
        self_assessment.score_items(scorer, month, _items(month, person, "supervisor"))
        return
    query = select(Sample).where(Sample.appraisal_id == month.id).order_by(Sample.draw_id, Sample.position)
    samples = life.session.scalars(query).all()
    for sample in samples[: len(samples) - leave_open]:
        score = Decimal(min(100, max(30, person.ability + chance(-7, 7, person.number, sample.work_item.code))))
        sampling.score_sample(scorer, month, sample, score, "没有核对收货地址" if score < 65 else "")


def _items(month: Appraisal, person: data.Person, rater: str) -> tuple[self_assessment.ItemScore, ...]:
    lift = 4 if rater == "self" else 0
    scores = []
    for item in policy_of(month).kpi:
        share = min(100, person.ability + lift + chance(-6, 6, person.number, month.cycle.period, rater, item.code))
        points = (item.max * share / 50).quantize(Decimal(1)) / 2
        scores.append(
            self_assessment.ItemScore(item.code, min(points, item.max), "按计划完成" if rater == "self" else "")
        )
    return tuple(scores)


def _assess(life: Life, month: Appraisal, day: date, *, submit: bool = True) -> None:
    person = _person(life, month)
    act = life.act(person.number, day, 11)
    own = Decimal(min(100, person.ability + chance(1, 8, person.number, month.cycle.period)))
    score = None if policy_of(month).kpi else own
    draft = self_assessment.Draft(_items(month, person, "self"), score, "本月按计划完成主要工作，下月重点跟进双十一。")
    self_assessment.save_self_assessment(act, month, draft)
    if submit:
        appraisal.submit(act, month)


def _close(life: Life, month: Appraisal, day: date) -> None:
    appraisal.close_scores(life.act(life.number(month.supervisor_id), day, 16), month)


def _pass(life: Life, month: Appraisal, day: date) -> None:
    number = life.number(reviewer_of(life.act("H0001", day), month))
    appraisal.pass_review(life.act(number, day, 17), month)
    advice.flag_month(life.act(number, day, 17), month)
    advice.propose_advice(life.act(number, day, 17), month)


def _figures(life: Life, month: Appraisal) -> None:
    """Attendance and the figures that the policy asks for; a confirmed reward here and there."""
    person, period = _person(life, month), month.cycle.period
    days = working_days(life.act("H0001", month.cycle.last_on)).count(month.cycle.first_on, month.cycle.last_on)
    absent = chance(0, 9, person.number, period, "away")
    row = Attendance(employee_id=month.employee_id, period=period, scheduled=Decimal(days), absent_days=Decimal(0))
    row.actual = Decimal(days) - (Decimal(1) if absent == 0 else Decimal("0.5") if absent == 1 else Decimal(0))
    row.late, row.early, row.leave = chance(0, 2, person.number, period, "late"), 0, 1 if absent <= 1 else 0
    life.session.add(row)
    wanted = policy_of(month).inputs
    for code, (low, high) in FIGURES.items():
        if code in wanted:
            value = Decimal(chance(low, high, person.number, period, code))
            proof = f"TS-{period}-{person.number}" if wanted[code].evidence else ""
            figure = Figure(employee_id=month.employee_id, period=period, code=code, value=value, evidence=proof)
            life.session.add(figure)
    if "collections" in wanted:
        _collect(life, month, person)
    if "rewards" in wanted or "special" in wanted:
        _reward(life, month, person)
    life.session.flush()


def _counts(life: Life, month: Appraisal) -> None:
    """What the data department counted for the KPI items: it is there before scores are closed."""
    person, period = _person(life, month), month.cycle.period
    for item in policy_of(month).kpi:
        for told in ([item.measure] if item.measure else []) + list(item.suggest):
            count = Decimal(chance(*COUNTS[told["count"]], person.number, period, told["count"]))
            life.session.add(Figure(employee_id=month.employee_id, period=period, code=told["count"], value=count))
    life.session.flush()


COUNTS = {"pages": (7, 12), "articles": (4, 6), "activities": (1, 3), "proposals": (2, 4), "copies": (5, 8)}
FIGURES = {
    "sales": (28_000, 90_000),
    "neutral_fixed": (0, 6),
    "negative_fixed": (0, 4),
    "product_profit": (9_000, 40_000),
    "partners": (2, 7),
    "profit_share": (5_500, 8_500),
}


def _collect(life: Life, month: Appraisal, person: data.Person) -> None:
    for n in range(4):
        row = Collection(employee_id=month.employee_id, period=month.cycle.period, customer=f"团购客户{n + 1}")
        row.amount_fen = chance(800_000, 3_500_000, person.number, month.cycle.period, n)
        row.kind = "high" if n == 3 else "normal"
        row.margin = Decimal(chance(6, 42, person.number, n, "m")).scaleb(-2)
        life.session.add(row)


def _reward(life: Life, month: Appraisal, person: data.Person) -> None:
    if chance(0, 3, person.number, month.cycle.period, "reward"):
        return
    row = RewardPenalty(employee_id=month.employee_id, period=month.cycle.period, amount_fen=20_000)
    row.reason, row.evidence = "客户书面表扬", f"PZ-{month.cycle.period}-{person.number}"
    row.entered_by_id = life.people["H0001"].id
    life.session.add(row)
    life.session.flush()
    figures.confirm_reward(life.act("F0001", month.cycle.last_on), row)


def _through_review(life: Life, months: Iterable[Appraisal], days: tuple[date, date, date, date]) -> None:
    """Months from records to a passed review; `days`: draws until, self-assessment, scores, review."""
    drawn, assessed, scored, passed = days
    for month in months:
        _records(life, month)
        _counts(life, month)
        _figures(life, month)
        _draw_all(life, month, drawn)
        _assess(life, month, assessed)
        _score(life, month, scored)
        _close(life, month, scored)
        _pass(life, month, passed)


def _finished_month(life: Life, period: str) -> None:
    for name in ("电商部", "发货部", "财务行政部"):
        opened = _open(life, name, period)
        due = (opened.self_assessment_due, opened.self_assessment_due, opened.scores_due, opened.review_due)
        _through_review(life, _months(life, opened), due)
        _pay_out(life, name, opened)


def _post(life: Life, opened: Cycle, day: date) -> None:
    """HR keeps where the results were posted, on the channels that the policies name."""
    hr = life.act("H0001", day, 18)
    told = [
        publication.Posting(one.name, day, "" if place is None else place, place is None)
        for one, place in zip(publication.channels_in(hr, opened), data.CHANNELS, strict=False)
    ]
    if told:
        publication.keep_postings(hr, opened, told)


def _pay_out(life: Life, name: str, opened: Cycle) -> None:
    _post(life, opened, opened.review_due)
    act = life.act("H0001", opened.approval_due, 8)
    for month in _months(life, opened):
        if month.state == "publication":
            appraisal.end_publication(act, month)
    pool = _split(life, name, opened, opened.approval_due)
    approved = life.act("G0001", opened.approval_due, 12)
    if pool is not None and pool.split is not None:
        bonus_pool.approve_split(approved, pool, pool.split.fingerprint)
    for month in _months(life, opened):
        pay.release(approved, month)
    day = opened.payday
    batch = payout.prepare_payout(life.act("F0001", day, 9), opened)
    hr = life.act("H0001", day, 9)
    for flag in guard.flags_on(hr, payout.payslips_of(hr, batch)):
        guard.decide_flag(hr, flag, data.BELOW_MINIMUM)
    payout.sign_off(life.act("G0001", day, 10), batch, batch.fingerprint)
    finance = life.act("F0001", day, 11)
    payout.export_payout(finance, batch, payment_file_sha256(batch, opened.period, payout.export_rows(finance, batch)))
    payout.mark_paid(life.act("F0001", day, 15), batch, {})
    if pool is not None:
        bonus_pool.pay_pool(finance, pool)
    for slip in payout.payslips_of(finance, batch):
        payout.acknowledge_payslip(life.act(slip.employee.number, day, 18), slip)


def _split(life: Life, name: str, opened: Cycle, day: date) -> BonusPool | None:
    if name not in data.POOLS or opened.period not in data.COMPLETION:
        return None
    head = next(number for number, office, where in data.OFFICES if office == "department_head" and where == name)
    act = life.act(head, day, 10)
    pool = bonus_pool.open_pool(act, opened)
    amount, rate = data.POOLS[name][0], data.COMPLETION[opened.period]
    bonus_pool.enter_amount(act, pool, amount, rate, f"{opened.period} 完成情况见销售月报")
    pool_split.propose_split(act, pool, "score")
    bonus_pool.submit_split(life.act(head, day, 11), pool)
    return pool


def _third_quarter(life: Life) -> None:
    """The quarter of the two finished months: compiled, reviewed, published and paid within one month (R103)."""
    opened = _open(life, "电商部", data.QUARTER)
    for month in _months(life, opened):
        means.take_means(life.act("H0001", opened.scores_due), month)
        _pass(life, month, opened.review_due)
        _talk(life, month, opened.review_due)
    _pay_out(life, "电商部", opened)


def _october(life: Life) -> None:
    """Three departments at three places of the month, so that everybody finds something to do."""
    shipping = _open(life, "发货部", data.OPEN)
    early = (date(2026, 10, 30),) * 4
    _through_review(life, _months(life, shipping), early)
    _post(life, shipping, date(2026, 10, 30))
    for month in _months(life, shipping):
        appraisal.end_publication(life.act("H0001", data.TODAY, 8), month)
    _split(life, "发货部", shipping, data.TODAY)
    office = _open(life, "财务行政部", data.OPEN)
    _through_review(life, [one for one in _months(life, office) if one.employee.number != "D0008"], early)
    for month in _months(life, office):
        if month.state == "split_approval":
            pay.release(life.act("H0001", date(2026, 11, 4)), month)
    _electronic(life, _open(life, "电商部", data.OPEN))


# Who of the e-commerce department stands where on the demo's day; all others wait for the head's review.
NOT_BEGUN = ("E1045", "E1052")
DRAFTED = ("E1023",)
PARTLY_SCORED = {"E1043": 4, "E1044": 5, "E1041": 3}
READY_TO_CLOSE = ("E1042", "E1024", "E1031")
PUBLISHED = ("E1025", "E1051")


def _electronic(life: Life, opened: Cycle) -> None:
    bonus_pool.open_pool(life.act("D0012", date(2026, 11, 2)), opened)
    for month in _months(life, opened):
        number = month.employee.number
        _records(life, month)
        _counts(life, month)
        if number != "E1032":
            _figures(life, month)
        _draw_all(life, month, date(2026, 11, 2))
        if number not in NOT_BEGUN:
            _assess(life, month, date(2026, 11, 3), submit=number not in DRAFTED)
        if number == "D0012" or number in (*NOT_BEGUN, *DRAFTED):
            continue
        _score(life, month, date(2026, 11, 4), PARTLY_SCORED.get(number, 0))
        if number in PARTLY_SCORED or number in READY_TO_CLOSE:
            continue
        _close(life, month, date(2026, 11, 4))
        if number in PUBLISHED:
            _pass(life, month, date(2026, 11, 4))
        if number == "E1051":
            objection.raise_objection(
                life.act(number, data.TODAY, 8), month, "第三周的活动页由同事代班，请核对运营效率一项。"
            )
