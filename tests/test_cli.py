"""The command line: the same services and the same reasons as on the pages, and exit codes that a script can trust."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from approval.cli import main, parser
from tests.app_fixtures import PASSWORD

ROOT = Path(__file__).resolve().parents[1]
C1 = str(ROOT / "approval" / "policies" / "d17-c1.toml")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command works in a folder of its own."""
    for name in ("APPROVAL_DATABASE_URL", "APPROVAL_SECRET_KEY", "APPROVAL_DEMO", "APPROVAL_SMTP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("APPROVAL_DATA_DIR", str(tmp_path))


@pytest.fixture
def company(founded: Path, tmp_path: Path) -> Path:
    """The small company as this installation's database."""
    path = tmp_path / "approval.db"
    path.write_bytes(founded.read_bytes())
    return path


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """Run a command; what it said, on both streams."""
    assert main(arguments) == code
    said = capsys.readouterr()
    return said.out + said.err


def change(path: Path, statement: str) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_init_makes_the_tables_and_one_account_and_then_nothing_more(capsys: pytest.CaptureFixture[str]) -> None:
    first = told(capsys, "init", "--company", "鹭江电商", "--number", "H0007", "--name", "何静")
    assert re.search(r"number H0007, one-time password \S{8,}", first)
    assert "up to date" in told(capsys, "init")
    assert "entries whole" in told(capsys, "audit", "verify")


def test_without_tables_a_command_says_what_to_do_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert "请先运行 approval init" in told(capsys, "audit", "verify", code=2)
    assert "approval init" in told(capsys, "--lang", "en", "audit", "verify", code=2)


def test_a_month_is_opened_once_by_hr_and_by_nobody_else(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "created" in told(capsys, "cycle", "open", "电商部", "2026-11", "--as", "H0001")
    assert "0 created" in told(capsys, "cycle", "open", "电商部", "2026-11", "--as", "H0001")
    assert told(capsys, "cycle", "open", "电商部", "2026-11", "--as", "F0001", code=2).strip()
    assert "没有工号 X1" in told(capsys, "cycle", "open", "电商部", "2026-11", "--as", "X1", code=2)
    assert "2026-13" in told(capsys, "cycle", "open", "电商部", "2026-13", "--as", "H0001", code=2)
    assert told(capsys, "cycle", "open", "没有这个部", "2026-11", "--as", "H0001", code=2).strip()
    assert company.exists()


def test_who_is_left_out_of_a_month_is_named_with_why(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(
        company,
        "UPDATE employment SET supervisor_id = NULL WHERE employee_id IN (SELECT id FROM employee "
        "WHERE number = 'E1043')",
    )
    said = told(capsys, "cycle", "open", "电商部", "2026-11", "--as", "H0001")
    assert "1 left out" in said
    assert re.search(r"E1043 马骏: .*主管", said)


def test_verify_names_each_fault_and_fails(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "entries whole" in told(capsys, "audit", "verify")
    change(company, "UPDATE appraisal SET state = 'payout', score = 1, reviewed_by_id = 1 WHERE id = 1")
    said = told(capsys, "audit", "verify", code=1)
    assert "appraisal:1 #0: 对象的状态是 payout" in said
    assert "1 faults" in said


def test_a_reset_password_lets_its_owner_in_once_more(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, "reset-password", "E1043")
    assert re.search(r"one-time password of E1043: \S{8,}", said)
    assert PASSWORD not in said
    assert "没有工号" in told(capsys, "reset-password", "nobody", code=2)
    assert company.exists()


def test_letters_go_out_once_as_files(company: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    told(capsys, "worker", "--once")
    letters = sorted(path.name for path in (tmp_path / "letters").iterdir())
    assert any(name.endswith("-E1043.eml") for name in letters)
    told(capsys, "worker", "--once")
    assert sorted(path.name for path in (tmp_path / "letters").iterdir()) == letters
    assert company.exists()


def test_a_policy_is_worked_out_from_two_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["calc", "--help"])
    example = re.search(r"^  \{.*\}$", capsys.readouterr().out, re.DOTALL | re.MULTILINE)
    assert example is not None
    path = tmp_path / "october.json"
    path.write_text(example[0], encoding="utf-8")
    said = told(capsys, "calc", C1, str(path))
    lines = [line.split("\t") for line in said.splitlines()]
    assert lines[-1][0] == "total"
    cents = [int(line[1].replace(".", "").replace(",", "")) for line in lines]
    assert sum(cents[:-1]) == cents[-1] > 0
    assert any("3000" in line[2] for line in lines[:-1])
    assert "读不到文件" in told(capsys, "calc", C1, str(tmp_path / "nothing.json"), code=2)
    path.write_text("{", encoding="utf-8")
    assert "不是正确的 JSON" in told(capsys, "calc", C1, str(path), code=2)


def test_shipped_policies_are_listed_check_clean_and_become_drafts(
    company: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert "d17-c1" in told(capsys, "policy", "shipped").splitlines()
    assert "0 lints" in told(capsys, "policy", "check", C1)
    assert "draft planning-C-1/2" in told(capsys, "policy", "shipped", "--draft", "d17-c1", "--as", "H0001")
    told(capsys, "policy", "shipped", "--draft", "d17-c1", "--as", "E1043", code=2)
    broken = tmp_path / "broken.toml"
    broken.write_text("= nothing", encoding="utf-8")
    assert told(capsys, "policy", "check", str(broken), code=2).strip()
    assert "读不到文件" in told(capsys, "policy", "check", str(tmp_path / "none.toml"), code=2)
    assert company.exists()


def test_the_worked_cases_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "0 failed" in told(capsys, "golden", str(ROOT / "tests" / "golden" / "cases"))
    assert "0 passed" in told(capsys, "golden", str(tmp_path), code=1)


def test_a_real_company_is_never_emptied_for_a_demo(capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, "init")
    assert "不是演示公司，不能清空" in told(capsys, "demo", "--reset", code=2)
    assert "not empty" in told(capsys, "demo", code=2)
    assert told(capsys, "demo", "--if-empty") == ""
    assert "entries whole" in told(capsys, "audit", "verify")


def test_every_command_teaches_by_example(capsys: pytest.CaptureFixture[str]) -> None:
    commands = [
        "init",
        "demo",
        "serve",
        "worker",
        "cycle open",
        "calc",
        "golden",
        "audit verify",
        "reset-password",
        "policy check",
        "policy shipped",
    ]
    for command in commands:
        with pytest.raises(SystemExit) as left:
            main([*command.split(), "--help"])
        assert left.value.code == 0
        assert f"approval {command}" in capsys.readouterr().out.split("examples:")[1]
    assert "exit codes" in parser().format_help()


def test_an_unknown_command_is_refused_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["fly"])
    assert left.value.code == 2
    assert "usage" in capsys.readouterr().err
