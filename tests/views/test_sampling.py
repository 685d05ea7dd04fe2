"""The pages of sampling on their own: addresses, empty states, words."""

from __future__ import annotations

import pytest

from tests.app_fixtures import World


@pytest.mark.parametrize("path", ["/samples/2026-10-20", "/samples/2026-13-01", "/samples/soon", "/samples/2020-01-06"])
def test_what_is_no_week_of_ours_is_not_found(world: World, path: str) -> None:
    assert "没有找到" in world.sign_in("lead").get(path, status=404)


def test_who_scores_nobody_reads_why_his_list_is_empty(world: World) -> None:
    assert "没有要抽查的周" in world.sign_in("hr").get("/samples")
    assert "没有您考核的员工" in world.sign_in("cs").get("/team")


def test_who_is_not_sampled_reads_why(world: World) -> None:
    assert "还没有抽查" in world.sign_in("shipper").get("/my/samples")


def test_a_proof_belongs_to_its_week(world: World) -> None:
    assert "没有找到" in world.sign_in("lead").get("/samples/2026-10-19/verify/999", status=404)


def test_a_record_with_words_for_numbers_comes_back_as_typed(world: World) -> None:
    month = str(world.month("cs").id)
    typed = {"appraisal": month, "code": "A-1", "happened_on": "昨天", "title": "退货", "turns": "很多"}
    page = world.sign_in("lead").post("/samples/2026-10-19/items", typed, status=422)
    assert "不是日期" in page
    assert "不是整数" in page
    assert 'value="很多"' in page
