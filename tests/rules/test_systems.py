"""Every system of the source documents that carries a rule runs from a shipped file; none is named in code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from approval.rules.kpi_library import libraries
from approval.rules.policy import Policy, read_shipped, shipped_codes
from approval.views.policy_blocks import STEPS
from approval.views.process_page import HINTS, MAKERS
from workflows.appraisal import WORKFLOW, AppraisalFacts
from workflows.engine import NotAllowed

CODE = Path(__file__).resolve().parents[2]
# System: its file, the block that runs it, the rules that the file must name there.
SYSTEMS = {
    "S01 department pay": ("d01-ec-department", "components", ("R011", "R013", "R015", "R016")),
    "S02 annual team pool": ("d01-ec-department", "pools", ("R006", "R007", "R008", "R009", "R010")),
    "S03 75/25 appraisal": ("d08-customer-service", "appraisal", ("R073", "R074")),
    "S04 coefficient tiers": ("d08-customer-service", "scales", ("R062", "R063", "R065", "R069")),
    "S04 coefficient tiers of marketing": ("d09-marketing", "scales", ("R078",)),
    "S05 customer service pay": ("d08-customer-service", "components", ("R068",)),
    "S06 shipping supervisor pay": ("d08-shipping-supervisor", "components", ("R061", "R062", "R064", "R065")),
    "S07 marketing pay": ("d09-marketing", "components", ("R077", "R078")),
    "S08 two-month rule": ("d09-marketing", "streaks", ("R079",)),
    "S09 C-1 pay": ("d17-c1", "components", ("R138",)),
    "S09 C-2 pay": ("d17-c2", "components", ("R148",)),
    "S10 Y-1 pay": ("d17-y1", "components", ("R156",)),
    "S11 full attendance": ("d17-c1", "components", ("R139",)),
    "S12 bonus tiers": ("d17-c1", "scales", ("R140",)),
    "S13 three-month rule": ("d17-c2", "streaks", ("R141",)),
    "S14 group-buy commission": ("d17-y1", "tables", ("R160", "R161", "R162")),
    "S14 the margin of a group-buy": ("d17-y1", "components", ("R159",)),
    "S15 linear pay": ("d15-planning-linear", "components", ("R123", "R124", "R125", "R126")),
    "S15 linear pieces": ("d15-planning-linear", "scales", ("R124", "R125", "R126")),
    "S16 ratings": ("d15-planning-linear", "ratings", ("R127",)),
    "S17 rating streaks": ("d15-planning-linear", "streaks", ("R128", "R130")),
    "S18 quarterly bonus": ("d13-quarterly-bonus", "components", ("R102",)),
    "S19 four classes": ("d14-quarterly-category", "ratings", ("R117", "R118", "R119", "R120")),
    "S20 gradient bonuses": ("d03-gradient-bonus", "components", ("R043", "R044", "R045", "R046", "R047")),
    "S20 gradients": ("d03-gradient-bonus", "scales", ("R043", "R044", "R045", "R047")),
    "S21 KPI C-1": ("d17-c1", "kpi", ("R131", "R132", "R133", "R134", "R135", "R136")),
    "S21 KPI C-2": ("d17-c2", "kpi", ("R142", "R143", "R144", "R145", "R146", "R147")),
    "S21 KPI Y-1": ("d17-y1", "kpi", ("R150", "R151", "R152", "R153", "R154", "R155")),
    "S21 KPI M-1": ("d04-chief-designer-m1", "kpi", ("R029", "R030", "R031", "R032", "R033", "R034")),
    "S23 reference ranges": (
        "d04-reference-ranges",
        "reference_ranges",
        ("R020", "R021", "R022", "R023", "R024", "R025", "R026"),
    ),
    "S24 commission ceiling": ("d08-customer-service", "warnings", ("R027",)),
    "S22 indicators of the quarter": ("d13-quarterly-bonus", "appraisal", ("R100",)),
    "S22 indicators of the class": ("d14-quarterly-category", "appraisal", ("R110",)),
    "S25 work time": ("d08-shipping-supervisor", "work_time", ("R060",)),
    "S25 house hours": ("d10-planning-house-rules", "work_time", ("R085", "R086")),
    "S26 publication": ("d13-quarterly-bonus", "publication", ("R104",)),
    "S26 payout within a month": ("d13-quarterly-bonus", "deadlines", ("R103",)),
    "S27 document control": ("d01-ec-department", "policy", ()),
    "S28 adjustment": ("d13-quarterly-bonus", "adjustments", ("R105", "R106", "R107")),
    "S29 process": ("d14-quarterly-category", "process", ("R111", "R112", "R113", "R114", "R115", "R116")),
    "D10 house rules": ("d10-planning-house-rules", "process", ("R087", "R088", "R089")),
}

# S22: the library of KPI templates; document: its points by group, the rules that its points name.
LIBRARY = {
    "D05": ((3, 3, 3, 3, 3), ("R050",)),
    "D06": ((3, 3), ("R053", "R054")),
    "D07": ((4, 4, 4, 4), ("R055", "R056", "R057", "R058")),
    "D13": ((2, 2, 2, 2), ("R100",)),
    "D14": ((1, 1, 1, 1, 1), ("R110",)),
}


def test_s22_the_library_holds_every_catalogue_of_the_source_with_its_rules() -> None:
    told = {
        one.doc: (
            tuple(len(group.points) for group in one.groups),
            tuple(dict.fromkeys(rule for point in one.points for rule in point.rules)),
        )
        for one in libraries()
    }
    assert told == LIBRARY
    assert [sum(counts) for counts, _ in LIBRARY.values()] == [15, 6, 16, 8, 5]


def rules_in(told: Any) -> Iterator[str]:
    if isinstance(told, dict):
        yield from told.get("rules", ())
        for inner in told.values():
            yield from rules_in(inner)
    elif isinstance(told, list):
        for inner in told:
            yield from rules_in(inner)


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_runs_from_its_file_and_names_its_rules(system: str) -> None:
    code, block, rules = SYSTEMS[system]
    policy = read_shipped(code)
    assert policy.raw.get(block), f"{code} has no {block}"
    assert set(rules) <= set(rules_in(policy.raw[block]))


@pytest.mark.parametrize("code", [one for one in shipped_codes() if not one.startswith("demo/")])
def test_every_pay_line_has_its_rules_its_sentence_and_both_names(code: str) -> None:
    for component in read_shipped(code).components:
        assert component["rules"]
        assert component["quote"]
        assert component["zh"]
        assert component["en"]


OPEN = ("to_fill", "assumed")


def bands_in(told: Any) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every band of scales, tables and ratings, those that a reading puts there included; whether its ladder is open."""
    for block in ("scales", "tables", "ratings"):
        for ladder in told.get(block, {}).values():
            bands = ladder.get("pieces", ladder.get("rows"))
            yield from ((band, any(ladder.get(key) for key in OPEN)) for band in bands)
    for option in told.get("options", {}).values():
        for patches in option["choices"].values():
            for path, value in patches.items():
                if re.fullmatch(r"(scales|tables|ratings)\.\w+\.(pieces|rows)(\.\w+)?", path):
                    yield from ((band, False) for band in (value if isinstance(value, list) else [value]))


@pytest.mark.parametrize("code", [one for one in shipped_codes() if not one.startswith("demo/")])
def test_every_band_names_its_rules_and_its_sentence_or_says_that_it_is_not_printed(code: str) -> None:
    for band, ladder_is_open in bands_in(read_shipped(code).raw):
        cites = bool(band.get("rules") and band.get("quote"))
        assert cites or ladder_is_open or any(band.get(key) for key in OPEN), band


@pytest.mark.parametrize("code", [one for one in shipped_codes() if not one.startswith("demo/")])
def test_every_item_names_its_rule_and_its_printed_line_or_says_that_it_is_not_printed(code: str) -> None:
    for item, told in zip(read_shipped(code).kpi, read_shipped(code).raw.get("kpi", ()), strict=True):
        assert (item.rules and item.quote) or told.get("to_fill") is True, item.code


@pytest.mark.parametrize("code", [one for one in shipped_codes() if not one.startswith("demo/")])
def test_what_is_published_cites_the_rule_of_publication(code: str) -> None:
    publication = read_shipped(code).publication
    assert not publication or publication["rules"] == ["R104"]
    assert not publication or "公示" in publication["quote"]


def test_a_share_of_the_profit_is_no_wage() -> None:
    (line,) = read_shipped("d08-shipping-supervisor").components
    assert line["outside_minimum"] is True


@pytest.mark.parametrize("code", [one for one in shipped_codes() if not one.startswith("demo/")])
def test_every_reading_is_told_in_both_languages_with_its_ambiguity_and_sentence(code: str) -> None:
    for option in read_shipped(code).options:
        assert re.fullmatch(r"A-\d\d", option.doc), option.code
        assert option.quote, option.code
        assert option.zh != option.en
        assert len(option.readings) > 1
        for reading in option.readings:
            assert reading.zh not in (reading.code, reading.en)


def named_ambiguities(policy: Policy) -> set[str]:
    return {option.doc for option in policy.options}


def test_every_ambiguity_with_another_reading_is_offered_somewhere() -> None:
    offered = set().union(*(named_ambiguities(read_shipped(code)) for code in shipped_codes()))
    assert offered >= {
        *("A-01", "A-02", "A-03", "A-04", "A-05", "A-06", "A-07", "A-09", "A-10", "A-11", "A-12", "A-13", "A-14"),
        *("A-15", "A-16", "A-17", "A-21", "A-22", "A-23", "A-24", "A-29", "A-31", "A-33", "A-34", "A-44", "A-45"),
    }


def test_no_scheme_is_named_in_code() -> None:
    codes = {read_shipped(code).code for code in shipped_codes()} | {code.split("/")[-1] for code in shipped_codes()}
    assert "planning-C-1" in codes
    for folder in ("approval/rules", "approval/services", "approval/views", "workflows", "forms"):
        for path in (CODE / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            found = [code for code in codes if re.search(rf"[\"']{re.escape(code)}[\"']", text)]
            assert not found, f"{path}: {found}"


@pytest.mark.parametrize("code", shipped_codes())
def test_every_scale_table_and_rating_has_a_name_in_both_languages(code: str) -> None:
    policy = read_shipped(code)
    for block in ("scales", "tables", "ratings"):
        for one in policy.raw.get(block, {}).values():
            assert one["zh"]
            assert one["en"]


def test_the_channels_of_s26_hold_the_end_of_a_publication_by_name() -> None:
    channels = tuple(read_shipped("d13-quarterly-bonus").publication["channels"])
    assert channels == ("公司内部公告栏", "电子商务部门的内部沟通平台")
    reviewer = AppraisalFacts(actor=1, subject=2, reviewer=1, publication_ended=True, unposted_channels=channels)
    with pytest.raises(NotAllowed, match="公司内部公告栏、电子商务部门的内部沟通平台"):
        WORKFLOW.decide("publication", "end_publication", reviewer)
    posted = replace(reviewer, unposted_channels=())
    assert WORKFLOW.decide("publication", "end_publication", posted) == "split_approval"


def test_every_step_of_s29_is_followed_by_a_record_and_has_its_word() -> None:
    steps = read_shipped("d14-quarterly-category").raw["process"]["steps"]
    assert tuple(steps) == tuple(MAKERS)
    assert set(steps) <= STEPS.keys() & HINTS.keys()
