"""Countersigning on the policy's page: named, signed, objected to; the document's header says who did what when."""

from __future__ import annotations

import re

from approval.models.policy import PolicyVersion
from approval.services import policy
from approval.services.signatures import document_print
from tests.app_fixtures import World
from tests.services.test_policy_life import drafted
from tests.views.test_policy import words

PAGE = "/policies/customer-service/2"


def version_of(world: World) -> PolicyVersion:
    world.fresh()
    return world.session.query(PolicyVersion).filter_by(code="customer-service", number=2).one()


def header_of(page: str) -> dict[str, str]:
    """The document's header: label and what stands under it."""
    block = page[page.index('class="k-control"') : page.index("</dl>", page.index('class="k-control"'))]
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", block, re.S)
    return {label: re.sub(r"<[^>]+>", " ", told).strip() for label, told in pairs}


def test_a_version_is_named_for_countersigning_signed_and_published_on_its_page(world: World) -> None:
    drafted(world)
    world.session.commit()
    hr = world.sign_in("hr")
    assert "两者填一个" in hr.post(f"{PAGE}/countersigners", {"seat": "", "number": ""}, status=422)
    assert "没有工号 E9999" in hr.post(f"{PAGE}/countersigners", {"seat": "", "number": "E9999"}, status=422)
    assert "没有这个职务" in hr.post(f"{PAGE}/countersigners", {"seat": "office:emperor"}, status=422)
    assert "会签人已指定" in hr.post(f"{PAGE}/countersigners", {"seat": "office:finance"})
    assert "待会签" in hr.post(f"{PAGE}/countersigners", {"number": world.numbers["lead"]})
    lead = world.sign_in("lead")
    lead.get(PAGE, status=404)
    hr.post(f"{PAGE}/review", {"fingerprint": version_of(world).fingerprint})
    assert "会签方案" in words(lead.get("/inbox"))
    page = lead.get(PAGE)
    assert "您的会签只对这一稿有效" in page
    seen = document_print(version_of(world))
    assert "有异议请写明理由" in lead.post(f"{PAGE}/object", {"seen": seen, "remark": " "}, status=422)
    lead.post(f"{PAGE}/countersign", {"seen": "0" * 64}, status=409)
    assert "已会签" in lead.post(f"{PAGE}/countersign", {"seen": seen, "remark": "同意"})
    world.sign_in("cs").post(f"{PAGE}/countersign", {"seen": seen}, status=404)
    gm = world.sign_in("gm")
    assert f"还缺会签：{world.employee('finance').name}" in words(gm.get(PAGE))
    world.sign_in("finance").post(f"{PAGE}/countersign", {"seen": seen})
    gm.post(f"{PAGE}/publish", {"official": "y", "fingerprint": version_of(world).fingerprint})
    told = header_of(gm.get(PAGE))
    assert (told["文件编号"], told["版本"], told["执行日期"]) == ("customer-service", "第 2 版", "2026-12-01")
    assert told["发布日期"] == "2026-11-02"
    assert [told[one][:3] for one in ("编制", "审核", "批准")] == ["孙国栋", "何静 ", "孙国栋"]
    for name in ("lead", "finance"):
        assert world.employee(name).name in told["会签"]


def test_a_name_is_taken_away_with_a_reason_and_english_readers_read_english(world: World) -> None:
    drafted(world)
    world.session.commit()
    hr = world.sign_in("hr")
    hr.post(f"{PAGE}/countersigners", {"seat": "office:finance"})
    assert "请填写这一项" in hr.post(f"{PAGE}/countersigners/office:finance/drop", {"reason": ""}, status=422)
    hr.post("/language", {"locale": "en", "back": PAGE})
    page = words(hr.get(PAGE))
    assert "Countersign" in page
    assert "会签" not in page
    hr.post(f"{PAGE}/countersigners/office:finance/drop", {"reason": "not concerned"})
    assert "1" not in (re.search(r"k-num\">(\d)/", hr.get(PAGE)) or [""])[0]


def test_who_has_no_seat_sees_no_reviewed_version(world: World) -> None:
    version = drafted(world)
    policy.review_policy(world.act("hr"), version)
    world.session.commit()
    world.sign_in("cs").get(PAGE, status=404)
    assert "文件信息" in world.sign_in("auditor").get(PAGE)
