"""The life of a policy version: drafted, reviewed, published by the general manager, superseded by the next."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import func, select

from approval.models.appraisal import Appraisal
from approval.models.cycle import Cycle
from approval.models.policy import PolicyVersion
from approval.rules import policy as rule
from approval.rules.policy_lint import lints
from approval.services.act import Act
from approval.services.authorship import AUTHORS, EVERYWHERE, by_author
from approval.services.facts import general_manager
from approval.services.findings import others_published, rivals, version_lints
from approval.services.outbox import leave_letter
from approval.services.policy_text import choose_readings, edit_source, must_fit, must_write
from approval.services.signatures import has_seat, seats_of, wrote
from approval.services.step import start, take_step
from approval.services.versions import default_readings, people_in_scope, policy_with_readings, unread
from workflows.appraisal import CANCELLED
from workflows.engine import No, NotAllowed, Offer
from workflows.policy import DRAFT, REVIEWED, WORKFLOW, PolicyFacts

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
    "version_lints",
]
DOCUMENT = re.compile(r"D[0-9]+(\+D[0-9]+)*")
OFFICIAL = "我确认：本公司的正式文件就是这样规定的"


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
    must_fit(policy, begins)
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
    must_write(act, policy_with_readings(version))
    waiting = select(PolicyVersion).where(PolicyVersion.code == version.code, PolicyVersion.state == DRAFT)
    found = act.session.scalars(waiting).first()
    if found is not None:
        raise NotAllowed([No("第 %(n)s 版还是草稿；请先改完那一版", n=found.number)])
    begins = (act.today.replace(day=1) + timedelta(days=31)).replace(day=1)
    return draft_policy(act, version.source, json.loads(version.choices), begins)


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
    for old in others_published(act, version):
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


def _named(version: PolicyVersion) -> dict[str, str]:
    return {"name": version.name, "day": version.effective_from.isoformat()}
