"""The worked cases of the source documents, run through the product's own rules and policies."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from approval import golden

CASES = Path(__file__).parent / "cases"
BESIDE = Path(__file__).resolve().parents[3] / "shared" / "spec" / "golden"


def folders() -> list[Path]:
    """The copy kept here, the specification's folder where it is there, and one named by GOLDEN_DIR."""
    given = [Path(os.environ["GOLDEN_DIR"])] if "GOLDEN_DIR" in os.environ else []
    return [CASES, *(folder for folder in (BESIDE, *given) if folder.is_dir())]


def case(**told: Any) -> dict[str, Any]:
    return {"id": "X-1", "op": "bonus_rate", "inputs": {"score": "80"}, "expected": {"rate": "1"}, **told}


def outcome_of(folder: Path, *cases: dict[str, Any]) -> golden.Outcome:
    (folder / "x.json").write_text(json.dumps(cases), encoding="utf-8")
    return golden.run(folder)


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_every_worked_case_comes_out_to_the_fen(folder: Path) -> None:
    outcome = golden.run(folder)
    assert outcome.failures == ()
    assert outcome.passed > 0


def test_all_226_cases_are_kept_beside_the_code() -> None:
    assert golden.run(CASES).passed == 226


def test_a_wrong_expectation_is_told_with_what_came(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    outcome_of(tmp_path, case(expected={"rate": "0.5"}))
    assert golden.main([str(tmp_path)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert 'X-1: expected {"rate": "0.5"}, got {"rate": "1"}' in told[0]
    assert told[-1] == "0 passed, 1 failed"


def test_the_last_line_counts_and_all_passed_is_zero(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    outcome_of(tmp_path, case(), case(expected={"rate": "1.0"}))
    assert golden.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 0 failed"


def test_an_unknown_op_is_a_failure_not_a_silence(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, case(op="no_such"))
    assert outcome.not_run == ("X-1: no such op: no_such",)
    assert outcome.failures == outcome.not_run


def test_a_file_that_cannot_be_read_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[{")
    assert golden.run(tmp_path).failures[0].startswith("x.json: cannot be read")


def test_an_empty_folder_passes_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert golden.main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == "0 passed, 0 failed\n"


@pytest.mark.parametrize(
    "expected",
    [
        {"lines": {"bonus": "850.00"}},
        {"lines": {"bonus": "850.00"}, "total": "850"},
        {"lines": {"bonus": "850.00"}, "total": "850.00", "more": "1"},
        {"lines": {"bonus": "850.01"}, "total": "850.01"},
        {"error": "score outside 0..100"},
    ],
)
def test_every_key_is_compared_and_money_as_it_is_written(expected: dict[str, Any], tmp_path: Path) -> None:
    inputs = {"bonus": "1000", "score": "85"}
    assert outcome_of(tmp_path, case(op="quarter_bonus", inputs=inputs, expected=expected)).passed == 0


def test_a_case_that_breaks_the_product_fails_and_the_rest_still_runs(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, case(inputs={}), case())
    assert outcome.passed == 1
    assert "refused: 缺少“score”" in outcome.failures[0]


def test_an_input_that_is_needed_is_named_where_it_is_missing(tmp_path: Path) -> None:
    told = case(op="minimum_wage", inputs={"total": "1"}, expected={"error": "missing minimum"})
    assert outcome_of(tmp_path, told).passed == 1


@pytest.mark.parametrize(
    ("op", "inputs", "error"),
    [
        ("one_month_after", {"date": "2024-02-30"}, "not a date"),
        ("one_month_after", {"date": "9999-12-31"}, "date out of range"),
        ("streak", {"months": [["2024-01", "60"]], "test": ["lt", "65"], "run": "1.5"}, "not a whole number"),
        ("streak", {"months": [["2024-01", "101"]], "test": ["lt", "65"], "run": 1}, "score outside 0..100"),
        ("rating_d15", {"score": None}, "missing number"),
        ("prorated", {"base": "-1", "scheduled": "22", "actual": "22"}, "base below 0"),
        ("prorated", {"base": "1", "scheduled": "-22", "actual": "22"}, "scheduled days must be above 0"),
        ("lint_bands", {"rows": [["80", None, None]]}, "missing number"),
    ],
)
def test_what_cannot_be_is_refused_in_words(op: str, inputs: dict[str, Any], error: str, tmp_path: Path) -> None:
    assert outcome_of(tmp_path, case(op=op, inputs=inputs, expected={"error": error})).failures == ()


def test_an_op_that_is_no_name_is_told_and_the_rest_still_runs(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, case(op=["a"]), case())
    assert (outcome.passed, len(outcome.not_run)) == (1, 1)


@pytest.mark.parametrize(
    ("ours", "wanted", "one_fault"),
    [
        ("actual days below 0", "actual days below 0", True),
        ("negative weight", "weight below 0", True),
        ("weights do not sum to 1", "the weights must sum to 1", True),
        ("no samples: the supervisor part cannot be computed", "no samples", True),
        ("item score outside 0..max", "score outside 0..100", False),
        ("no weights", "negative weight", False),
        ("no published version in force", "more than one published version in force", False),
        ("scheduled days must be above 0", "actual days below 0", False),
        ("missing input score", "score outside 0..100", False),
    ],
)
def test_a_refusal_passes_only_for_the_same_fault(ours: str, wanted: str, one_fault: bool) -> None:
    assert golden.same_fault(ours, wanted) is one_fault


def test_a_refusal_for_another_fault_is_a_failure(tmp_path: Path) -> None:
    wrong = case(inputs={"score": "101"}, expected={"error": "no samples"})
    assert "score outside 0..100" in outcome_of(tmp_path, wrong).failures[0]


@pytest.mark.parametrize(
    ("op", "inputs", "expected"),
    [
        ("bonus_rate", {"score": "65", "reading": "shifted"}, {"rate": "0.6"}),
        ("bonus_rate", {"score": "100.01"}, {"error": "score outside 0..100"}),
        ("coefficient", {"score": "80", "typo12": "1.2"}, {"coefficient": "1.2"}),
        ("rating_d15", {"score": "70", "edge70": "poor", "edge90": "excellent"}, {"rating": "poor"}),
        ("full_attendance", {"base": "3000", "late": 3}, {"amount": "0.00"}),
        ("full_attendance", {"base": "3000", "absent_days": "1", "absence": "gt1"}, {"amount": "300.00"}),
        ("prorated", {"base": "3000", "scheduled": "22", "actual": "21", "method": "exact"}, {"amount": "2863.64"}),
        ("combine", {"self_score": "80"}, {"error": "missing part"}),
        ("final_score", {"self_score": None, "weeks": [["80"]]}, {"error": "missing part"}),
        (
            "pay_c",
            {
                "position": "C-2",
                "base": "1500",
                "scheduled": "22",
                "actual": "21",
                "score": "75",
                "tiers": "shifted",
                "late": 2,
            },
            {
                "lines": {
                    "base": "1431.82",
                    "full_attendance": "150.00",
                    "performance_bonus": "160.00",
                    "allowance": "200.00",
                    "special_reward": "0.00",
                },
                "total": "1941.82",
            },
        ),
        (
            "y1_commission",
            {
                "partners": 6,
                "margin_gate": "warn",
                "collections": [
                    {"amount": "1000", "kind": "high", "margin": "0.05"},
                    {"amount": "1000", "kind": "normal", "margin": None},
                ],
            },
            {
                "lines": {"commission_normal": "20.00", "commission_high": "25.00"},
                "total": "45.00",
                "low_margin_records": [0],
            },
        ),
        (
            "chain",
            {
                "steps": [
                    {"op": "bonus_rate", "inputs": {"score": "80"}},
                    {"op": "bonus_rate", "inputs": {"score": "101"}},
                ]
            },
            {"steps": [{"rate": "1"}, {"error": "score outside 0..100"}]},
        ),
    ],
)
def test_cases_that_nobody_wrote_down_before_come_out_too(
    op: str, inputs: dict[str, Any], expected: dict[str, Any], tmp_path: Path
) -> None:
    assert outcome_of(tmp_path, case(op=op, inputs=inputs, expected=expected)).failures == ()


ODD: list[Any] = [None, True, "", "abc", Decimal("NaN"), -1, 10**30, [], {}, [None], "\ud800"]


def places(told: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a case's inputs, their whole first."""
    yield path
    inside = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    for key, value in inside:
        yield from places(value, (*path, key))


def with_odd(told: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    key, inside = path[0], dict(told) if isinstance(told, dict) else list(told)
    inside[key] = with_odd(inside[key], path[1:], odd)
    return inside


def one_case_of_each_kind() -> dict[str, dict[str, Any]]:
    """The richest case of each op."""
    cases = [one for path in sorted(CASES.glob("*.json")) for one in json.loads(path.read_text(encoding="utf-8"))]
    return {one["op"]: one for one in sorted(cases, key=lambda one: len(one["inputs"]))}


@pytest.mark.parametrize("op", sorted(one_case_of_each_kind()))
def test_no_value_of_another_kind_in_any_place_breaks_the_product(op: str) -> None:
    told = one_case_of_each_kind()[op]
    for path in places(told["inputs"]):
        for odd in ODD:
            found = golden.failure({**told, "inputs": with_odd(told["inputs"], path, odd), "expected": {"error": "x"}})
            assert found is not None, (path, odd)
            assert "broke" not in found, (path, odd, found)


@pytest.mark.parametrize(
    ("op", "inputs", "error"),
    [
        ("combine", None, "inputs is not an object"),
        ("category_d14", {"scores": "88888"}, "scores is not a list"),
        ("final_score", {"self_score": "80", "weeks": ["80", "70"]}, "weeks is not a list"),
        ("pool_split", {"payable": True, "weights": {"E001": "1"}}, "not a number"),
        ("pool_split", {"payable": "1.00", "weights": [["E001", "1"]]}, "weights is not an object"),
        ("pool_split", {"payable": "1.00", "weights": {}}, "no weights"),
        (
            "policy_version",
            {"versions": [["one", "2024-01-01", None, "published"]], "date": "2024-01-01"},
            "not a number",
        ),
        ("policy_version", {"versions": [[1, "2024-01-01", "", "published"]], "date": "2024-01-01"}, "not a date"),
        ("policy_version", {"versions": [[1, "2024-01-01"]], "date": "2024-01-01"}, "versions needs 4 values"),
        ("eligible", {"left_on": ""}, "not a date"),
        ("eligible", {"left_on": "2024-01-30", "cutoff": False}, "not a date"),
        ("eligible", {"left_on": "2024-01-30", "edge": "sometimes"}, "unknown choice"),
        ("kpi_count", {"position": "X-1", "item": 5}, "unknown position"),
        ("kpi_count", {"position": "C-1", "item": 7, "pages": 1}, "unknown item"),
        ("kpi_count", {"position": "C-1", "item": 0, "pages": 1}, "unknown item"),
        ("kpi_count", {"position": "C-1", "item": 5, "pages": "1.5"}, "not a whole number"),
        ("kpi_count", {"position": "C-1", "item": 5}, "missing count"),
        ("pay_c", {"position": "Y-1", "base": "1", "scheduled": 1, "actual": 1, "score": 1}, "unknown position"),
        ("y1_commission", {"partners": 1, "collections": [{"amount": "1", "kind": "gift"}]}, "unknown kind"),
        ("y1_commission", {"partners": 1, "collections": [{"amount": "1"}]}, "missing kind"),
        ("pay_mkt", {"score": "100.01", "reading": "task_only"}, "score outside 0..100"),
        ("pay_ship", {"score": "101", "profit_share": "1", "apply_coefficient": False}, "score outside 0..100"),
        ("pay_ship", {"score": "80", "profit_share": "1", "typo12": "120"}, "unknown choice"),
        ("streak", {"months": [[202401, "60"]], "test": ["lt", "65"], "run": 1}, "month is not text"),
        ("streak", {"months": [["2024-01", "60"]], "test": ["eq", "65"], "run": 1}, "unknown test"),
        ("streak", {"months": [["2024-01", "60"]], "test": ["lt", "65"], "run": 1, "mode": "now"}, "unknown mode"),
        ("lint_bands", {"rows": [["80", None]]}, "rows needs 3 values"),
        ("gradient_d3", {"amounts": []}, "amounts is not an object"),
        ("chain", {"steps": {}}, "steps is not a list"),
    ],
)
def test_what_is_of_another_kind_is_refused_by_its_name(op: str, inputs: Any, error: str, tmp_path: Path) -> None:
    assert outcome_of(tmp_path, case(op=op, inputs=inputs, expected={"error": error})).failures == ()


def test_a_person_who_stands_twice_in_a_split_fails_that_case_alone(tmp_path: Path) -> None:
    twice = '{"id": "X-2", "op": "pool_split", "inputs": {"payable": "1.00", "weights": {"E001": "1", "E001": "2"}}, '
    text = f'[{twice}"expected": {{"shares": {{"E001": "1.00"}}}}}}, {json.dumps(case())}]'
    (tmp_path / "x.json").write_text(text)
    outcome = golden.run(tmp_path)
    assert outcome.passed == 1
    assert "“E001”写了不止一次" in outcome.failures[0]


@pytest.mark.parametrize("expected", [None, [], "1.0", 7])
def test_a_case_that_does_not_say_what_comes_of_it_is_told(expected: Any, tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, case(expected=expected), case())
    assert (outcome.passed, len(outcome.failed)) == (1, 1)
    assert outcome.failed[0].endswith("a case must say under “expected” what comes of it")


def test_one_entry_that_is_no_case_leaves_the_others_standing(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps([7, case(), None]))
    outcome = golden.run(tmp_path)
    assert (outcome.passed, outcome.not_run) == (1, ("x.json: not a case: 7", "x.json: not a case: None"))


@pytest.mark.parametrize("text", ["[" * 100_000, "{}", "\udcff", "[1, NaN"])
def test_a_file_that_nobody_can_read_is_one_failure(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert (outcome_of(tmp_path, case()).passed, len(golden.run(tmp_path).failures)) == (1, 1)


def test_figures_that_no_number_holds_are_refused_and_the_file_is_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    scores = ("NaN", "Infinity", "-Infinity", "1e999", "9" * 6000)
    told = ", ".join(json.dumps(case(id="\ud800", inputs={"score": 0})).replace("0}", f"{one}}}") for one in scores)
    (tmp_path / "x.json").write_text(f"[{told}, {json.dumps(case())}]")
    assert golden.main([str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 passed, 5 failed"
    assert all("refused: " in line for line in lines[:-1])
