"""What is kept: tables, constraints and the queries of each table. Importing this package knows every table."""

from approval.models import (
    advice,
    appraisal,
    audit,
    beside,
    bonus_pool,
    coaching,
    countersign,
    cycle,
    figures,
    guard,
    objection,
    outbox,
    payout,
    people,
    policy,
    protection,
    sampling,
)
from approval.models.base import Base

__all__ = [
    "Base",
    "advice",
    "appraisal",
    "audit",
    "beside",
    "bonus_pool",
    "coaching",
    "countersign",
    "cycle",
    "figures",
    "guard",
    "objection",
    "outbox",
    "payout",
    "people",
    "policy",
    "protection",
    "sampling",
]
