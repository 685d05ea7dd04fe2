"""附件: files that back a KPI item of one's own month; kept with their SHA-256, removed by mark, never by deletion."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import select

from approval.models.appraisal import Appraisal, Evidence
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.facts import appraisal_facts
from approval.services.rulebook import policy_of
from approval.services.sight import Hidden, find_appraisal, relations
from approval.services.step import keep_record
from workflows.appraisal import SELF_ASSESSMENT, by_subject
from workflows.engine import No, NotAllowed
from workflows.sight import OWN

MOST_FILES = 20


def evidence_of(act: Act, appraisal: Appraisal) -> Sequence[Evidence]:
    """The files of a month that the actor may see, oldest first: another's are seen once they were handed in."""
    found = select(Evidence).where(Evidence.stream == appraisal.stream, Evidence.removed_at.is_(None))
    kept = act.session.scalars(found.order_by(Evidence.id)).all()
    return [one for one in kept if _open_to(act, appraisal, one)]


def find_evidence(act: Act, evidence_id: int) -> Evidence:
    """One file of a month that the actor may see; raises Hidden otherwise."""
    evidence = act.session.get(Evidence, evidence_id)
    kind, _, number = evidence.stream.partition(":") if evidence else ("", "", "")
    if evidence is None or kind != Appraisal.stream_name or evidence.removed_at is not None:
        raise Hidden(f"evidence {evidence_id}")
    appraisal = find_appraisal(act, int(number), "samples")
    if not _open_to(act, appraisal, evidence):
        raise Hidden(f"evidence {evidence_id}")
    return evidence


def _open_to(act: Act, appraisal: Appraisal, evidence: Evidence) -> bool:
    handed_in = appraisal.state != SELF_ASSESSMENT or evidence.round < appraisal.round
    return handed_in or OWN in relations(act, appraisal)


def attach(act: Act, appraisal: Appraisal, item: str, filename: str, content_type: str, content: bytes) -> Evidence:
    """Keep a checked file with a KPI item (or with the whole month, item "") of one's own open self-assessment.

    The same content with the same item is kept once.
    """
    _must_be_open(act, appraisal)
    if item and item not in {one.code for one in policy_of(appraisal).kpi}:
        raise Refused("方案里没有这个考核指标：%(item)s", fault="unknown KPI item", item=item)
    sha256, kept = hashlib.sha256(content).hexdigest(), evidence_of(act, appraisal)
    same = next((one for one in kept if (one.item, one.sha256) == (item, sha256)), None)
    if same is not None:
        return same
    if len(kept) >= MOST_FILES:
        raise Refused("附件已有 %(n)s 个，不能再多；请先移除不需要的", fault="too many files", n=MOST_FILES)
    evidence = Evidence(stream=appraisal.stream, item=item, round=appraisal.round, filename=filename)
    evidence.content_type, evidence.content, evidence.size = content_type, content, len(content)
    evidence.sha256 = sha256
    evidence.uploaded_by_id, evidence.uploaded_at = act.person, act.at
    act.session.add(evidence)
    body = {"file": filename, "item": item, "size": len(content), "sha256": evidence.sha256}
    keep_record(act, appraisal, "evidence:attach", body=body)
    return evidence


def remove(act: Act, appraisal: Appraisal, evidence_id: int) -> None:
    """Take a file of this round back; it is marked, and its hash stays in the chain. Files of earlier rounds stay."""
    _must_be_open(act, appraisal)
    evidence = act.session.get(Evidence, evidence_id)
    if evidence is None or (evidence.stream, evidence.round) != (appraisal.stream, appraisal.round):
        raise Hidden(f"evidence {evidence_id}")
    if evidence.removed_at is None:
        evidence.removed_at = act.at
        keep_record(act, appraisal, "evidence:remove", body={"file": evidence.filename, "sha256": evidence.sha256})


def _must_be_open(act: Act, appraisal: Appraisal) -> None:
    no = by_subject(appraisal_facts(act, appraisal))
    if no is None and appraisal.state != SELF_ASSESSMENT:
        no = No("自评已经提交；要修改请先撤回")
    if no is not None:
        raise NotAllowed([no])
