"""Words at the edge: Chinese msgids, one English catalogue; reasons of pure code become sentences here."""

from __future__ import annotations

from flask import g, has_request_context, request
from flask_babel import Babel, gettext, ngettext

from approval.rules.refusal import Refused
from workflows.engine import No, NotAllowed

babel = Babel()
LOCALES = ("zh", "en")


def locale() -> str:
    """The language of this answer: the account's, else the cookie's of the sign-in page, else Chinese."""
    if not has_request_context():
        return "zh"
    chosen = getattr(g, "locale", None) or request.cookies.get("locale", "zh")
    return chosen if chosen in LOCALES else "zh"


def babel_locale() -> str:
    """The catalogue of the language: msgids are Chinese, so zh needs none."""
    return {"zh": "zh_Hans_CN", "en": "en"}[locale()]


def said(reason: No | Refused) -> str:
    """One reason in the user's language; parameters that are words themselves are translated too."""
    params = {
        name: gettext(value) if isinstance(value, str) and value else value for name, value in reason.params.items()
    }
    text = gettext(reason.text)
    return str(text % params) if params or "%%" in text else str(text)


def sentences(error: NotAllowed) -> list[str]:
    """Every reason of a refused step, in the user's language."""
    return [said(reason) for reason in error.reasons]


def in_language(zh: str, en: str) -> str:
    """Choose between two given texts of data (names of departments, policies, lines); Chinese where English is missing."""
    return en if locale() == "en" and en else zh


__all__ = ["LOCALES", "babel", "babel_locale", "gettext", "in_language", "locale", "ngettext", "said", "sentences"]
