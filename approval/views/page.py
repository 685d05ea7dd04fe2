"""What every page shows around its content: navigation by role, the person, the banner; and how values are printed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext as _
from sqlalchemy import and_, func, select, true

from approval.db import db
from approval.i18n import in_language, locale, own_name, said, week_text
from approval.login import signed_in
from approval.models.appraisal import Appraisal
from approval.models.outbox import OutboxMessage
from approval.models.people import Company, Employee, Employment, Position, in_force
from approval.rules import money
from approval.views import door

ZONE = ZoneInfo("Asia/Shanghai")
PART_OF = (
    dict.fromkeys(
        (
            *("what_if", "policy_compare", "policy_edit", "policy_figures", "policy_check", "policy_notice"),
            *("countersign", "kpi_library", "pay_lines", "policy_blank"),
        ),
        "policy",
    )
    | dict.fromkeys(("coaching", "post_standard", "protection"), "people")
    | {"week_plan": "target"}
)
WATCH = ("general_manager", "hr", "auditor")
OWN_TABS = ("inbox.inbox", "appraisal.my_months", "payslip.my_payslips")
WORK_TABS = (
    *("bonus_pool.approvals", "review.departments", "bonus_pool.pools", "payout.payouts", "cycle.cycles"),
    *("sampling.weeks", "audit.audit", "imports.imports", "appraisal.team", "people.people"),
)
REST_TABS = ("publication.publications", "policy.policies")
TABS = 4
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@dataclass(frozen=True)
class NavItem:
    url: str
    icon: str
    label: str
    count: int = 0
    hot: bool = False
    current: bool = False
    endpoint: str = ""


def local(moment: datetime) -> datetime:
    """A moment in the company's zone."""
    return moment.astimezone(ZONE)


def day_text(day: date) -> str:
    """10月6日（周二） in Chinese, with the year where it is not this year; 2026-10-06 (Tue) in English."""
    if locale() == "en":
        return day.strftime("%Y-%m-%d (%a)")
    return f"{_year(day)}{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def moment_text(moment: datetime) -> str:
    """10月6日 18:20, with the year where it is not this year."""
    here = local(moment)
    if locale() == "en":
        return here.strftime("%Y-%m-%d %H:%M")
    return f"{_year(here)}{here.month}月{here.day}日 {here:%H:%M}"


def _year(day: date) -> str:
    return "" if day.year == door.act().today.year else f"{day.year}年"


def dated_text(moment: datetime) -> str:
    """2026-10-06: a day as paper keeps it, with its year."""
    return local(moment).date().isoformat()


def period_text(period: str) -> str:
    """2026年10月, 2026年第3季度, 2026年度; in English 2026-10, 2026 Q3, 2026."""
    year, _dash, part = period.partition("-")
    if locale() == "en":
        return period.replace("-Q", " Q")
    if part.startswith("Q"):
        return str(_("%(year)s年第%(n)s季度", year=year, n=part[1:]))
    return f"{int(year)}年{int(part)}月" if part else str(_("%(year)s年度", year=year))


def number_text(value: Decimal | None, places: int | None = 2) -> str:
    """A score or a figure: `places` or as many more as it has, without trailing zeros where None; — where there is none.

    A digit is never hidden: a score that is not rounded decides with all of its places, so all are shown (A-34).
    """
    if value is None:
        return "—"
    text = format(value, "f")
    short = text.rstrip("0").rstrip(".") if "." in text else text
    if places is None:
        return short
    return short if len(short.partition(".")[2]) > places else f"{value:.{places}f}"


def rate_text(value: Fraction) -> str:
    """An exact rate as a percentage with one place, rounded half up once: 0.955 as 95.5%."""
    return f"{Decimal(money.half_up(value * 1000)).scaleb(-1)}%"


def remaining_text(due: date) -> tuple[str, bool]:
    """How long until a day ends, and whether it has passed."""
    days = (due - door.act().today).days
    if days < 0:
        return (_("已逾期 1 天") if days == -1 else _("已逾期 %(n)s 天", n=-days)), True
    near = {0: _("今天截止"), 1: _("还有 1 天")}
    return near.get(days) or _("还有 %(n)s 天", n=days), False


def _frame() -> Any:
    """What the frame of every page asks, in one statement: company, own post, unread letters, own months and people."""
    act = door.act()
    me, post = act.person, in_force(act.today, Employment.from_on, Employment.to_on)
    unread = select(func.count()).select_from(OutboxMessage)
    unread = unread.where(OutboxMessage.employee_id == me, OutboxMessage.read_at.is_(None))
    query = (
        select(
            Company,
            Position,
            unread.scalar_subquery().label("unread"),
            select(Appraisal.id).where(Appraisal.employee_id == me).exists().label("appraised"),
            select(Appraisal.id).where(Appraisal.supervisor_id == me).exists().label("supervises"),
        )
        .select_from(Employee)
        .outerjoin(Employment, and_(Employment.employee_id == Employee.id, post))
        .outerjoin(Position, Position.id == Employment.position_id)
        .outerjoin(Company, true())
    )
    return db.session.execute(query.where(Employee.id == me)).first()


def _nav(appraised: bool, supervises: bool) -> list[NavItem]:
    actor = door.act().actor
    rows: list[tuple[bool, str, str, str]] = [
        (True, "inbox.inbox", "clipboard-check", _("待办")),
        (appraised, "appraisal.my_months", "clipboard-list", _("我的考核")),
        (appraised, "payslip.my_payslips", "receipt", _("工资条")),
        (supervises, "sampling.weeks", "dice-5", _("每周抽查")),
        (supervises, "appraisal.team", "users", _("我的团队")),
        (bool(actor.headed) or actor.holds("general_manager"), "review.departments", "circle-check", _("复核")),
        (bool(actor.headed), "bonus_pool.pools", "wallet", _("奖金分配")),
        (actor.holds("general_manager"), "bonus_pool.approvals", "hand-stop", _("待我批准")),
        (
            supervises or bool(actor.headed) or actor.holds(*WATCH),
            "feedback.feedbacks",
            "message",
            _("一对一反馈"),
        ),
        (appraised or bool(actor.offices), "publication.publications", "bell", _("公示")),
        (appraised or bool(actor.headed) or actor.holds(*WATCH), "target.targets", "trending-up", _("目标")),
        (actor.holds("hr") or bool(actor.headed), "objection.objections", "message", _("异议处理")),
        (
            actor.holds("hr", "general_manager", "gm_office", "auditor", "performance_admin"),
            "cycle.cycles",
            "history",
            _("考核周期"),
        ),
        (actor.holds("hr", "finance", "data") or bool(actor.headed), "imports.imports", "upload", _("导入")),
        (actor.holds("finance", "general_manager", "hr", "auditor"), "payout.payouts", "cash", _("发放批次")),
        (actor.holds("hr"), "guard.minimum_wages", "alert-triangle", _("法定提示")),
        (actor.holds("hr", "general_manager", "gm_office", "auditor"), "people.people", "user", _("人员")),
        (True, "policy.policies", "file-text", _("考核方案")),
        (actor.holds("hr", "general_manager") or bool(actor.headed), "advice.advices", "alert-triangle", _("建议")),
        (actor.holds("auditor", "general_manager", "hr"), "audit.audit", "shield-check", _("审计记录")),
    ]
    here = (request.endpoint or "").split(".")[0]
    here = PART_OF.get(here, here)
    known = current_app.view_functions
    return [
        NavItem(
            url_for(endpoint),
            icon,
            label,
            current=endpoint == request.endpoint or _same(endpoint, here, rows),
            endpoint=endpoint,
        )
        for shown, endpoint, icon, label in rows
        if shown and endpoint in known
    ]


def _same(endpoint: str, here: str, rows: list[tuple[bool, str, str, str]]) -> bool:
    """Mark the first item of the open page's blueprint where the page itself is no item."""
    if request.endpoint in {row[1] for row in rows}:
        return False
    first = next((row[1] for row in rows if row[0] and row[1].split(".")[0] == here), None)
    return endpoint == first


def phone_tabs(nav: Sequence[NavItem]) -> list[NavItem]:
    """The four pages at the foot of a phone: the inbox, two of the reader's work, his own months; the rest is in the menu."""
    shown = {one.endpoint: one for one in nav}
    work = [code for code in WORK_TABS if code in shown]
    wanted = [OWN_TABS[0], *work[:2], *(code for code in OWN_TABS[1:] if code in shown), *work[2:], *REST_TABS]
    return [shown[code] for code in wanted if code in shown][:TABS]


def _me(employee: Employee, position: Position | None) -> dict[str, str]:
    title = in_language(position.name, position.name_en) if position else ""
    return {"name": employee.name, "number": employee.number, "post": title, "initial": employee.name[:1]}


def _context() -> dict[str, Any]:
    user = signed_in()
    shared: dict[str, Any] = {
        "locale": locale(),
        "signed_in": user is not None,
        "nav": [],
        "tabs": [],
        "me": {},
        "banner": "",
        "me_offices": frozenset(),
    }
    if user is None or g.get("without_nav"):
        return shared
    frame = _frame()
    company = frame.Company
    banner = (
        _("演示公司：今天是 %(day)s。数据均为虚构。", day=day_text(door.act().today))
        if company and company.demo_day
        else ""
    )
    offices = door.act().actor.offices
    nav = _nav(frame.appraised, frame.supervises)
    return shared | {
        "nav": nav,
        "tabs": phone_tabs(nav),
        "me": _me(user.account.employee, frame.Position),
        "me_offices": offices,
        "banner": banner,
        "unread": frame.unread,
        "company": company,
    }


def post_name(position: Position) -> str:
    """A position's code and name; a code that is itself a word is not said twice."""
    name = in_language(position.name, position.name_en)
    return f"{position.code} {name}" if position.code.isascii() else name


def shown_params(params: dict[str, Any]) -> dict[str, Any]:
    """The params of a sentence as people read them: a month as a month, a day as a day."""
    shown = dict(params)
    if "period" in shown:
        shown["period"] = period_text(str(shown["period"]))
    if "monday" in shown:
        shown["monday"] = day_text(date.fromisoformat(str(shown["monday"])))
    for key in ("department", "position", "name"):
        if key in shown:
            shown[key] = own_name(_(str(shown[key])))
    if "channels" in shown:
        shown["channels"] = str(_("、")).join(own_name(_(one)) for one in str(shown["channels"]).split("、"))
    return shown


def letter_text(message: OutboxMessage) -> str:
    """A letter's subject in the reader's language."""
    text, params = _(message.subject), shown_params(json.loads(message.params))
    return str(text % params) if params else str(text)


def basis(rules: Sequence[str]) -> str:
    """The ids of the rules that something rests on; a rule of the company's own says so."""
    return " · ".join(str(_("公司自定")) if one == "company" else one for one in rules)


def page_above(crumbs: str) -> str:
    """Where the last link of the crumbs leads: a phone shows no crumbs, so its back arrow goes there; "" without one."""
    return unescape((re.findall(r'href="([^"]*)"', str(crumbs)) or [""])[-1])


def install(app: Flask) -> None:
    """Register filters and the context of every page."""
    filters: dict[str, Callable[..., Any]] = {
        "money": money.display,
        "percent": rate_text,
        "basis": basis,
        "page_above": page_above,
        "yuan": money.yuan,
        "in_words": money.in_words,
        "day": day_text,
        "moment": moment_text,
        "dated": dated_text,
        "period": period_text,
        "week": week_text,
        "post_name": post_name,
        "number": number_text,
        "said": said,
        "letter": letter_text,
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.globals.update(
        in_language=in_language, remaining=remaining_text, once_key=door.new_key, timedelta=timedelta
    )
    app.context_processor(_context)
