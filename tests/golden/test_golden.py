"""The worked cases of the source documents, run through the product's own rules and policies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from approval import golden

CASES = Path(__file__).parent / "cases"
BESIDE = Path(__file__).resolve().parents[3] / "shared" / "spec" / "golden"


def folders() -> list[Path]:
    """The copy kept here, the specification's folder where it is there, and one named by GOLDEN_DIR."""
    given = [Path(os.environ["GOLDEN_DIR"])] if "GOLDEN_DIR" in os.environ else []
    return [CASES, *(folder for folder in (BESIDE, *given) if folder.is_dir())]


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_every_worked_case_comes_out_to_the_fen(folder: Path) -> None:
    outcome = golden.run(folder)
    assert outcome.failures == ()
    assert outcome.passed >= 226


def test_a_wrong_expectation_is_told_with_what_came(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    wrong = '[{"id": "X-1", "op": "bonus_rate", "inputs": {"score": "80"}, "expected": {"rate": "0.5"}}]'
    (tmp_path / "x.json").write_text(wrong)
    assert golden.main([str(tmp_path)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert "X-1" in told[0]
    assert told[-1] == "0 passed, 1 failed"


def test_an_unknown_op_is_a_failure_not_a_silence(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('[{"id": "X-2", "op": "no_such", "inputs": {}, "expected": {}}]')
    assert golden.run(tmp_path).failures == ("X-2: no such op: no_such",)
