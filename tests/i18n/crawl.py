"""What a reader sees of a page, as text: for asking in which language it speaks."""

from __future__ import annotations

import re
from html import unescape

from sqlalchemy import String, Text, select
from sqlalchemy.orm import Session

from approval.models import Base

SILENT = re.compile(r"<(script|style|template|svg|pre|code|title)\b.*?</\1>|<!--.*?-->", re.DOTALL)
SPOKEN_ATTRIBUTE = re.compile(r'\b(?:aria-label|title|placeholder|alt|data-l)="([^"]*)"')
TAG = re.compile(r"<[^>]*>")
CHINESE = re.compile(r"[\u3400-\u9fff]+")
LATIN = re.compile(r"[A-Za-z][A-Za-z'’]+")
GIVEN = re.compile(r'<(\w+)[^>]*\blang="zh"[^>]*>.*?</\1>', re.DOTALL)


def spoken(page: str) -> list[str]:
    """Every piece of text that a page shows or reads out; what is marked as a Chinese original (lang="zh") left out."""
    body = GIVEN.sub(" ", SILENT.sub(" ", page.partition("<body")[2]))
    pieces = [unescape(one) for one in SPOKEN_ATTRIBUTE.findall(body)] + unescape(TAG.sub("\n", body)).split("\n")
    return [piece.strip() for piece in pieces if piece.strip()]


def typed_by_people(session: Session) -> str:
    """Everything kept as text: names, notes, reasons, in the language in which somebody wrote them."""
    found: list[str] = []
    for table in Base.metadata.sorted_tables:
        columns = [column for column in table.columns if isinstance(column.type, String | Text)]
        for column in columns:
            found.extend(str(one) for one in session.scalars(select(column).distinct()) if one)
    return "\n".join(found)
