"""The life of a policy version: drafted, reviewed, published by the general manager, superseded by the next."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import func, select

from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.models.people import (
    Department,
    Employment,
    PayStandard,
    Position,
    department_line,
    employment_on,
    in_force,
)
from approval.models.policy import PolicyVersion
from approval.models.post_standard import PostStandard, row_for
from approval.rules import policy as rule
from approval.rules.calendar import next_period, period_of
from approval.rules.explanation import Name
from approval.rules.policy_lint import Lint, lints, scorerless, unfilled
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.authorship import AUTHORS, EVERYWHERE, by_author
from approval.services.facts import general_manager
from approval.services.outbox import leave_letter
from approval.services.rulebook import policies_for, policies_on
from approval.services.signatures import cleared_by, has_seat, seats_of, wrote
from approval.services.step import Conflict, keep_record, start, take_step
from approval.services.versions import default_readings, people_in_scope, policy_with_readings, unread
from workflows.appraisal import CANCELLED
from workflows.engine import No, NotAllowed, Offer
from workflows.policy import DRAFT, PUBLISHED, REVIEWED, WORKFLOW, PolicyFacts

__all__ = [
    "AUTHORS",
    "EVERYWHERE",
    "asks_for_document",
    "by_author",
    "choose_readings",
    "default_readings",
    "draft_next",
    "draft_policy",
    "edit_source",
    "offers",
    "policy_facts",
    "policy_with_readings",
    "publish_policy",
    "return_policy",
    "review_policy",
    "rivals",
]
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
LONGEST_NAME = 120
DOCUMENT = re.compile(r"D[0-9]+(\+D[0-9]+)*")
OFFICIAL = "我确认：本公司的正式文件就是这样规定的"
_SPAN = (Employment.from_on, Employment.to_on)
_POSTS = (
    select(Department, Position)
    .join(Employment, Employment.department_id == Department.id)
    .join(Position, Position.id == Employment.position_id)
    .distinct()
    .order_by(Department.id, Position.id)
)


def rivals(act: Act, version: PolicyVersion) -> list[tuple[PolicyVersion, list[str]]]:
    """Other published policies that are as narrow for some post of today: the posts, which only one of them can govern."""
    own = policy_with_readings(version)
    published = select(PolicyVersion).where(PolicyVersion.state == PUBLISHED, PolicyVersion.code != version.code)
    found = []
    for other in act.session.scalars(published.order_by(PolicyVersion.code)).all():
        posts = _shared_posts(act, own, policy_with_readings(other))
        if posts:
            found.append((other, posts))
    return found


def _shared_posts(act: Act, one: rule.Policy, other: rule.Policy) -> list[str]:
    if one.cycle != other.cycle or not (one.pays and other.pays) or one.adds or other.adds:
        return []
    shared: dict[str, None] = {}
    for department, position in act.session.execute(_POSTS.where(in_force(act.today, *_SPAN))):
        line = [unit.name for unit in department_line(act.session, department)]
        names = (position.code, position.name)
        both = one.covers(line, names) and other.covers(line, names)
        if both and one.breadth(line) == other.breadth(line):
            shared[f"{department.name} {position.name}"] = None
    return list(shared)


def policy_facts(act: Act, version: PolicyVersion) -> PolicyFacts:
    """Gather what the version's guards ask."""
    found = (*lints(policy_with_readings(version)), *version_lints(act, version))
    blocking = [lint for lint in found if lint.severity == "block"]
    seats = seats_of(act, version)
    return PolicyFacts(
        actor=act.actor.employee_id,
        author=version.author_id,
        is_hr=act.actor.holds("hr"),
        is_general_manager=act.actor.holds("general_manager"),
        blocking_lints=tuple(blocking),
        starts_in_past=version.effective_from < act.today,
        unread_terms=len(unread(version)),
        opened_until=_opened_until(act, version),
        unsigned=tuple(one.name for one in seats if one.kind == ""),
        objecting=tuple(one.name for one in seats if one.objected),
        has_seat=has_seat(act, version),
        wrote=wrote(act, version),
        is_reviewed=version.state == REVIEWED,
    )


def _opened_until(act: Act, version: PolicyVersion) -> date | None:
    """The last day of the cycles that begin under an older version on a day that the new one would already claim."""
    opened = (
        select(func.max(Cycle.last_on))
        .join(Appraisal, Appraisal.cycle_id == Cycle.id)
        .join(PolicyVersion, PolicyVersion.id == Appraisal.policy_version_id)
        .where(
            PolicyVersion.code == version.code,
            PolicyVersion.id != version.id,
            Appraisal.state != CANCELLED,
            Cycle.first_on >= version.effective_from,
        )
    )
    return act.session.scalar(opened)


def offers(act: Act, version: PolicyVersion) -> dict[str, Offer]:
    """The buttons of this actor on a version."""
    return {offer.trigger: offer for offer in WORKFLOW.offers(version.state, policy_facts(act, version))}


def draft_policy(
    act: Act, source: str, choices: Mapping[str, str] | None = None, effective_from: date | None = None
) -> PolicyVersion:
    """Keep a policy file as a new draft version of its code; a file that cannot be read is refused by path.

    `effective_from` stands before the day that the file prints: no version begins before it is published.
    """
    policy = rule.load(source, "policy.toml")
    if (no := by_author(act, policy)) is not None:
        raise NotAllowed([no])
    rule.chosen(policy, choices or {})
    begins = effective_from or policy.effective_from
    _must_fit(policy, begins)
    last = act.session.scalar(select(func.max(PolicyVersion.number)).where(PolicyVersion.code == policy.code))
    version = PolicyVersion(
        code=policy.code,
        number=(last or 0) + 1,
        name=policy.zh,
        name_en=policy.en,
        source=source,
        choices=json.dumps(dict(choices or {}), ensure_ascii=False, sort_keys=True),
        fingerprint=rule.fingerprint(rule.chosen(policy, choices or {})),
        effective_from=begins,
        effective_to=policy.effective_to,
        author_id=act.actor.employee_id,
    )
    body = {"code": version.code, "number": version.number, "fingerprint": version.fingerprint}
    start(act, version, WORKFLOW, body={**body, "read": dict(choices)} if choices else body)
    return version


def draft_next(act: Act, version: PolicyVersion) -> PolicyVersion:
    """Draft the next version from one that is in force or was, its readings kept, to begin with the next month."""
    _must_write(act, policy_with_readings(version))
    waiting = select(PolicyVersion).where(PolicyVersion.code == version.code, PolicyVersion.state == DRAFT)
    found = act.session.scalars(waiting).first()
    if found is not None:
        raise NotAllowed([No("第 %(n)s 版还是草稿；请先改完那一版", n=found.number)])
    begins = (act.today.replace(day=1) + timedelta(days=31)).replace(day=1)
    return draft_policy(act, version.source, json.loads(version.choices), begins)


def _must_fit(policy: rule.Policy, begins: date) -> None:
    """Refuse what could not be kept or found again: a code that is no address, names too long, an end before the start."""
    if CODE.fullmatch(policy.code) is None:
        fault = "malformed code"
        raise Refused("policy.code 只能用字母、数字和连字符，最多 60 位：%(code)s", fault=fault, code=policy.code[:60])
    if len(policy.zh) > LONGEST_NAME or len(policy.en) > LONGEST_NAME:
        raise Refused("policy.name 最多 %(n)s 个字", fault="name too long", n=LONGEST_NAME)
    if policy.effective_to is not None and policy.effective_to < begins:
        raise Refused("生效日期晚于方案里写的结束日期 %(day)s", fault="ends before it begins", day=policy.effective_to)


def choose_readings(act: Act, version: PolicyVersion, choices: Mapping[str, str]) -> None:
    """Choose the readings of a draft's options; each is kept in the version's chain with who chose it and when."""
    _must_be_open(act, version)
    policy = rule.chosen(rule.load(version.source, version.code), choices)
    before = json.loads(version.choices)
    changes = {
        "choices": json.dumps(dict(choices), ensure_ascii=False, sort_keys=True),
        "fingerprint": rule.fingerprint(policy),
    }
    read = {option: reading for option, reading in choices.items() if before.get(option) != reading}
    body = {"read": read} | cleared_by(act, version, changes)
    keep_record(act, version, "policy:choose_readings", changes=changes, body=body)


def edit_source(
    act: Act,
    version: PolicyVersion,
    seen: int,
    source: str,
    begins: date | None = None,
    own: Mapping[str, str] | None = None,
) -> None:
    """Change the text of a draft; `seen` is the version of the row that was read, or Conflict.

    A reading stays chosen only where its option stands as it stood: what reads differently is to be read again. `own`
    are the readings that the author chose with the change itself, his company's own figures.
    """
    _must_be_open(act, version)
    if version.version != seen:
        raise Conflict(version.stream)
    policy, before = rule.load(source, "policy.toml"), rule.load(version.source, version.code)
    _must_write(act, policy)
    if policy.code != version.code:
        raise Refused("方案代码不能改（%(code)s）；要用别的代码请另起草", fault="another code", code=version.code)
    kept = _still_read(before, policy, json.loads(version.choices)) | dict(own or {})
    read = rule.chosen(policy, kept)
    begins = _begins(version, before, policy, begins)
    _must_fit(policy, begins)
    changes = {
        "source": source,
        "name": policy.zh,
        "name_en": policy.en,
        "choices": json.dumps(kept, ensure_ascii=False, sort_keys=True),
        "fingerprint": rule.fingerprint(read),
        "effective_from": begins,
        "effective_to": policy.effective_to,
    }
    body = ({"read": dict(own)} if own else {}) | cleared_by(act, version, changes)
    keep_record(act, version, "policy:edit_source", changes=changes, body=body)


def _begins(version: PolicyVersion, before: rule.Policy, after: rule.Policy, given: date | None) -> date:
    """The day that was changed, in the form or in the text; the form's where both were."""
    retyped = after.effective_from != before.effective_from and given == version.effective_from
    return after.effective_from if retyped or given is None else given


def _still_read(before: rule.Policy, after: rule.Policy, choices: Mapping[str, str]) -> dict[str, str]:
    old, new = before.raw.get("options", {}), after.raw.get("options", {})
    return {option: reading for option, reading in choices.items() if option in new and old[option] == new[option]}


def _must_write(act: Act, policy: rule.Policy) -> None:
    if (no := by_author(act, policy)) is not None:
        raise NotAllowed([no])


def _must_be_open(act: Act, version: PolicyVersion) -> None:
    _must_write(act, policy_with_readings(version))
    if version.state != DRAFT:
        raise NotAllowed([No("只有草稿可以改；已发布的方案不再改动，请新建版本")])


def review_policy(act: Act, version: PolicyVersion) -> None:
    """Pass a draft that no lint blocks, by somebody else than its author."""
    changes = {"reviewed_by_id": act.actor.employee_id}
    take_step(act, version, WORKFLOW, "review", policy_facts(act, version), changes=changes)
    link = f"/policies/{version.code}/{version.number}"
    waiting = [one for seat in seats_of(act, version) if not seat.kind for one in seat.holders]
    if waiting:
        leave_letter(act, waiting, "方案“%(name)s”已复核，等您会签", link, name=version.name)
    else:
        leave_letter(act, [general_manager(act)], "方案“%(name)s”已复核，等待您发布", link, name=version.name)


def return_policy(act: Act, version: PolicyVersion, reason: str) -> None:
    """Return a reviewed version to draft with a reason."""
    changes = {"reviewed_by_id": None}
    facts = policy_facts(act, version)
    take_step(act, version, WORKFLOW, "return_to_draft", facts, reason=reason, changes=changes)


def publish_policy(act: Act, version: PolicyVersion, *, official: bool = False, document: str = "") -> None:
    """Publish a version (R005): from then on immutable; the version before it ends the day before.

    `official`: the publisher says that the company's own document rules so, which prevails over a source that is for
    reference only (R109); `document` names it. Both are kept in the chain.
    """
    asked = asks_for_document(policy_with_readings(version))
    facts = replace(policy_facts(act, version), unconfirmed_document=asked and not official)
    changes = {"published_by_id": act.actor.employee_id, "published_at": act.at}
    body = {"official": OFFICIAL, "document": document.strip()} if asked else None
    take_step(act, version, WORKFLOW, "publish", facts, changes=changes, body=body)
    for old in _others_published(act, version):
        ends = version.effective_from - timedelta(days=1)
        replaced = PolicyFacts(actor=act.actor.employee_id, replaced=True)
        end = {"effective_to": max(min(old.effective_to or ends, ends), old.effective_from)}
        take_step(act, old, WORKFLOW, "supersede", replaced, changes=end, body={"by": version.stream})
    readers = [one.id for one in people_in_scope(act.session, version, act.today)]
    subject = "方案“%(name)s”已发布，从 %(day)s 起执行，请阅读并确认"
    leave_letter(act, readers, subject, f"/policies/{version.code}/{version.number}", **_named(version))


def asks_for_document(policy: rule.Policy) -> bool:
    """Say whether a policy is printed in a source document, so that the company's own must be confirmed (R109)."""
    return DOCUMENT.fullmatch(str(policy.raw["policy"].get("source", {}).get("doc", ""))) is not None


def version_lints(act: Act, version: PolicyVersion) -> list[Lint]:
    """What a version not yet published meets: figures that nobody has, and versions whose time it would take over."""
    if version.state not in (DRAFT, REVIEWED):
        return []
    people, policy = _governed(act, version), policy_with_readings(version)
    bare = [*scorerless(policy), *(_unfilled(act, policy, people) if people else ())]
    text = "第 %(number)s 版已发布，从 %(day)s 起执行；发布这一版后，第 %(number)s 版不再执行"
    return bare + [
        Lint(
            "warn",
            "overlapping_versions",
            "policy.effective_from",
            text,
            {"number": one.number, "day": one.effective_from},
        )
        for one in _others_published(act, version)
        if one.effective_from >= version.effective_from
    ]


def _unfilled(act: Act, policy: rule.Policy, people: Sequence[int]) -> Iterator[Lint]:
    """The figures that nobody governed has, neither his own nor by the table of posts; else the posts that lack one (A-36)."""
    own: dict[str, set[int]] = {}
    rows = select(PayStandard.code, PayStandard.employee_id).where(PayStandard.employee_id.in_(people))
    for code, person in act.session.execute(rows):
        own.setdefault(code, set()).add(person)
    posts = {one: employment_on(act.session, one, act.today) for one in people}
    table = act.session.scalars(select(PostStandard)).all()
    bare: dict[str, dict[str, None]] = {}
    for code, param in policy.params.items():
        for person, post in posts.items():
            held = [one for one in table if post is not None and one.position_id == post.position_id]
            if post is not None and person not in own.get(code, ()) and row_for(held, param, post.grade) is None:
                bare.setdefault(code, {})[f"{post.position.name} {post.grade}".strip()] = None
            else:
                own.setdefault(code, set()).add(person)
    yield from unfilled(policy, own.keys())
    text = "“%(name)s”还没有为这些岗位设定：%(posts)s；这些岗位的工资会算不出来"
    for code, names in bare.items():
        if policy.params[code].value is None and own.get(code):
            told = {"name": Name(policy.params[code].zh, policy.params[code].en), "posts": "、".join(names)}
            yield Lint("warn", "missing_figure", f"params.{code}", text, told)


def _governed(act: Act, version: PolicyVersion) -> list[int]:
    """The people whose pay this version would decide: it names them, and no narrower policy does."""
    day, own = max(act.today, version.effective_from), policy_with_readings(version)
    others = [pair for pair in policies_on(act.session, day) if pair[0].code != version.code]
    found, whole = [], next_period(period_of(day, own.cycle))  # the first in which each is in force from the beginning
    for one in people_in_scope(act.session, version, day):
        post = employment_on(act.session, one.id, day)
        first = policies_for(act, post, [*others, (version, own)], whole) if post else []
        found += [one.id] if own.adds or (first and first[0][0].id == version.id) else []
    return found


def _named(version: PolicyVersion) -> dict[str, str]:
    return {"name": version.name, "day": version.effective_from.isoformat()}


def _others_published(act: Act, version: PolicyVersion) -> Sequence[PolicyVersion]:
    query = select(PolicyVersion).where(
        PolicyVersion.code == version.code, PolicyVersion.state == PUBLISHED, PolicyVersion.id != version.id
    )
    return act.session.scalars(query).all()
