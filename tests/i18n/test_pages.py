"""No Chinese of ours on an English page, no English on a Chinese one: every page that somebody can reach, in both languages."""

from __future__ import annotations

from sqlalchemy import select

from approval import words
from approval.demo_company import PASSWORD
from approval.models.people import Department, Position
from approval.rules.policy import read_shipped, shipped_codes
from approval.rules.policy_lint import lints
from approval.rules.work_time import work_time_lints
from tests.app_fixtures import World
from tests.crawl import CHINESE, LATIN, OF_MACHINES, crawl, spoken, typed_by_people
from tests.demo_world import READERS

# What a Chinese page writes in Latin letters: units of the trade, kinds of files, methods of proof.
SAME = {"EN", "English", "KPI", "Excel", "CSV", "TOML", "toml", "JSON", "SHA", "HMAC", "KH", "GZ", "xlsx", "csv"}


def pieces(company: World, language: str) -> dict[str, str]:
    """Every piece of text that the readers meet, with one page where it stands."""
    found: dict[str, str] = {}
    for number in READERS:
        browser = company.sign_in(number, PASSWORD)
        browser.get("/inbox")
        browser.post("/language", {"locale": language, "next": "/inbox"})
        for path, page in crawl(browser.client, 70).items():
            found |= dict.fromkeys(spoken(page), f"{number} {path}")
    return found


def test_an_english_page_shows_no_chinese_but_what_people_wrote(company: World) -> None:
    typed = typed_by_people(company.session)
    ours = {word for word in words.msgids() if words.CHINESE.search(word)}
    named = [kind.name for kind in (Department, Position)]
    ours |= {name for column in named for name in company.session.scalars(select(column))}
    wrong = {
        piece: page
        for piece, page in pieces(company, "en").items()
        if piece not in typed or piece in ours
        if any(run not in typed or run in ours for run in CHINESE.findall(piece))
    }
    assert wrong == {}


def test_a_chinese_page_shows_no_english_but_codes(company: World) -> None:
    codes = [word for code in shipped_codes() for word in (code, read_shipped(code).code)]
    codes += ["scope.departments"]  # the path of what a company has not entered yet
    shipped = [read_shipped(code) for code in shipped_codes()]
    codes += [lint.path for one in shipped for lint in (*lints(one), *work_time_lints(one))]
    typed = typed_by_people(company.session, OF_MACHINES) + " ".join(codes)
    wrong = {
        piece: page
        for piece, page in pieces(company, "zh").items()
        if any(run not in typed and run not in SAME for run in LATIN.findall(piece))
    }
    assert wrong == {}
