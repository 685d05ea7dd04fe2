"""公示 beside the steps of its months: where and when results were posted on the channels of the policies (R104)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.models.departments import departments_within
from approval.models.publication import PublicationPosting
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.desk_rows import Row
from approval.services.facts import postings_of, unposted_channels
from approval.services.rulebook import channels_in_policy, channels_of
from approval.services.sight import headed_by
from approval.services.step import keep_record
from approval.services.waiting import Waiting
from workflows.appraisal import PUBLICATION
from workflows.engine import No, NotAllowed


@dataclass(frozen=True)
class Posting:
    """What is said of one channel: since when, and where; no place where the product's own page is the channel."""

    channel: str
    posted_on: date
    place: str = ""
    in_app: bool = False


@dataclass(frozen=True)
class Channel:
    """One channel of a cycle: its postings, the newest first, and how many months still wait for one."""

    name: str
    postings: Sequence[PublicationPosting]
    lacking: int


def by_publisher(act: Act, cycle: Cycle) -> No | None:
    """Who keeps postings: HR, and the heads of the cycle's department and of its units."""
    within = departments_within(act.session, cycle.department_id)
    if act.actor.holds("hr") or cycle.department_id in headed_by(act) or within & act.actor.headed:
        return None
    return No("只有部门负责人或人事可以登记公示")


def keep_postings(act: Act, cycle: Cycle, postings: Sequence[Posting]) -> None:
    """Keep where and when the published months of a cycle were posted; one form for all of them, in the cycle's chain."""
    if (no := by_publisher(act, cycle)) is not None:
        raise NotAllowed([no])
    begun = _begun(act, cycle)
    if not begun:
        raise NotAllowed([No("这个周期还没有开始公示")])
    if not postings:
        raise Refused("请至少填写一个渠道在哪里公示，或勾选“就是本系统的公示页”", fault="nothing posted")
    known = {name for month in begun for name in channels_of(month)}
    for one in postings:
        _check(act, one, known, min(_day_of(act, month) for month in begun))
        row = PublicationPosting(cycle_id=cycle.id, channel=one.channel, posted_on=one.posted_on, in_app=one.in_app)
        row.place, row.kept_by_id, row.kept_at = one.place.strip(), act.person, act.at
        act.session.add(row)
    told = [[one.channel, one.posted_on, one.place.strip(), one.in_app] for one in postings]
    act.session.flush()
    keep_record(act, cycle, "cycle:post_results", body={"postings": told})


def _begun(act: Act, cycle: Cycle) -> list[Appraisal]:
    query = select(Appraisal).where(Appraisal.cycle_id == cycle.id, Appraisal.published_at.is_not(None))
    return list(act.session.scalars(query.where(Appraisal.state != "cancelled")))


def _day_of(act: Act, month: Appraisal) -> date:
    assert month.published_at is not None
    return month.published_at.astimezone(act.zone).date()


def _check(act: Act, one: Posting, known: set[str], first: date) -> None:
    if one.channel not in known:
        raise Refused("方案里没有这个公示渠道：%(channel)s", fault="unknown channel", channel=one.channel)
    if not one.in_app and not one.place.strip():
        raise Refused("请写明“%(channel)s”公示在哪里", fault="place missing", channel=one.channel)
    if not first <= one.posted_on <= act.today:
        text = "“%(channel)s”的公示日期须在 %(first)s 到 %(today)s 之间"
        raise Refused(text, fault="posted outside", channel=one.channel, first=first, today=act.today)


def channels_in(act: Act, cycle: Cycle) -> list[Channel]:
    """The channels that the published months of a cycle name, in the policies' order, with what is kept of each."""
    begun, kept = _begun(act, cycle), postings_of(act, cycle.id)
    lacking = [name for month in begun if month.state == PUBLICATION for name in unposted_channels(act, month)]
    names = dict.fromkeys(name for month in begun for name in channels_of(month))
    return [
        Channel(name, [one for one in reversed(kept) if one.channel == name], lacking.count(name)) for name in names
    ]


def place_before(act: Act, cycle: Cycle, channel: str) -> PublicationPosting | None:
    """Where the department posted on a channel last time: what its form is filled with."""
    query = (
        select(PublicationPosting)
        .join(Cycle, Cycle.id == PublicationPosting.cycle_id)
        .where(Cycle.department_id == cycle.department_id, PublicationPosting.channel == channel)
        .order_by(PublicationPosting.id.desc())
    )
    return act.session.scalars(query).first()


def unposted(waits: Waiting) -> list[tuple[Row, list[str]]]:
    """The cycles whose months in publication lack a posting, with the channels; those that the actor keeps."""
    posted = {(one.id, one.name): one.at for one in waits.of("posting")}
    found: dict[int, tuple[Row, list[str]]] = {}
    for one in waits.of("publication"):
        if not _keeps(waits, one):
            continue
        for channel in channels_in_policy(waits.policy(one)):
            kept_at = posted.get((one.id, channel))
            if kept_at is None or (one.at is not None and kept_at < one.at):
                found.setdefault(one.id, (one, []))[1].append(channel)
    return [(one, list(dict.fromkeys(channels))) for one, channels in found.values()]


def _keeps(waits: Waiting, one: Row) -> bool:
    """As `by_publisher` says, of the structure that the page has asked already."""
    below = waits.structure.within([one.department_id])
    return waits.act.actor.holds("hr") or one.department_id in waits.headed or bool(below & waits.act.actor.headed)
