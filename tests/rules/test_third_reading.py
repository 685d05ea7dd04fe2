"""What a third reading of the rules found: scores of more places than are kept, figures too large, a profit that is a loss."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from approval.calc import calc
from approval.rules.beside import Beside, completed
from approval.rules.number import number
from approval.rules.pay import evaluate
from approval.rules.policy import Policy, chosen, read_shipped, shipped_text
from approval.rules.refusal import Refused
from approval.rules.score import as_seen

SERVICE, LINEAR = "d08-customer-service", "d15-planning-linear"


def service(score: Any, **readings: str) -> int:
    """The base line of a month whose score somebody typed."""
    policy = chosen(read_shipped(SERVICE), readings)
    month: dict[str, Any] = dict.fromkeys(policy.inputs, Decimal(0)) | {"scheduled": Decimal(1), "actual": Decimal(1)}
    return evaluate(policy, {}, as_seen({**month, "score": score}, policy.score_places)).lines[0].amount_fen


@pytest.mark.parametrize(
    ("score", "fen"),
    [("64.994", 250_00), ("64.995", 500_00), ("79.994", 500_00), ("79.995", 600_00), ("94.995", 750_00)],
)
def test_the_score_as_it_is_seen_decides_the_tier(score: str, fen: int) -> None:
    assert service(score) == service(Decimal(score)) == fen


def test_it_is_seen_as_the_policy_reads_it() -> None:
    assert service(Decimal("79.5"), score_places="whole") == 600_00
    assert service(Decimal("79.4"), score_places="whole") == 500_00
    assert service(Decimal("79.999999"), score_places="none") == 500_00


@pytest.mark.parametrize("score", ["100.004", "-0.004", Decimal("100.001")])
def test_what_is_out_of_range_is_not_rounded_into_it(score: Any) -> None:
    with pytest.raises(Refused) as refused:
        service(score)
    assert refused.value.fault == "score outside 0..100"


def test_a_calculation_by_file_sees_it_so_too(tmp_path: Path) -> None:
    policy, month = tmp_path / "policy.toml", tmp_path / "month.json"
    policy.write_text(shipped_text(LINEAR), encoding="utf-8")
    for score, fen in (("69.995", 0), ("69.994", -150_05)):
        month.write_text(json.dumps({"params": {"wage": "5000"}, "inputs": {"score": score}}))
        assert calc(policy, month).lines[1].amount_fen == fen


@pytest.mark.parametrize(("value", "told"), [("abc", "不是数字"), (None, "缺少")])
def test_what_is_no_score_is_refused_in_its_own_words(value: Any, told: str) -> None:
    with pytest.raises(Refused, match=told):
        service(value)


def test_a_figure_that_is_too_large_is_called_so_and_not_no_number() -> None:
    with pytest.raises(Refused, match="超出范围") as refused:
        number("123456789012345678.91")
    assert refused.value.fault == "number out of range"
    with pytest.raises(Refused, match="“员工工资”超出范围"):
        evaluate(chosen(read_shipped(LINEAR), {}), {"wage": Decimal(10) ** 30}, {"score": "80"})


def commissioned(sales: str, profit: str) -> int:
    policy: Policy = read_shipped(SERVICE)
    month = dict.fromkeys(policy.inputs, "0") | {"scheduled": "1", "actual": "1", "score": "80", "sales": sales}
    return len(completed(evaluate(policy, {}, month), [policy], Beside(watched={"product_profit": profit})).notes)


def test_no_commission_on_a_loss_is_not_over_the_bound_and_any_is() -> None:
    assert commissioned("0", "-100") == 0
    assert commissioned("1", "-100") == 1
    assert commissioned("1", "0.40") == 0
