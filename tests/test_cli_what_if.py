"""The what-if on the command line: a table for people, JSON for programs, reasons and exit codes as everywhere."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from approval.cli import main


@pytest.fixture
def company(payable_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small company with a finished October, as this installation's database."""
    for name in ("APPROVAL_DATABASE_URL", "APPROVAL_SECRET_KEY", "APPROVAL_DEMO", "APPROVAL_SMTP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("APPROVAL_DATA_DIR", str(tmp_path))
    path = tmp_path / "approval.db"
    path.write_bytes(payable_file.read_bytes())
    return path


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main(["what-if", *arguments]) == code
    said = capsys.readouterr()
    return said.out + said.err


def looks(path: Path) -> list[tuple[int | None]]:
    with sqlite3.connect(path) as connection:
        return connection.execute("SELECT actor_id FROM audit_entry WHERE action = 'what_if:look'").fetchall()


def test_a_table_tells_who_moves_and_what_it_costs(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, "planning-C-1", "--version", "1", "--period", "2026-10", "--reading", "tiers=ladder90")
    rows = [line.split("\t") for line in said.splitlines()]
    assert ["E1023", "林晓雨", "策划部", "6759.81", "6699.81", "-60.00"] in rows
    assert ["  2026-10", "tier", "≥ 80 → 1 -> ≥ 80 < 90 → 0.8"] in rows
    assert ["total", "", "1", "6759.81", "6699.81", "-60.00"] in rows
    assert ["department", "策划部", "1", "6759.81", "6699.81", "-60.00"] in rows
    assert len(looks(company)) == 1


def test_json_is_the_answer_of_the_api_in_fen(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, "customer-service", "--period", "2026-10", "--department", "电商部", "--json", "--as", "F0001")
    answer = json.loads(said)
    assert (answer["before_fen"], answer["difference_fen"], answer["department"]) == (846_414, 0, "电商部")
    assert [person["number"] for person in answer["people"]] == ["E1041", "E1043"]
    assert len(looks(company)) == 1


def test_months_that_were_left_out_are_named_with_why(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, "department-head", "--period", "2026-10")
    assert "left out\tD0020\t钱峰\t2026-10\t这个月还没有算出工资" in said
    assert company.exists()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("planning-C-1", "--version", "8", "--period", "2026-10"), "没有方案 planning-C-1/8"),
        (("nobody", "--period", "2026-10"), "没有方案"),
        (("planning-C-1", "--period", "October"), "不是月份"),
        (("planning-C-1", "--period", "2026-10", "--reading", "tiers"), "看不懂"),
        (("planning-C-1", "--period", "2026-10", "--reading", "tiers=up"), "没有读法"),
        (("planning-C-1", "--period", "2026-10", "--department", "月球部"), "没有部门"),
        (("planning-C-1", "--period", "2026-10", "--as", "E1043"), "只有人事"),
        (("planning-C-1", "--period", "2026-10", "--as", "X1"), "没有工号"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(
    company: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], why: str
) -> None:
    assert why in told(capsys, *arguments, code=2)
    assert looks(company) == []
