"""What nobody has decided is not said: dismissal stands in ids and in the source's own sentences alone, in neither language."""

from __future__ import annotations

from typing import Any

import pytest

from approval.models.advice import EVIDENCE, KINDS
from approval.rules.policy import load, shipped_codes, shipped_text
from approval.rules.policy_lint import NEVER_SAID, lints
from approval.words import read

# The lint that forbids the words has to name them.
NAMES_THEM = {"“%(name)s”只是建议，名称不能写辞退、开除一类的话；请改成面谈与培训建议"}


def said_in(told: Any, key: str = "") -> list[str]:
    """Every text of a policy that people read, the quoted sentences of the source left out."""
    if isinstance(told, dict):
        return [text for name, one in told.items() if name not in ("quote", "action") for text in said_in(one, name)]
    if isinstance(told, list):
        return [text for one in told for text in said_in(one, key)]
    return [told] if isinstance(told, str) and key in ("zh", "en", "note", "label", "target") else []


def test_no_sentence_of_the_product_speaks_of_dismissal() -> None:
    told = {str(one.id): str(one.string) for one in read() if one.id and str(one.id) not in NAMES_THEM}
    assert len(told) > 2000
    assert {zh: en for zh, en in told.items() if NEVER_SAID.search(zh) or NEVER_SAID.search(en)} == {}
    assert not any(NEVER_SAID.search(name) for name in (*KINDS.values(), *EVIDENCE["dismissal_advice"].values()))


@pytest.mark.parametrize("code", shipped_codes())
def test_no_shipped_policy_does_outside_of_its_quotes(code: str) -> None:
    texts = said_in(load(shipped_text(code)).raw)
    assert texts
    assert [text for text in texts if NEVER_SAID.search(text)] == []


@pytest.mark.parametrize(("old", "new"), [('zh = "', 'zh = "辞退：'), ('en = "', 'en = "Dismissal: ')])
def test_a_streak_that_is_called_so_is_not_published(old: str, new: str) -> None:
    text = shipped_text("d17-c1")
    head, tail = text.split("[[streaks]]", 1)
    found = lints(load(f"{head}[[streaks]]{tail.replace(old, new, 1)}"))
    assert [one.severity for one in found if one.code == "wording"] == ["block"]
    assert not [one for one in lints(load(text)) if one.code == "wording"]
