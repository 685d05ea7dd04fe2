"""The text of a draft: changed by whoever may write it, its options read; a figure changed clears the signatures."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date

from approval.models.policy import PolicyVersion
from approval.rules import policy as rule
from approval.rules.refusal import Refused
from approval.services.act import Act
from approval.services.authorship import by_author
from approval.services.signatures import cleared_by
from approval.services.step import Conflict, keep_record
from approval.services.versions import policy_with_readings
from workflows.engine import No, NotAllowed
from workflows.policy import DRAFT

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
LONGEST_NAME = 120


def must_fit(policy: rule.Policy, begins: date) -> None:
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
    must_write(act, policy)
    if policy.code != version.code:
        raise Refused("方案代码不能改（%(code)s）；要用别的代码请另起草", fault="another code", code=version.code)
    kept = _still_read(before, policy, json.loads(version.choices)) | dict(own or {})
    read = rule.chosen(policy, kept)
    begins = _begins(version, before, policy, begins)
    must_fit(policy, begins)
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


def must_write(act: Act, policy: rule.Policy) -> None:
    if (no := by_author(act, policy)) is not None:
        raise NotAllowed([no])


def _must_be_open(act: Act, version: PolicyVersion) -> None:
    must_write(act, policy_with_readings(version))
    if version.state != DRAFT:
        raise NotAllowed([No("只有草稿可以改；已发布的方案不再改动，请新建版本")])
