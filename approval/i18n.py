"""Words at the edge: Chinese msgids, one English catalogue; reasons of pure code become sentences here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol, cast

from flask import g, has_request_context, request
from flask_babel import gettext
from sqlalchemy import select

from approval.db import db
from approval.models.people import Department, Position
from approval.plurals import Languages, agreed
from approval.rules.explanation import Name
from workflows.engine import NotAllowed, Reasons

babel = Languages()
LOCALES = ("zh", "en")
DIGITS = "[0-9]+"
WEEK = re.compile(f"第({DIGITS})周")


class Reason(Protocol):
    """A sentence of pure code: a Chinese msgid and its parameters (Refused, No, a policy's Lint)."""

    @property
    def text(self) -> str: ...

    @property
    def params(self) -> Mapping[str, object]: ...


def locale() -> str:
    """The language of this answer: the account's, else the cookie's of the sign-in page, else Chinese."""
    if not has_request_context():
        return "zh"
    chosen = getattr(g, "locale", None) or request.cookies.get("locale", "zh")
    return chosen if chosen in LOCALES else "zh"


def babel_locale() -> str:
    """The catalogue of the language: msgids are Chinese, so zh needs none."""
    return {"zh": "zh_Hans_CN", "en": "en"}[locale()]


def said(reason: Reason) -> str:
    """One reason in the user's language; parameters that are words themselves are translated too."""
    params = {name: _word(value) if isinstance(value, str) else value for name, value in reason.params.items()}
    text = gettext(reason.text)
    return str(agreed(text, params) % params) if params or "%%" in text else str(text)


def _word(value: str) -> str:
    """A parameter in the reader's language; several names in one, and several reasons, are told one by one."""
    if isinstance(value, Reasons):
        return str(gettext("；")).join(
            one if isinstance(one, str) else said(cast(Reason, one)) for one in value.reasons
        )
    if isinstance(value, Name) and value.en and locale() == "en":
        return value.en
    names = [own_name(str(gettext(one)) if one else one) for one in value.split("、")]
    return week_text(str(gettext("、")).join(names))


def own_name(name: str) -> str:
    """A department's or position's name in the reader's language, where the company gave it one."""
    if locale() != "en":
        return name
    if "own_names" not in g:
        pairs = [row for kind in (Department, Position) for row in db.session.execute(select(kind.name, kind.name_en))]
        g.own_names = {zh: en for zh, en in pairs if en}
    return str(g.own_names.get(name, name))


def week_text(label: str) -> str:
    """The weeks named in a text (第40周) in the reader's language."""
    return WEEK.sub(lambda found: str(gettext("第%(n)s周", n=found[1])), label)


def sentences(error: NotAllowed) -> list[str]:
    """Every reason of a refused step, in the user's language."""
    return [said(reason) for reason in error.reasons]


def in_language(zh: str, en: str) -> str:
    """Choose between two given texts of data (names of departments, policies, lines); Chinese where English is missing."""
    return en if locale() == "en" and en else zh
