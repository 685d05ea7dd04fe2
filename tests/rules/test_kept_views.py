"""What each shipped policy says, in full and line by line, is what was read and kept."""

from __future__ import annotations

import pytest

from tests.rules.kept_views import KEPT, names, view


@pytest.mark.parametrize("name", sorted(path.stem for path in KEPT.iterdir()))
def test_a_policy_says_today_what_was_read_and_kept(name: str) -> None:
    assert view(name) == (KEPT / f"{name}.txt").read_text(encoding="utf-8")


def test_every_policy_is_kept_and_none_that_is_gone() -> None:
    assert {path.stem for path in KEPT.iterdir()} == names()
