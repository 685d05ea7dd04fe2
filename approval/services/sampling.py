"""Weekly sampling (R073): record a seed, draw from what is there, score each sample, void one with a reason."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.sampling import STAFF, Draw, Sample, WorkItem
from approval.rules import sampling as rule
from approval.rules.calendar import Week
from approval.rules.refusal import Refused
from approval.services import staff_draw
from approval.services.act import Act
from approval.services.facts import appraisal_facts, weeks_of
from approval.services.outbox import leave_letter
from approval.services.rulebook import policy_of, scores_by_sampling
from approval.services.step import Conflict, keep_record
from workflows.appraisal import SAMPLING, SELF_ASSESSMENT, by_scorer
from workflows.engine import No, NotAllowed

OPEN = (SELF_ASSESSMENT, SAMPLING)
LOW_SCORE = Decimal(65)


def random_seed() -> str:
    """A fresh seed of 128 bits from the machine's random source."""
    return secrets.token_hex(16)


@dataclass(frozen=True)
class Record:
    """A service record or piece of work as typed in by hand."""

    code: str
    happened_on: date
    title: str
    detail: str = ""
    first_answer_seconds: int | None = None
    turns: int | None = None


def enter_record(act: Act, appraisal: Appraisal, week: Week, record: Record) -> WorkItem:
    """Enter a record of one's own employee by hand into a week that is not drawn yet; later ones could steer the draw."""
    _must_be_open(act, appraisal)
    if staff_draw.draws_people(appraisal):
        raise NotAllowed([No("这个方案每周抽的是员工，抽中的人整周一起考察，不必录入记录")])
    if not week.monday <= record.happened_on <= min(week.sunday, act.today):
        raise Refused(
            "日期须在 %(first)s 到 %(last)s 之间",
            fault="outside the week",
            first=week.monday,
            last=min(week.sunday, act.today),
        )
    if _draw_of(act, appraisal, week) is not None:
        raise NotAllowed([No("%(week)s 已经抽样，新记录不能再进入这一周", week=week.label)])
    item = WorkItem(employee_id=appraisal.employee_id, kind=kind_drawn(appraisal), code=record.code)
    item.happened_on, item.title, item.detail = record.happened_on, record.title, record.detail
    item.first_answer_seconds, item.turns = record.first_answer_seconds, record.turns
    return enter_work_item(act, item)


def kind_drawn(appraisal: Appraisal) -> str:
    """The kind of records that a month's policy draws from: customers, or pieces of work."""
    plan = policy_of(appraisal).sampling
    return plan.population if plan else "customers"


def enter_work_item(act: Act, item: WorkItem) -> WorkItem:
    """Keep one service record or piece of work entered by hand; a code already used by the employee is refused."""
    same = select(WorkItem).where(WorkItem.employee_id == item.employee_id, WorkItem.code == item.code)
    if act.session.scalars(same).first() is not None:
        raise Refused("编号 %(code)s 已经存在；请换一个编号或检查是否重复录入", fault="duplicate code", code=item.code)
    item.entered_by_id = act.actor.employee_id
    act.session.add(item)
    act.session.flush()
    return item


def population(act: Act, appraisal: Appraisal, week: Week) -> Sequence[WorkItem]:
    """Everything of the employee in a week that may be drawn, in the order of its codes."""
    return act.session.scalars(
        select(WorkItem)
        .where(
            WorkItem.employee_id == appraisal.employee_id,
            WorkItem.kind == kind_drawn(appraisal),
            WorkItem.happened_on.between(week.monday, week.sunday),
        )
        .order_by(WorkItem.code)
    ).all()


def record_seed(act: Act, appraisal: Appraisal, week: Week, seed: Callable[[], str] = random_seed) -> Draw:
    """Record the seed of a week before anything is drawn with it; the caller commits before it draws.

    Refused for a month that is not scored by sampling, a week that is not over or without records, and a closed month.
    The supervisor or the weekly clock asks for it; a seed already recorded is kept: nobody gets a second try.
    """
    if act.actor.employee_id is not None:
        _must_score(act, appraisal)
    if not scores_by_sampling(policy_of(appraisal)):
        raise Refused("这个岗位的方案不抽样，由主管按指标评分", fault="no sampling in this policy")
    if act.today <= week.sunday:
        raise Refused("%(week)s 还没有结束，结束后才能抽样", fault="week not over", week=week.label)
    if appraisal.state not in OPEN:
        raise NotAllowed([No("评分已经提交，不能再抽样")])
    draw = _draw_of(act, appraisal, week)
    if draw is None and staff_draw.draws_people(appraisal):
        return staff_draw.record_seed(act, appraisal, week, seed)
    if draw is None:
        if not population(act, appraisal, week):
            raise Refused(
                "%(week)s 没有可抽查的记录；请先导入或录入，确实没有的请写明理由后跳过",
                fault="no population",
                week=week.label,
            )
        draw = Draw(appraisal_id=appraisal.id, monday=week.monday, seed=seed(), seeded_at=act.at)
        act.session.add(draw)
        act.session.flush()
        body = {"week": week.label, "seed": draw.seed}
        keep_record(act, appraisal, "sampling:record_seed", body=body)
    return draw


def _draw_of(act: Act, appraisal: Appraisal, week: Week) -> Draw | None:
    found = select(Draw).where(Draw.appraisal_id == appraisal.id, Draw.monday == week.monday)
    return act.session.scalars(found).first()


def waive_week(act: Act, appraisal: Appraisal, week: Week, reason: str) -> None:
    """Skip a week that is over and has nothing to draw from, with a reason (leave, no customers); it counts for nothing."""
    _must_be_open(act, appraisal)
    if not reason.strip():
        raise Refused("请写明这一周没有样本的理由", fault="reason missing")
    if act.today <= week.sunday:
        raise Refused("%(week)s 还没有结束，结束后才能抽样", fault="week not over", week=week.label)
    if staff_draw.draws_people(appraisal):
        staff_draw.must_be_waiting(act, appraisal, week)
    elif _draw_of(act, appraisal, week) is not None or population(act, appraisal, week):
        raise NotAllowed([No("%(week)s 有可抽查的记录，不能跳过", week=week.label)])
    staff_draw.leave_out(act, appraisal, week, reason.strip())


def draw_sample(act: Act, appraisal: Appraisal, week: Week, draw: Draw) -> tuple[Sample, ...]:
    """Draw the week's samples with its recorded seed: random, without replacement, by nobody's choice.

    The population's codes and their hash are kept, so that anybody can repeat the draw. Drawing twice draws nothing new.
    """
    if draw.drawn_at is not None:
        return ()
    if staff_draw.draws_people(appraisal):
        return staff_draw.draw_people(act, appraisal, week, draw)
    plan = policy_of(appraisal).sampling
    items = {item.code: item for item in population(act, appraisal, week)}
    draw.asked = plan.target if plan else 0
    draw.method, draw.drawn_at = rule.METHOD, act.at
    draw.population = json.dumps(sorted(items), ensure_ascii=False)
    draw.population_hash = rule.population_hash(sorted(items))
    chosen = rule.draw(sorted(items), min(draw.asked, len(items)), draw.seed)
    samples = tuple(_sample(act, draw, items[code], position) for position, code in enumerate(chosen, 1))
    body = {
        "week": week.label,
        "population": len(items),
        "population_hash": draw.population_hash,
        "drawn": list(chosen),
    }
    keep_record(act, appraisal, "sampling:draw_sample", body=body)
    return samples


def _sample(act: Act, draw: Draw, item: WorkItem, position: int) -> Sample:
    sample = Sample(draw_id=draw.id, appraisal_id=draw.appraisal_id, work_item_id=item.id, position=position)
    act.session.add(sample)
    act.session.flush()
    return sample


def drawn_codes(act: Act, draw: Draw) -> tuple[str, ...]:
    """The codes of a draw in the order drawn, void ones included."""
    rows = select(WorkItem.code).join(Sample, Sample.work_item_id == WorkItem.id).where(Sample.draw_id == draw.id)
    return tuple(act.session.scalars(rows.order_by(Sample.position)))


def score_sample(
    act: Act, appraisal: Appraisal, sample: Sample, score: Decimal | None, note: str, seen: int | None = None
) -> bool:
    """Score one sample 0–100 with a note, by the supervisor; below 65 the note is required. Returns whether it changed.

    `seen` is the sample's version that the writer had before him: Conflict where it was scored anew since.
    """
    if (sample.score, sample.note) == (score, note):
        return False
    _must_be_open(act, appraisal)
    if seen is not None and seen != sample.version:
        raise Conflict(f"sample:{sample.id}")
    if sample.voided_at is not None:
        raise Refused("样本 %(code)s 已作废，不能评分", fault="void sample", code=sample.work_item.code)
    if score is not None and not 0 <= score <= 100:
        raise Refused(
            "样本 %(code)s 的评分须在 0 到 100 之间", fault="score outside 0..100", code=sample.work_item.code
        )
    if score is not None and score < LOW_SCORE and not note:
        raise Refused("样本 %(code)s 低于 65 分，请写明扣分原因", fault="note missing", code=sample.work_item.code)
    before = sample.score
    sample.score, sample.note = score, note
    sample.scored_by_id = act.actor.employee_id if score is not None else None
    sample.scored_at = act.at if score is not None else None
    sample.version += 1
    act.session.flush()
    body = {"sample": sample.work_item.code, "score": [before, score], "note": note}
    keep_record(act, appraisal, "sampling:score_sample", body=body)
    return True


def void_sample(act: Act, appraisal: Appraisal, sample: Sample, reason: str) -> Sample | None:
    """Void a sample that cannot be judged, with a reason, and take the next of the same seed's order in its place."""
    _must_be_open(act, appraisal)
    if not reason.strip():
        raise Refused("请写明样本无效的理由", fault="reason missing")
    if sample.voided_at is not None:
        raise Refused("样本 %(code)s 已作废", fault="void sample", code=sample.work_item.code)
    sample.voided_at, sample.void_reason = act.at, reason.strip()
    act.session.flush()
    fresh = _replacement(act, appraisal, sample.draw)
    body = {"sample": sample.work_item.code, "replaced_by": _called(fresh) if fresh else None}
    keep_record(act, appraisal, "sampling:void_sample", reason=reason, body=body)
    return fresh


def _called(sample: Sample) -> str:
    """How a replacement is named: its code; where people are drawn, the number of the person who comes next."""
    return sample.work_item.employee.number if sample.work_item.kind == STAFF else sample.work_item.code


def _replacement(act: Act, appraisal: Appraisal, draw: Draw) -> Sample | None:
    if staff_draw.draws_people(appraisal):
        week = next(one.week for one in weeks_of(act, appraisal) if one.week.monday == draw.monday)
        return staff_draw.replacement(act, appraisal, draw, week)
    drawn = drawn_codes(act, draw)
    code = rule.replacement(json.loads(draw.population), drawn, draw.seed)
    if code is None:
        return None
    item = act.session.scalars(
        select(WorkItem).where(WorkItem.employee_id == appraisal.employee_id, WorkItem.code == code)
    ).one()
    return _sample(act, draw, item, len(drawn) + 1)


def _must_score(act: Act, appraisal: Appraisal) -> None:
    no = by_scorer(appraisal_facts(act, appraisal))
    if no is not None:
        raise NotAllowed([no])


def _must_be_open(act: Act, appraisal: Appraisal) -> None:
    _must_score(act, appraisal)
    if appraisal.state not in OPEN:
        raise NotAllowed([No("评分已经提交；要修改须由部门负责人退回")])


def remind_scorer(act: Act, appraisal: Appraisal, monday: date) -> None:
    """Write to the supervisor that samples of a week wait for him."""
    waiting = sum(
        1
        for one in weeks_of(act, appraisal)
        if one.week.monday == monday
        for sample in one.samples
        if sample.score is None
    )
    if waiting:
        subject = "%(name)s 有 %(n)s 个样本等待评分"
        leave_letter(
            act, [appraisal.supervisor_id], subject, f"/samples/{monday}", name=appraisal.employee.name, n=waiting
        )
