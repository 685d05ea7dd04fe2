"""A whole policy without a programmer: begun from blank, completed in boxes, published, a month opened, scored and paid."""

from __future__ import annotations

import html
import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from approval.models.cycle import Cycle
from approval.models.payout import Payslip
from approval.models.people import Account
from approval.models.policy import PolicyVersion
from approval.rules.policy_lint import lints
from approval.services import pay, people
from approval.services.audit import verify
from approval.services.versions import policy_with_readings
from tests.app_fixtures import _HASH, FIRST, Browser, World
from tests.month.test_6_payout import pay_out
from tests.views.test_pay_lines import typed
from tests.views.test_policy import hidden, words
from tests.views.test_policy_figures import boxes

BLANK = "/policies/blank"
PERIOD = "2026-12"
ASKED = {
    "zh": "打包员方案",
    "en": "Packers",
    "departments": ["发货部"],
    "positions": ["打包员"],
    "effective_from": "2026-12-01",
    "scored_by": "items",
    "each": "y",
}


@pytest.fixture
def packers(world: World) -> World:
    """A packer joins the shipping department; no policy is made for her post."""
    act = world.act("hr")
    post = people.add_position(act, "PK", "打包员", "Packer")
    packer = people.engage(act, "E2002", "姚兰", FIRST)
    unit = world.departments()["发货部"].id
    people.assign(act, packer, people.Post(unit, post.id, world.employee("shipper").id, FIRST))
    world.session.add(Account(employee_id=packer.id, password_hash=_HASH, must_change_password=False))
    world.numbers["packer"] = "E2002"
    world.session.commit()
    return world


def begun(world: World, name: str = "other_head", **more: Any) -> Browser:
    browser = world.sign_in(name)
    browser.post(BLANK, ASKED | more)
    return browser


def newest(world: World) -> PolicyVersion:
    world.fresh()
    return world.session.query(PolicyVersion).order_by(PolicyVersion.id.desc()).first() or pytest.fail("no policy")


def address(world: World) -> str:
    version = newest(world)
    return f"/policies/{version.code}/{version.number}"


def add(browser: Browser, lines: str, row: str, **given: Any) -> None:
    """Fill in a part of the page of lines, press its button, and save the draft."""
    page = browser.post(lines, typed(browser.get(lines)) | given | {"row": row}, status=200)
    browser.post(lines, typed(page))


def bring_in(browser: Browser, sheet: str, header: str, row: str) -> None:
    """Bring a file of one row in: uploaded, looked at, written."""
    data = f"{header}\n{row}\n".encode("utf-8-sig")
    page = browser.post(f"/imports/{sheet}", {"file": (BytesIO(data), f"{sheet}.csv")})
    found = re.search(r'action="(/imports/pending/\d+/write)"', page)
    assert found is not None, words(page)
    browser.post(found[1])


@pytest.mark.parametrize("by", ["items", "customers", "work_items"])
@pytest.mark.parametrize("base", [{"each": "y"}, {"each": "", "base": "３０００"}])
def test_whatever_is_answered_the_draft_has_no_fault(packers: World, by: str, base: dict[str, str]) -> None:
    asked = {name: value for name, value in (ASKED | base).items() if value} | {"scored_by": by}
    packers.sign_in("hr").post(BLANK, asked)
    policy = policy_with_readings(newest(packers))
    assert lints(policy) == ()
    assert [str(part.weight) for part in policy.parts] == ["0.25", "0.75"]
    assert (policy.sampling is None, sum(item.max for item in policy.kpi)) == (
        by == "items",
        100 if by == "items" else 0,
    )
    assert policy.objection_days == 3
    assert str(policy.params["base"].value) == ("None" if "each" in asked else "3000")


def test_two_policies_from_blank_never_share_a_code(packers: World) -> None:
    begun(packers, "hr")
    first = newest(packers).code
    begun(packers, "hr", zh="另一个方案")
    assert newest(packers).code != first
    assert (newest(packers).number, newest(packers).name) == (1, "另一个方案")


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"zh": ""}, "请填写这一项"),
        ({"departments": []}, "请至少勾选一个部门，或勾选“全公司”"),
        ({"positions": []}, "请至少勾选一个岗位，或勾选“所有岗位”"),
        ({"effective_from": "2026-13-40"}, "请填写日期"),
        ({"effective_from": ""}, "请填写这一项"),
        ({"scored_by": "magic"}, "请从列表里选择"),
        ({"each": "", "base": "三千"}, "“三千”不是数字"),
        ({"each": "", "base": ""}, "请填写数值，或勾选“由公司逐人设定”"),
        ({"each": "", "base": "-1"}, "请填写不小于 0 的数"),
        ({"departments": ["策划部"]}, "部门负责人只能起草自己部门的方案；策划部不归您负责"),
        ({"all_departments": "y"}, "部门负责人只能起草自己部门的方案"),
    ],
)
def test_an_answer_that_will_not_do_is_refused_and_the_others_stay(
    packers: World, bad: dict[str, Any], why: str
) -> None:
    browser = packers.sign_in("other_head")
    asked = {name: value for name, value in (ASKED | bad).items() if value not in ("", [])}
    page = browser.post(BLANK, asked, status=422)
    assert why in words(page)
    assert 'value="Packers"' in page
    assert newest(packers).name != "打包员方案"


def test_a_policy_goes_from_blank_to_a_month_that_is_paid(packers: World) -> None:
    write(packers)
    publish(packers)
    slip = pay_december(packers)
    kept = pay.last_result(packers.act("hr"), packers.month("packer"))
    assert kept is not None
    assert {line.zh: line.amount_fen for line in pay.stored(kept).lines} == {
        "基本工资": 285_000,
        "打包提成": 60_000,
        "绩效奖": 40_000,
        "全勤补贴": 20_000,
    }
    shown = words(packers.sign_in("packer").get(f"/my/payslips/{slip.id}"))
    for told in ("打包件数", "打包提成单价", "绩效奖标准", "绩效奖系数", "基本工资", "公司自定", "¥4,050.00"):
        assert told in shown
    assert list(verify(packers.session)) == []


def write(world: World) -> None:
    """The head of the department writes it: lines, a scale, and the KPI items on the page of figures."""
    head = begun(world)
    assert "请加上工资项" in head.text
    lines, figures = f"{address(world)}/lines", f"{address(world)}/figures"
    scale = {"scale-zh": "绩效奖系数", "scale-below_0": "60", "scale-value_0": "0", "scale-below_1": "80"}
    add(head, lines, "scale", **scale, **{"scale-value_1": "0.6", "scale-last": "1"})
    counted = {"zh": "打包提成", "en": "Packing", "figure_zh": "打包件数", "unit": "count", "value": "0.5"}
    add(head, lines, "line:counted", **{f"new-counted-{name}": value for name, value in counted.items()})
    code = next(iter(policy_with_readings(newest(world)).scales))
    scored = {"zh": "绩效奖", "en": "Bonus", "value": "400", "scale": code}
    add(head, lines, "line:scored", **{f"new-scored-{name}": value for name, value in scored.items()})
    add(head, lines, "line:fixed", **{"new-fixed-zh": "全勤补贴", "new-fixed-value": "200"})
    page = head.post(figures, boxes(head.get(figures)) | {"row": "add:kpi:0"}, status=200)
    items = {"f/kpi/0/max": "60", "f/kpi/0/zh": "打包又快又准", "f/kpi/1/zh": "爱护包材", "f/kpi/1/max": "40"}
    head.post(figures, boxes(page) | items | {"f/kpi/1/en": "Care of material"})
    policy = policy_with_readings(newest(world))
    assert lints(policy) == ()
    assert [line["zh"] for line in policy.components] == ["基本工资", "打包提成", "绩效奖", "全勤补贴"]


def publish(world: World) -> None:
    """HR sets the packer's base pay and reviews; the general manager publishes."""
    here, hr, gm = address(world), world.sign_in("hr"), world.sign_in("gm")
    assert "还没有一个设定过" in words(hr.get(here))
    hr.post("/people/E2002/pay-standard", {"code": "base", "value": "3000", "from_on": "2026-12-01"})
    hr.post(f"{here}/review", {"fingerprint": hidden(hr.get(here), "fingerprint")})
    gm.post(f"{here}/publish", {"fingerprint": hidden(gm.get(here), "fingerprint")})
    assert newest(world).state == "published"


def pay_december(world: World) -> Payslip:
    world.clock.go_to(date(2026, 12, 1))
    hr, unit = world.sign_in("hr"), world.departments()["发货部"].id
    hr.post("/cycles/open", {"department": str(unit), "period": PERIOD})
    month = world.month("packer")
    world.clock.go_to(date(2027, 1, 4))
    score(world)
    cycle = world.session.get(Cycle, month.cycle_id)
    assert cycle is not None
    bring_figures(world)
    world.clock.go_to(date(2027, 1, 11))
    hr = world.sign_in("hr")
    hr.post(f"/publications/{cycle.id}/end")
    world.sign_in("other_head").post(f"/bonus-pools/without/{cycle.id}")
    world.sign_in("finance").post(f"/payouts/prepare/{cycle.id}")
    pay_out(world)
    world.fresh()
    return world.session.query(Payslip).filter_by(employee_id=world.employee("packer").id).one()


def score(world: World) -> None:
    """The packer assesses herself, her supervisor scores, the head reviews."""
    packer, boss, head = (world.sign_in(name) for name in ("packer", "shipper", "other_head"))
    given = dict(zip((f"points_{one.code}" for one in _items(world)), ("54", "36"), strict=True))
    confirm = packer.post(f"/my/{PERIOD}", {**given, "summary": "十二月", "do": "submit"})
    packer.post(f"/my/{PERIOD}/submit", {"seen": hidden(confirm, "seen")})
    month = f"/appraisals/{world.month('packer').id}"
    boss.post(f"{month}/items", given)
    boss.post(f"{month}/close_scores")
    assert str(world.month("packer").score) == "90.00"
    head.post(f"{month}/pass_review", {"back": "/departments"})
    assert world.month("packer").state == "publication"


def _items(world: World) -> Any:
    return policy_with_readings(newest(world)).kpi


def bring_figures(world: World) -> None:
    hr, data = world.sign_in("hr"), world.sign_in("data")
    header = "工号,姓名,月份,应出勤天数,实际出勤天数,迟到,早退,请假"
    bring_in(hr, "attendance", header, f"E2002,姚兰,{PERIOD},20,19,0,0,1")
    bring_in(data, "counts", "工号,姓名,月份,指标编码,数量", f"E2002,姚兰,{PERIOD},打包件数,1200")


def test_everybody_who_writes_policies_finds_the_way_from_blank_in_both_languages(packers: World) -> None:
    for name in ("hr", "gm", "other_head"):
        assert f'href="{BLANK}"' in packers.sign_in(name).get("/policies")
    assert BLANK not in packers.sign_in("cs").get("/policies")
    browser = packers.sign_in("hr")
    browser.post("/language", {"locale": "en", "next": "/inbox"})
    page = html.unescape(browser.get(BLANK))
    assert "Draft a policy from blank" in page
    assert "Packer" in words(page)
