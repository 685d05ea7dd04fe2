"""No Chinese of ours on an English page, no English on a Chinese one: every page that somebody can reach, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from approval import demo, words
from approval.app import create_app
from approval.clock import machine_time
from approval.config import Settings
from approval.db import db
from approval.demo_company import PASSWORD
from approval.migrations import upgrade
from approval.models.people import Department, Position
from approval.rules.policy import read_shipped, shipped_codes
from tests.app_fixtures import ZONE, OutsideClient, TestClock, World
from tests.crawl import CHINESE, LATIN, crawl, spoken, typed_by_people

READERS = {one: one for one in ("E1043", "S0207", "D0012", "G0001", "H0001", "F0001", "A0001", "D0009")}
# What a Chinese page writes in Latin letters: units of the trade, kinds of files, methods of proof.
SAME = {"EN", "English", "KPI", "Excel", "CSV", "TOML", "toml", "JSON", "SHA", "HMAC", "KH", "xlsx", "csv"}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The demo company, whose departments and positions have English names."""
    folder = Path(tmp_path_factory.mktemp("demo"))
    settings = Settings(f"sqlite:///{folder}/demo.db", "x" * 40, folder, demo=True)
    app = create_app(settings)
    with app.app_context():
        upgrade(db.engine)
        demo.tell(db.session, machine_time())  # type: ignore[arg-type]
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    app = create_app(settings)
    app.testing = True
    app.test_client_class = OutsideClient
    with app.app_context():
        yield World(app, TestClock(datetime(2026, 11, 5, 10, tzinfo=ZONE)), READERS)
        db.session.remove()
        db.engine.dispose()


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
    typed = typed_by_people(company.session) + " ".join(codes)
    wrong = {
        piece: page
        for piece, page in pieces(company, "zh").items()
        if any(run not in typed and run not in SAME for run in LATIN.findall(piece))
    }
    assert wrong == {}
