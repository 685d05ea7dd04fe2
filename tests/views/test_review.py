"""The review pages beyond the story: who opens them, what they count, and what they ask of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from approval.db import db
from tests.app_fixtures import PERIOD, World
from tests.stages import cycle_of


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement that runs meanwhile."""
    statements: list[str] = []

    def keep(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", keep)
    yield statements
    event.remove(db.engine, "before_cursor_execute", keep)


@pytest.mark.parametrize(
    ("name", "status"),
    [("head", 200), ("gm", 200), ("hr", 200), ("auditor", 200), ("finance", 403), ("lead", 403), ("cs", 403)],
)
def test_the_departments_are_for_heads_and_oversight(closed: World, name: str, status: int) -> None:
    page = closed.sign_in(name).get("/departments", status=status)
    assert ("电商部" in page) == (status == 200)


def test_the_list_counts_what_waits_for_the_reader(closed: World) -> None:
    assert "5 人待我复核" in closed.sign_in("head").get("/departments")
    page = closed.sign_in("gm").get("/departments")
    assert "等您复核的 1 人" in page
    assert "1 人待我复核" in page
    assert "电商部" not in closed.sign_in("other_head").get("/departments")


def test_an_overseer_reads_the_table_without_a_button(closed: World) -> None:
    page = closed.sign_in("auditor").get(f"/departments/{cycle_of(closed).department_id}/{PERIOD}")
    assert closed.employee("cs").number in page
    assert "通过勾选的人" not in page
    assert "退回主管" not in page


def test_an_id_of_another_table_among_the_ticks_is_refused_whole(closed: World) -> None:
    path = f"/departments/{cycle_of(closed).department_id}/{PERIOD}/pass"
    ids = [closed.month("cs").id, closed.month("shipper").id]
    closed.sign_in("head").post(path, {"appraisal": ids}, status=404)
    assert closed.month("cs").state == "department_review"


def test_a_month_that_does_not_exist_is_not_found(closed: World) -> None:
    department = cycle_of(closed).department_id
    closed.sign_in("head").get(f"/departments/{department}/2031-01", status=404)
    closed.sign_in("head").get("/departments/9999/2026-10", status=404)
    closed.sign_in("head").post(f"/appraisals/{closed.month('cs').id}/review/cancel", {"reason": "x"}, status=404)
    assert closed.month("cs").state == "department_review"


def test_the_table_asks_the_database_as_often_for_six_people_as_for_two(closed: World) -> None:
    many = _questions(closed, "head", cycle_of(closed).department_id)
    few = _questions(closed, "other_head", cycle_of(closed, "发货部").department_id)
    assert many <= few + 8


def _questions(world: World, name: str, department: int) -> int:
    browser = world.sign_in(name)
    browser.get(f"/departments/{department}/{PERIOD}")
    with counted() as statements:
        browser.get(f"/departments/{department}/{PERIOD}")
    return len(statements)
