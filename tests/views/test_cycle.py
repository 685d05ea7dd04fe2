"""The month board: who opens a month, what it lacks, whom a reminder reaches."""

from __future__ import annotations

from sqlalchemy import func, select

from approval.models.appraisal import Appraisal
from approval.models.bonus_pool import BonusPool
from approval.models.outbox import OutboxMessage
from approval.models.people import Employment
from approval.services.cycle import REMINDER
from tests.app_fixtures import World
from tests.stages import cycle_of


def opening(world: World, name: str = "电商部", period: str = "2026-11") -> dict[str, str]:
    return {"department": str(world.departments()[name].id), "period": period}


def test_hr_opens_a_month_and_pressing_twice_opens_it_once(world: World) -> None:
    hr = world.sign_in("hr")
    before = world.session.scalar(select(func.count()).select_from(Appraisal)) or 0
    body = {**opening(world), "once": "k" * 24}
    assert "已开启：新建 6 张考核单" in hr.post("/cycles/open", body)
    hr.post("/cycles/open", body)
    hr.post("/cycles/open", opening(world))
    world.fresh()
    assert world.session.scalar(select(func.count()).select_from(Appraisal)) == before + 6


def test_a_month_that_is_none_is_refused_and_what_was_typed_stays(world: World) -> None:
    hr = world.sign_in("hr")
    for period in ("2026-13", "十月", "2036-01", ""):
        page = hr.post("/cycles/open", opening(world, period=period), status=422)
        assert f'value="{period}"' in page
        assert "k-err" in page


def test_others_read_the_board_and_only_hr_opens(world: World) -> None:
    for office in ("gm", "auditor"):
        browser = world.sign_in(office)
        assert "电商部" in browser.get("/cycles")
        browser.post("/cycles/open", opening(world), status=403)
    world.sign_in("cs").get("/cycles", status=403)
    world.sign_in("head").get(f"/cycles/{cycle_of(world).id}", status=403)


def test_the_board_names_who_has_no_supervisor_and_what_pay_lacks(world: World) -> None:
    post = world.session.scalars(select(Employment).where(Employment.employee_id == world.employee("cs").id)).one()
    post.supervisor_id = None
    world.session.commit()
    page = world.sign_in("hr").post("/cycles/open", opening(world))
    assert "没有直接主管" in page
    assert "马骏" in page
    october = world.sign_in("hr").get(f"/cycles/{cycle_of(world).id}")
    assert "缺 6 人" in october, "nobody's attendance has come"
    assert "销售额" in october


def test_a_reminder_goes_out_once_and_then_says_so(world: World) -> None:
    hr, month = world.sign_in("hr"), world.month("cs")
    url = f"/cycles/{month.cycle_id}/remind/{month.id}"
    assert "已催办" in hr.post(url)
    assert "4 小时内已经催办过" in hr.post(url)
    world.fresh()
    assert len(world.session.scalars(select(OutboxMessage).where(OutboxMessage.subject == REMINDER)).all()) == 1
    hr.post(f"/cycles/{month.cycle_id + 1}/remind/{month.id}", status=404)


def test_hr_gives_a_month_its_pool_once(world: World) -> None:
    hr, url = world.sign_in("hr"), f"/cycles/{cycle_of(world).id}/pool"
    hr.post(url)
    hr.post(url)
    world.fresh()
    assert len(world.session.scalars(select(BonusPool)).all()) == 1
    world.sign_in("cs").post(url, status=403)


def test_a_department_that_no_database_holds_is_refused_in_words(world: World) -> None:
    hr = world.sign_in("hr")
    hr.post("/cycles/open", {"department": "9" * 30, "period": "2026-11"}, status=422)
    page = hr.post("/people/departments", {"what": "department", "name": "新部门", "parent": "9" * 30}, status=422)
    assert 'value="新部门"' in page
    world.fresh()
    assert "新部门" not in world.departments()
