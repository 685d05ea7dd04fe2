"""Who may see what of a month: one table, asked by page, API and CLI alike."""

from __future__ import annotations

OWN = "own"
SCORER = "scorer"
HEAD = "head"

_OVERSIGHT = frozenset({"general_manager", "hr", "auditor"})

# aspect -> the relations to the person's month that open it. A relation is OWN, SCORER, HEAD or a company-wide office.
# "…_while_open" aspects hold before the supervisor has closed his scores: he must not see the self-score (no anchoring).
TABLE: dict[str, frozenset[str]] = {
    "appraisal": frozenset({OWN, SCORER, HEAD, "gm_office", "performance_admin"}) | _OVERSIGHT,
    "self_score": frozenset({OWN, SCORER, HEAD}) | _OVERSIGHT,
    "self_score_while_open": frozenset({OWN}),
    "samples": frozenset({OWN, SCORER, HEAD}) | _OVERSIGHT,
    "supervisor_score": frozenset({OWN, SCORER, HEAD, "gm_office", "performance_admin"}) | _OVERSIGHT,
    "supervisor_score_while_open": frozenset({SCORER}),
    "figures": frozenset({OWN, "finance", "data"}) | _OVERSIGHT,
    "share": frozenset({OWN, HEAD, "finance"}) | _OVERSIGHT,
    "pay": frozenset({OWN, "finance"}) | _OVERSIGHT,
    "feedback": frozenset({OWN, SCORER, HEAD}) | _OVERSIGHT,
    "target": frozenset({OWN, HEAD}) | _OVERSIGHT,
    # About a person rather than a month: what was done for him (R003), and why the law protects him (LCL art. 42).
    "coaching": frozenset({OWN, HEAD}) | _OVERSIGHT,
    "protection": frozenset({OWN, "hr"}),
    "log": frozenset({OWN, SCORER, HEAD}) | _OVERSIGHT,
}


def may_see(aspect: str, relations: frozenset[str]) -> bool:
    """Say whether someone who stands in these relations to a month may see an aspect of it; unknown aspects are refused."""
    return bool(TABLE[aspect] & relations)
