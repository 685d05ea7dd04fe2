"""Every block that a policy may have is compared, and the blocks are told in the order in which people read them."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from approval.rules.policy import load, read
from approval.rules.policy_diff import differences

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "policy-example.toml"
POLICY = load(EXAMPLE.read_text(encoding="utf-8"), "example.toml")
CHANGES: dict[str, tuple[tuple[Any, ...], Any]] = {
    "policy": (("policy", "cycle"), "quarter"),
    "scope": (("scope", "positions"), ["C-1"]),
    "parts": (("appraisal", "parts", 0, "by"), "supervisor"),
    "indicators": (("appraisal", "indicators", 0, "weight"), "0.4"),
    "sampling": (("appraisal", "sampling", "aggregate"), "mean_of_samples"),
    "appraisal": (("appraisal", "compiled_by"), "hr"),
    "kpi": (("kpi", 0, "max"), 30),
    "components": (("components", 3, "when"), {"sum": ["score"], "gt": "1"}),
    "params": (("params", "bonus", "value"), "600"),
    "inputs": (("inputs", "partners", "default"), "1"),
    "scales": (("scales", "rate", "pieces", 0, "value"), "0.1"),
    "tables": (("tables", "commission", "rows", 0, "normal"), "0.011"),
    "ratings": (("ratings", "class", "pieces", 0, "ge"), "91"),
    "pools": (("pools", 0, "include_head"), False),
    "options": (("options", "tiers", "default"), "flat"),
    "streaks": (("streaks", 0, "run"), 3),
    "publication": (("publication", "objection_days"), 4),
    "deadlines": (("deadlines", 0, "offset_months"), 2),
    "warnings": (("warnings", 0, "of"), "bonus"),
    "adjustments": (("adjustments", "allowed"), False),
    "process": (("process", "weekly_meeting"), False),
    "work_time": (("work_time", "from"), "10:00"),
    "rounding": (("rounding", "score", "places"), 0),
    "lint": (("lint", "non_decreasing"), []),
}


def changed(*blocks: str) -> Any:
    raw: Any = deepcopy(dict(POLICY.raw))
    for block in blocks:
        path, value = CHANGES[block]
        where = raw
        for step in path[:-1]:
            where = where[step]
        assert where[path[-1]] != value if path[-1] in where or isinstance(path[-1], int) else True
        where[path[-1]] = value
    return read(raw, "changed.toml")


@pytest.mark.parametrize("block", CHANGES)
def test_a_change_in_any_block_is_told_under_its_name(block: str) -> None:
    assert block in {one.block for one in differences(POLICY, changed(block))}
    assert {one.kind for one in differences(POLICY, changed(block))} <= {"changed", "added", "removed"}


def test_the_blocks_are_told_in_the_order_in_which_people_read_them() -> None:
    told = list(dict.fromkeys(one.block for one in differences(POLICY, changed(*CHANGES))))
    assert told == list(CHANGES)


@pytest.mark.parametrize("key", ["zh", "en", "note", "rules", "quote", "doc", "source", "lines"])
def test_words_alone_are_told_apart_from_what_decides_pay(key: str) -> None:
    raw: Any = deepcopy(dict(POLICY.raw))
    raw["components"][0][key] = ["R999"] if key == "rules" else "别的话"
    (found,) = differences(POLICY, read(raw, "changed.toml"))
    assert (found.block, found.code, found.kind) == ("components", "base", "worded")


@pytest.mark.parametrize("key", ["code", "version", "name", "source", "effective_from", "effective_to"])
def test_what_differs_by_nature_between_two_versions_is_not_told(key: str) -> None:
    raw: Any = deepcopy(dict(POLICY.raw))
    others = {"version": 9, "name": {"zh": "别名"}, "source": {"doc": "D99"}, "code": "other"}
    raw["policy"][key] = others.get(key, "2026-06-01")
    assert differences(POLICY, read(raw, "changed.toml")) == ()


CODES = {
    "policy": "cycle",
    "scope": "positions",
    "parts": "self",
    "indicators": "sales",
    "sampling": "aggregate",
    "appraisal": "compiled_by",
    "kpi": "articles",
    "components": "commission_high",
    "params": "bonus",
    "inputs": "partners",
    "scales": "rate",
    "tables": "commission",
    "ratings": "class",
    "pools": "annual_team",
    "options": "tiers",
    "streaks": "two_months_below_60",
    "publication": "objection_days",
    "deadlines": "payout",
    "warnings": "commission_over_5pct",
    "process": "weekly_meeting",
    "work_time": "from",
    "rounding": "score",
    "lint": "non_decreasing",
    "adjustments": "allowed",
}


@pytest.mark.parametrize("block", CODES)
def test_what_changed_in_a_block_is_named(block: str) -> None:
    assert CODES[block] in {one.code for one in differences(POLICY, changed(block)) if one.block == block}
