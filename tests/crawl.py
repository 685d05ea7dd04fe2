"""Every page that a reader can reach, and what he reads on it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import String, Text, select
from sqlalchemy.orm import Session

from approval.models import Base

SILENT = re.compile(r"<(script|style|template|svg|pre|code|kbd|title)\b.*?</\1>|<!--.*?-->", re.DOTALL)
SPOKEN_ATTRIBUTE = re.compile(r'\b(?:aria-label|title|placeholder|alt|data-l)="([^"]*)"')
TAG = re.compile(r"<[^>]*>")
CHINESE = re.compile(r"[\u3400-\u9fff]+")
LATIN = re.compile(r"[A-Za-z][A-Za-z'’]+")
INITIAL = re.compile(r'<span class="k-av[^"]*"[^>]*>.</span>')
GIVEN = re.compile(r'<(\w+)[^>]*\blang="(?:zh-CN|en)"[^>]*>.*?</\1>', re.DOTALL)


def crawl(client: FlaskClient, most: int = 90) -> dict[str, str]:
    """Every page that somebody can reach from his inbox by links."""
    waiting, seen = deque(["/inbox", "/my/samples", "/team", "/people"]), dict[str, str]()
    while waiting and len(seen) < most:
        path = waiting.popleft()
        if path in seen:
            continue
        answer = client.get(path)
        seen[path] = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        found = re.findall(r'href="(/[^"#]*)"', seen[path])
        waiting.extend(link.replace("&amp;", "&") for link in found if not link.startswith(("/static", "/logout")))
    return seen


def spoken(page: str) -> list[str]:
    """Every piece of text that a page shows or reads out; what is marked as of another language left out."""
    body = INITIAL.sub(" ", GIVEN.sub(" ", SILENT.sub(" ", page.partition("<body")[2].partition(">")[2])))
    pieces = [unescape(one) for one in SPOKEN_ATTRIBUTE.findall(body)] + unescape(TAG.sub("\n", body)).split("\n")
    return [piece.strip() for piece in pieces if piece.strip()]


# Policies, results and records as data: they hold every code and both languages, so on a Chinese page they excuse nothing.
OF_MACHINES = {"source", "record", "lines", "inputs", "choices", "params", "checked", "months"}


def typed_by_people(session: Session, but: Collection[str] = ()) -> str:
    """Everything kept as text: names, notes, reasons, in the language in which somebody wrote them."""
    found: list[str] = []
    for table in Base.metadata.sorted_tables:
        texts = [column for column in table.columns if isinstance(column.type, String | Text)]
        columns = [column for column in texts if column.name not in but]
        for column in columns:
            found.extend(str(one) for one in session.scalars(select(column).distinct()) if one)
    return "\n".join(found)
