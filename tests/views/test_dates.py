"""Days on Chinese pages: short within the year, with the year where another is meant."""

from __future__ import annotations

from datetime import date, datetime

from approval.views.page import day_text, moment_text
from tests.app_fixtures import ZONE, World


def test_a_day_of_another_year_names_its_year(world: World) -> None:
    with world.app.test_request_context():
        assert day_text(date(2026, 10, 6)) == "10月6日（周二）"
        assert day_text(date(2025, 11, 27)) == "2025年11月27日（周四）"
        assert moment_text(datetime(2026, 10, 6, 18, 20, tzinfo=ZONE)) == "10月6日 18:20"
        assert moment_text(datetime(2025, 11, 27, 11, 0, tzinfo=ZONE)) == "2025年11月27日 11:00"
