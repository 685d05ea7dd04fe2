"""A calculation by file, as the command line gives it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from approval.calc import calc
from approval.rules.policy import SHIPPED
from approval.rules.refusal import Refused

C1 = SHIPPED / "d17-c1.toml"
MONTH = {
    "scheduled": "22",
    "actual": "21",
    "late": 0,
    "early": 0,
    "leave": 0,
    "absent_days": "0",
    "special": "0",
    "score": "65",
}


def asked(folder: Path, told: object) -> Path:
    path = folder / "month.json"
    path.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")
    return path


def test_a_policy_file_and_a_month_give_the_explained_lines(tmp_path: Path) -> None:
    result = calc(C1, asked(tmp_path, {"params": {"base": "3000"}, "inputs": MONTH}))
    base = result.line("base")
    assert base is not None
    assert base.formula == "3000.00 × 21/22 = 2863.64"
    assert result.total_fen == 2863_64 + 300_00 + 120_00 + 300_00


def test_a_chosen_reading_changes_the_month(tmp_path: Path) -> None:
    told = {"params": {"base": "3000"}, "inputs": MONTH, "choices": {"tiers": "first_match"}}
    bonus = calc(C1, asked(tmp_path, told)).line("performance_bonus")
    assert bonus is not None
    assert bonus.formula == "300.00 × 0.8 = 240.00"


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ("{", "not JSON"),
        ([], "not a calculation"),
        ({"param": {}}, "not a calculation"),
        ({"params": {"base": "3000"}}, "missing input actual"),
        ({"inputs": MONTH}, "missing param base"),
        ({"params": {"base": "3000"}, "inputs": {**MONTH, "scor": "80"}}, "unknown figure scor"),
        ({"params": {"base": "3000"}, "inputs": MONTH, "choices": {"tier": "shifted"}}, "unknown option"),
        ({"params": {"base": "3000"}, "inputs": MONTH, "choices": {"tiers": "best"}}, "unknown choice"),
        ({"params": {"base": "1e400000000"}, "inputs": MONTH}, "not a number"),
    ],
)
def test_what_cannot_be_computed_is_refused_by_name(told: Any, fault: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        calc(C1, asked(tmp_path, told))
    assert refused.value.fault == fault


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"month\.json"):
        calc(C1, tmp_path / "month.json")
