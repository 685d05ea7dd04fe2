"""What every command stands on: the app of the environment, who gives the command, and the language of its words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from flask import Flask, g
from flask_babel import force_locale
from sqlalchemy import inspect, select

from approval import config
from approval.app import ROOT, create_app
from approval.db import db
from approval.i18n import babel, said, sentences
from approval.models.people import Employee
from approval.rules.refusal import Refused
from approval.services.act import SYSTEM, Act, actor_of
from workflows.engine import NotAllowed

LOCALES = {"zh": "zh_Hans_CN", "en": "en"}


def now(app: Flask) -> datetime:
    return app.extensions["clock"].now()  # type: ignore[no-any-return]


def act_as(app: Flask, number: str) -> Act:
    """The act of an employee who gives a command by hand; he needs the same office as on the page."""
    employee = db.session.scalars(select(Employee).where(Employee.number == number)).first()
    if employee is None:
        raise Refused("没有工号 %(number)s", fault="unknown number", number=number)
    moment = now(app)
    without = Act(db.session, SYSTEM, moment)  # type: ignore[arg-type]
    return Act(without.session, actor_of(without.session, employee.id, without.today), moment)


def the_app() -> Flask:
    """The app on the settings of the environment."""
    return create_app(config.from_environment())


def the_ready_app() -> Flask:
    """The app on a database that has its tables."""
    app = the_app()
    with app.app_context():
        if not inspect(db.engine).has_table("company"):
            raise Refused("数据库里还没有表；请先运行 approval init", fault="no tables")
    return app


@contextmanager
def in_words(app: Flask, language: str) -> Iterator[None]:
    """Work inside the app in a language: what is said reads as on the pages."""
    with app.test_request_context(), force_locale(LOCALES[language]):
        g.locale = language
        yield


def reasons(error: Refused | NotAllowed, language: str) -> list[str]:
    """Why a command was refused, in words; needs no database."""
    app = Flask("approval.cli")
    babel.init_app(app, default_translation_directories=str(ROOT / "approval" / "translations"))
    with in_words(app, language):
        return [said(error)] if isinstance(error, Refused) else sentences(error)


def read(path: str) -> str:
    """The text of a file that was named on the command line."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("读不到文件 %(name)s：%(error)s", fault="cannot be read", name=path, error=str(error)) from None
