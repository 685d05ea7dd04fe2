"""岗位薪酬表 on its page: set, ended, and what is unequal or unusual told beside it."""

from __future__ import annotations

import io

from sqlalchemy import delete, select

from approval.models.people import PayStandard, Position
from approval.models.post_standard import PostStandard
from approval.views.pay_sources import source_words
from tests.app_fixtures import World, publish_shipped
from tests.services.test_beside import early
from tests.views.test_policy import words

URL = "/post-standards"


def typed(world: World, **other: str) -> dict[str, str]:
    copy = world.session.scalars(select(Position).where(Position.code == "C-1")).one()
    told = {
        "what": "set",
        "position": str(copy.id),
        "grade": "",
        "code": "base",
        "value": "9,000",
        "from_on": "2026-01-01",
    }
    return told | other


def test_hr_sets_a_figure_of_a_post_and_sees_who_is_paid_apart_and_what_is_unusual(world: World) -> None:
    publish_shipped(early(world), ("d04-reference-ranges",))
    world.session.commit()
    hr = world.sign_in("hr")
    assert "还没有岗位薪酬表" in hr.get(URL)
    hr.post(URL, typed(world), status=303)
    page = words(hr.get(URL))
    assert "文案策划 各职级 基本工资" in page
    assert "林晓雨 E1023 文案策划：基本工资 ¥3,000.00，岗位薪酬表是 ¥9,000.00" in page
    assert "高级设计、文案底薪 7000–8000 元 一般中级4000—5000,高级7000-8000" in page
    assert "郭子涵 E1031 运营专员：基本工资 ¥2,000.00 网络推广底薪 3000 元" in page


def test_what_was_typed_stays_where_it_is_refused(world: World) -> None:
    hr = world.sign_in("hr")
    page = hr.post(URL, typed(world, value="abc", grade="中级"), status=422)
    assert "“abc”不是数字" in page
    assert 'value="中级"' in page
    assert world.session.scalars(select(PostStandard)).all() == []
    hr.post(URL, {"what": "other"}, status=400)
    hr.post(URL, {"what": "end", "row": "9" * 40, "to_on": "2026-01-01"}, status=404)


def test_a_row_ends_with_its_last_day_and_never_before_its_first(world: World) -> None:
    hr = world.sign_in("hr")
    hr.post(URL, typed(world), status=303)
    world.fresh()
    row = str(world.session.scalars(select(PostStandard.id)).one())
    assert "结束日期不能早于生效日期" in hr.post(URL, {"what": "end", "row": row, "to_on": "2025-12-31"}, status=422)
    hr.post(URL, {"what": "end", "row": row, "to_on": "2026-10-31"}, status=303)
    assert "2026-01-01 – 2026-10-31" in words(hr.get(URL))


def test_a_mistaken_row_is_voided_on_the_page_by_another_and_stays_to_be_read(world: World) -> None:
    hr = world.sign_in("hr")
    hr.post(URL, typed(world), status=303)
    world.fresh()
    row = str(world.session.scalars(select(PostStandard.id)).one())
    void = {"what": "void", "row": row, "reason": "多打了一个零"}
    refused = hr.post(URL, void, status=422)
    assert "不能作废自己设定的标准，请由另一位人事或总经理作废" in refused
    assert 'value="多打了一个零"' in refused
    chief = world.sign_in("gm")
    chief.post(URL, {**void, "reason": ""}, status=422)
    chief.post(URL, {**void, "row": "9"}, status=404)
    chief.post(URL, void, status=303)
    page = words(chief.get(URL))
    assert "已作废：多打了一个零" in page
    assert "¥9,000.00" in page
    assert "林晓雨 E1023 文案策划：基本工资 ¥3,000.00，岗位薪酬表是 ¥9,000.00" not in page
    assert "确认作废" not in page


def test_a_row_set_again_from_its_first_day_is_still_to_be_read_in_both_languages(world: World) -> None:
    hr = world.sign_in("hr")
    hr.post(URL, typed(world), status=303)
    hr.post(URL, typed(world, value="8000"), status=303)
    page = words(hr.get(URL))
    assert page.index("¥8,000.00") < page.index("¥9,000.00") < page.index("已作废：从同一天起改设了标准")
    hr.post("/language", {"locale": "en", "back": URL})
    assert "set anew from the same day" in words(hr.get(URL))


def test_finance_reads_the_table_and_cannot_set_it(world: World) -> None:
    finance = world.sign_in("finance")
    assert "设定标准" not in finance.get(URL)
    assert "只有人事可以设定薪酬标准" in finance.post(URL, typed(world), status=422)


def test_a_payslip_tells_the_post_that_a_figure_came_from(world: World) -> None:
    with world.app.test_request_context():
        told = source_words("post_standard:文案策划/中级/2026-01-01, by_hand")
    assert told == "岗位薪酬表：文案策划 中级，自 2026-01-01 起"


SENTENCE = "一般普通设计、文案,底薪在2500-3000左右"


def test_a_base_outside_is_told_with_its_sentence_wherever_it_is_set_and_kept_all_the_same(world: World) -> None:
    publish_shipped(early(world), ("d04-reference-ranges",))
    world.session.commit()
    hr = world.sign_in("hr")
    page = hr.post(URL, typed(world), status=303)
    assert "9000 在参考区间之外：普通设计、文案底薪 2500–3000" in page
    assert SENTENCE in page
    world.fresh()
    assert world.session.scalars(select(PostStandard.value)).one() == 9000
    own = {"code": "base", "value": "3,100", "from_on": "2026-11-01"}
    page = hr.post("/people/E1023/pay-standard", own)
    assert "3100 在参考区间之外" in page
    assert SENTENCE in page
    assert "在参考区间之外" not in hr.post("/people/E1023/pay-standard", own | {"value": "2800"})


def test_a_file_tells_its_rows_outside_before_it_is_written(world: World) -> None:
    publish_shipped(early(world), ("d04-reference-ranges",))
    world.session.commit()
    hr = world.sign_in("hr")
    table = "岗位编码,职级,项目编码,标准,生效日期\nC-1,,base,9000,2026-11-01\nC-1,高级,base,7500,2026-11-01\n"
    page = hr.post("/imports/post_standards", {"file": (io.BytesIO(table.encode()), "table.csv")})
    assert "1 行在参考区间之外" in page
    assert "第 2 行" in page
    assert SENTENCE in page
    own = "工号,项目编码,金额,生效日期\nE1023,base,2499.99,2026-11-01\n"
    assert "1 行在参考区间之外" in hr.post("/imports/pay_standards", {"file": (io.BytesIO(own.encode()), "own.csv")})


def test_a_paid_month_outside_is_told_on_the_bench_to_those_who_may_see_pay(payable: World) -> None:
    publish_shipped(early(payable), ("d04-reference-ranges",))
    payable.session.commit()
    bench = f"/departments/{payable.month('copy').cycle.department_id}/2026-10"
    page = payable.sign_in("hr").get(bench)
    assert "2000 在参考区间之外：网络推广底薪 3000" in page, "the base of 郭子涵"
    assert "普通3000左右就可以了" in page
    assert "参考区间" not in payable.sign_in("head").get(bench)


def test_a_cycle_says_where_a_missing_standard_is_set(world: World) -> None:
    world.session.execute(delete(PayStandard).where(PayStandard.employee_id == world.employee("copy").id))
    world.session.commit()
    page = world.sign_in("hr").get(f"/cycles/{world.month('copy').cycle_id}")
    assert "在岗位薪酬表（同岗同级一次填写）或本人的人员页面设定" in page
    assert 'href="/post-standards"' in page


def test_a_sentence_without_an_amount_is_read_on_the_policy_s_page(world: World) -> None:
    publish_shipped(early(world), ("d04-reference-ranges",))
    world.session.commit()
    page = words(world.sign_in("cs").get("/policies/reference-ranges/1"))
    assert "部门主管可以享受公司整体的业绩提成" in page
    assert "原文没有印出数额，只供阅读" in page
    assert "职级 中级" in page
