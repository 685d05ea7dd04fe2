"""The house style that no linter knows; each check is first shown a fault that it must see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture import style

ROOT = Path(__file__).resolve().parents[2]
MAY_COMMIT = ("approval/views/", "approval/api/", "approval/cli.py", "approval/cli/", "approval/worker.py")
EXACT = ("approval/rules", "approval/services", "approval/models", "workflows")
Check = Callable[[str], list[str]]


def files(*folders: str, suffix: str = ".py") -> Iterator[tuple[str, str]]:
    """Path from the top and text of each file in the folders; a folder that is not there holds none."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob(f"*{suffix}")):
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def broken(check: Check, *folders: str, suffix: str = ".py", but: tuple[str, ...] = ()) -> list[str]:
    """Every place in the folders where the check finds a fault."""
    return [
        f"{path}: {place}"
        for path, text in files(*folders, suffix=suffix)
        if not path.startswith(but or ("\0",))
        for place in check(text)
    ]


def test_only_the_step_gives_a_thing_its_state() -> None:
    assert broken(style.states_assigned, "approval", "workflows", "forms", but=("approval/services/step.py",)) == []


def test_only_views_the_command_line_and_the_worker_commit() -> None:
    assert broken(style.commits, "approval", "workflows", "forms", but=MAY_COMMIT) == []


def test_no_float_comes_near_money_and_scores() -> None:
    assert broken(style.floats, *EXACT) == []


def test_every_test_can_fail() -> None:
    assert broken(style.toothless_tests, "tests", "benchmarks") == []


def test_no_template_carries_code_that_the_browser_would_refuse() -> None:
    assert broken(style.inline_code, "templates", suffix=".html") == []


def test_no_ascii_mark_stands_beside_chinese_in_what_people_read() -> None:
    said = broken(style.ascii_marks_in_msgids, "approval", "workflows", "forms")
    shown = [
        place for kind in (".html", ".txt") for place in broken(style.ascii_marks_in_template, "templates", suffix=kind)
    ]
    assert said + shown == []


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        (style.states_assigned, "thing.state = 'paid'"),
        (style.states_assigned, "a, thing.state = 1, 2"),
        (style.states_assigned, "setattr(thing, 'state', 'paid')"),
        (style.commits, "db.session.commit()"),
        (style.floats, "rate = 0.5"),
        (style.floats, "def pay(rate: float) -> int: ..."),
        (style.floats, "x = float('1')"),
        (style.toothless_tests, "def test_x():\n    'assert'\n    call()"),
        (style.inline_code, "<script>alert(1)</script>"),
        (style.inline_code, "<p\n class=a style='color:red'>"),
        (style.inline_code, "<button onclick=go()>"),
        (style.ascii_marks_in_template, "<p>合计: 3</p>"),
        (style.ascii_marks_in_template, "<p>合计<b>:</b></p>"),
        (style.ascii_marks_in_template, "{{ _('共 %(n)s 人(税前)', n=3) }}"),
        (style.ascii_marks_in_msgids, "raise Refused('天数必须大于 0,请更正')"),
    ],
)
def test_each_check_sees_the_fault_that_it_is_for(check: Check, fault: str) -> None:
    assert check(fault)


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (style.states_assigned, "if thing.state == 'paid': state = thing.state"),
        (style.commits, "'commit()'"),
        (style.floats, "if isinstance(x, float): raise TypeError"),
        (style.toothless_tests, "def test_x():\n    with pytest.raises(Refused):\n        call()"),
        (style.inline_code, "<script src=app.js defer></script>{# <p style=x> #}<p data-style='x'>on = 3</p>"),
        (style.ascii_marks_in_template, "<p>合计：3&nbsp;元（税前）</p>{{ _('第%(n)s周', n=n) }}"),
        (style.ascii_marks_in_msgids, "columns = ['天数(天)']"),
    ],
)
def test_no_check_cries_over_what_is_right(check: Check, text: str) -> None:
    assert check(text) == []
