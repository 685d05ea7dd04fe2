"""create_app: the house put together."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, request
from flask_babel import get_translations
from flask_wtf import CSRFProtect
from sqlalchemy import inspect, select
from werkzeug.wrappers import Response

import approval.views
from approval import config, i18n, login, plurals
from approval.clock import Clock
from approval.db import db, prepare
from approval.models.people import Company
from approval.views import door, errors, page

ROOT = Path(__file__).resolve().parent.parent
CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
csrf = CSRFProtect()


def create_app(settings: config.Settings | None = None, clock: Clock | None = None) -> Flask:
    """Build the app from settings (the environment's by default) and a clock (the machine's by default)."""
    settings = settings or config.from_environment()
    app = Flask("approval", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "approval" / "static"))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=6 * 1024 * 1024,
        MAX_FORM_PARTS=12_000,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        WTF_CSRF_TIME_LIMIT=None,
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
    )
    app.extensions["settings"] = settings
    app.extensions["clock"] = clock or Clock()
    _install(app)
    with app.app_context():
        prepare(db.engine)
        _set_demo_clock(app, given=clock is not None)
    return app


def _install(app: Flask) -> None:
    db.init_app(app)
    csrf.init_app(app)
    i18n.babel.init_app(
        app,
        locale_selector=i18n.babel_locale,
        default_translation_directories=str(ROOT / "approval" / "translations"),
    )
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: get_translations().ugettext(text),
        lambda one, many, n: get_translations().ungettext(one, many, n),
        newstyle=True,
    )
    app.jinja_env.globals["gettext"] = plurals.on_page
    login.install(app)
    errors.install(app)
    page.install(app)
    app.url_map.converters["int"] = door.Key
    app.before_request(door.start_request)
    app.after_request(_headers)
    for name in sorted(module.name for module in pkgutil.iter_modules(approval.views.__path__)):
        blueprint = getattr(importlib.import_module(f"approval.views.{name}"), "blueprint", None)
        if blueprint is not None:
            app.register_blueprint(blueprint)


def _headers(answer: Response) -> Response:
    answer.headers.setdefault("Content-Security-Policy", CSP)
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Referrer-Policy", "same-origin")
    if request.endpoint != "static":
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def _set_demo_clock(app: Flask, *, given: bool) -> None:
    """A demo company lives on its own day, from the moment that it was made."""
    if not inspect(db.engine).has_table("company"):
        return
    company = db.session.scalars(select(Company)).first()
    settings: config.Settings = app.extensions["settings"]
    config.refuse_unsafe(settings, database_is_demo=company is not None and company.demo_day is not None)
    if company is not None and company.demo_day is not None and company.demo_started_at is not None and not given:
        clock: Clock = app.extensions["clock"]
        began = datetime.combine(company.demo_day, time(10), ZoneInfo(company.time_zone))
        clock.offset = began - company.demo_started_at
    db.session.remove()
