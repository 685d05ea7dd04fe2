"""A month's pay evaluated, kept with every input, and evaluated again from what was kept: the two must be one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from approval.models.appraisal import Appraisal, PayResult
from approval.rules.beside import Beside, completed, with_supplements
from approval.rules.pay import PayResult as Computed
from approval.rules.pay import evaluate
from approval.rules.policy import Policy
from approval.services.act import Act
from approval.services.audit import canonical
from approval.services.beside import GatheredSupplement, evaluate_supplements, policies_named
from approval.services.gathering import Gathered
from approval.services.month_records import GatheredReward
from approval.services.rulebook import policy_of, runs_components
from approval.services.segments import GatheredSegment, evaluate_segments


def computed(appraisal: Appraisal, gathered: Gathered) -> Computed:
    """Evaluate the frozen policies; a pool share or a reward that none has a line for becomes a line of its own (R009)."""
    policy = policy_of(appraisal)
    lines = runs_components(appraisal) and policy.pays
    paying = policies_paying(appraisal, gathered)
    if gathered.segments:
        result = evaluate_segments(appraisal, gathered.segments)
    else:
        result = evaluate(policy, gathered.params, gathered.inputs) if lines else Computed((), 0)
    result = with_supplements(result, evaluate_supplements(appraisal, gathered.supplements))
    own = len(gathered.segments) or 1
    return completed(result, paying if lines or gathered.segments else paying[own:], gathered.beside)


def policies_paying(appraisal: Appraisal, gathered: Gathered) -> list[Policy]:
    """The frozen policies that a month is paid under: its own or one for each post, then those that add lines."""
    own = policies_named(appraisal, [one.policy for one in gathered.segments]) or [policy_of(appraisal)]
    return [*own, *policies_named(appraisal, [one.policy for one in gathered.supplements])]


def kept_result(act: Act, appraisal: Appraisal, gathered: Gathered) -> PayResult:
    """Evaluate what was gathered and keep it with every input; a record that is never changed."""
    result = computed(appraisal, gathered)
    kept = PayResult(
        appraisal_id=appraisal.id,
        round=appraisal.round,
        computed_at=act.at,
        policy_fingerprint=appraisal.frozen_policy.fingerprint,
        inputs=canonical(_told(gathered)),
        lines=result.to_json(),
        total_fen=result.total_fen,
    )
    act.session.add(kept)
    act.session.flush()
    return kept


def _told(gathered: Gathered) -> Mapping[str, Any]:
    """What was gathered, as it is kept; what is not there is left out."""
    more = {
        "param_sources": dict(gathered.param_sources),
        "rewards": [vars(one) for one in gathered.rewards],
        "segments": [vars(one) for one in gathered.segments],
        "supplements": [one.told() for one in gathered.supplements],
    }
    return {
        "params": gathered.params,
        "inputs": gathered.inputs,
        "sources": gathered.sources,
        "share_fen": gathered.share_fen,
        **{name: value for name, value in more.items() if value},
        **gathered.beside.told(),
    }


def seal_of(kept: PayResult) -> str:
    """SHA-256 over all that a result keeps: told in the chain when a month is released, so that no word of it can move."""
    told = [kept.appraisal_id, kept.round, kept.policy_fingerprint, kept.inputs, kept.lines, kept.total_fen]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def stored(kept: PayResult) -> Computed:
    """The result as it was kept."""
    return Computed.from_json(kept.lines)


def recomputed(kept: PayResult) -> Computed:
    """The same month evaluated again from the frozen policy and the kept inputs: must equal what was stored."""
    return computed(kept.appraisal, gathered_of(kept))


def policies_kept(kept: PayResult) -> list[Policy]:
    """The frozen policies that a result was computed under."""
    return policies_paying(kept.appraisal, gathered_of(kept))


def gathered_of(kept: PayResult) -> Gathered:
    """What was gathered for a result, as it was kept."""
    told = json.loads(kept.inputs)
    params = {code: Decimal(value) for code, value in told["params"].items()}
    parts = tuple(GatheredSegment.kept(one) for one in told.get("segments", ()))
    more = tuple(GatheredSupplement.kept(one) for one in told.get("supplements", ()))
    figures = (params, told["inputs"], told["sources"], (), told["share_fen"], parts, more)
    rewards = tuple(GatheredReward(**one) for one in told.get("rewards", ()))
    return Gathered(*figures, Beside.kept(told), told.get("param_sources", {}), rewards)
