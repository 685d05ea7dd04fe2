"""`approval`: the product from the command line; the same services, the same reasons as on the pages."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from flask import Flask
from flask_babel import force_locale, gettext
from sqlalchemy import inspect, select, text

from approval import config, golden
from approval.app import create_app
from approval.clock import machine_time
from approval.db import db
from approval.i18n import said, sentences
from approval.migrations import upgrade
from approval.models.people import Account, Company, Employee
from approval.rules.money import yuan
from approval.rules.policy import chosen, load, shipped_codes, shipped_text
from approval.rules.policy_lint import lints
from approval.rules.refusal import Refused
from approval.services import account, audit, cycle, people, policy
from approval.services.act import SYSTEM, Act, Actor, actor_of
from workflows.engine import NotAllowed

Command = Callable[[argparse.Namespace], int]
Subcommands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
EPILOG = """examples:
  approval init                                      make the tables and the first HR account
  approval demo --reset                              begin the demo company anew
  approval serve --port 8000                         serve on this machine
  approval worker --once                             send the letters that wait
  approval cycle open 电商部 2026-10 --as H0001       open October for a department
  approval calc approval/policies/d17-c1.toml in.json what a policy comes to
  approval golden tests/golden/cases                 run worked cases
  approval audit verify                              walk every chain; exit code 1 where something does not fit
"""


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


def init(args: argparse.Namespace) -> int:
    """Make or migrate the tables; on an empty database also the first account, with a one-time password."""
    app = the_app()
    with app.app_context():
        upgrade(db.engine)
        if db.session.scalars(select(Employee.id)).first() is not None:
            print("tables are up to date")
            return 0
        password = secrets.token_urlsafe(9)
        founder = Act(db.session, Actor(None, frozenset({"hr", "admin"})), now(app))  # type: ignore[arg-type]
        people.found_company(founder, args.company)
        first = people.engage(founder, args.number, args.name, founder.today)
        for office in ("admin", "hr"):
            people.appoint(founder, first, office, founder.today)
        account.open_account(founder, first, password)
        db.session.commit()
        print(f"number {args.number}, one-time password {password}: sign in and change it")
    return 0


def demo(args: argparse.Namespace) -> int:
    """Write the demo company into an empty database; --reset empties the embedded one first."""
    from approval import demo as story

    os.environ.setdefault("APPROVAL_DEMO", "1")
    settings = config.from_environment()
    if args.reset:
        _empty(settings)
    app = create_app(settings)
    with app.app_context():
        upgrade(db.engine)
        if db.session.scalars(select(Company)).first() is not None:
            if args.if_empty:
                return 0
            print("the database is not empty; --reset begins the demo anew", file=sys.stderr)
            return 2
        story.tell(db.session, machine_time())  # type: ignore[arg-type]
        db.session.commit()
    print("the demo company is there")
    return 0


def _empty(settings: config.Settings) -> None:
    """Remove the demo's tables; anything but a demo is refused."""
    app = create_app(settings)
    with app.app_context():
        if inspect(db.engine).has_table("company"):
            company = db.session.scalars(select(Company)).first()
            if company is not None and company.demo_day is None:
                raise Refused("这个数据库里不是演示公司，不能清空", fault="not a demo")
        db.session.remove()
        with db.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            else:
                _drop_sqlite(connection.exec_driver_sql)
        db.engine.dispose()


def _drop_sqlite(run: Callable[[str], Iterable[tuple[str, ...]]]) -> None:
    run("PRAGMA defer_foreign_keys=ON")
    found = list(run("SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'table') ORDER BY type DESC"))
    for kind, name in found:
        if not name.startswith("sqlite_"):
            run(f'DROP {kind} IF EXISTS "{name}"')


def serve(args: argparse.Namespace) -> int:
    """Serve the pages with waitress; the worker for letters runs beside it."""
    from waitress import serve as waitress_serve

    from approval.worker import start_beside

    app = the_app()
    with app.app_context():
        upgrade(db.engine)
        demo_company = (company := db.session.scalars(select(Company)).first()) is not None and company.demo_day
        db.session.remove()
    start_beside(app)
    print(f"approval is at http://{args.host}:{args.port}/", flush=True)
    if demo_company:
        from approval.demo_company import PASSWORD

        print(f"demo accounts are listed on the sign-in page; every password is {PASSWORD}", flush=True)
    waitress_serve(app, host=args.host, port=args.port, threads=8, ident=None)
    return 0


def worker(args: argparse.Namespace) -> int:
    """Send the letters that wait, once or for ever."""
    from approval.worker import run

    run(the_ready_app(), once=args.once)
    return 0


def cycle_open(args: argparse.Namespace) -> int:
    """Open a period for a department, as an HR person."""
    app = the_ready_app()
    with app.app_context():
        act = act_as(app, args.number)
        opening = cycle.open_cycle(act, cycle.department_named(act, args.department), args.period)
        db.session.commit()
        print(f"{opening.created} created, {len(opening.left_out)} left out")
        for one in opening.left_out:
            params = json.loads(one.params)
            print(
                f"  {one.employee.number} {one.employee.name}: {gettext(one.reason) % params if params else gettext(one.reason)}"
            )
    return 0


def calc(args: argparse.Namespace) -> int:
    """Evaluate a policy file on a JSON file of params, inputs and choices, and print each line with its formula."""
    told = json.loads(Path(args.inputs).read_text(encoding="utf-8"))
    result = golden.calc(Path(args.policy).read_text(encoding="utf-8"), told)
    for line in result.lines:
        print(f"{line.code}\t{yuan(line.amount_fen)}\t{line.formula}")
    print(f"total\t{yuan(result.total_fen)}")
    return 0


def run_golden(args: argparse.Namespace) -> int:
    """Run worked cases."""
    return golden.main([args.directory])


def audit_verify(args: argparse.Namespace) -> int:
    """Walk every chain and every row; print each fault, exit 1 where there is one."""
    app = the_ready_app()
    with app.app_context():
        faults = list(audit.verify(db.session))  # type: ignore[arg-type]
    for fault in faults:
        print(f"{fault.stream} #{fault.seq}: {fault.what}")
    print("whole" if not faults else f"{len(faults)} faults")
    return 1 if faults else 0


def reset_password(args: argparse.Namespace) -> int:
    """Give somebody a new one-time password, from the machine itself."""
    app = the_ready_app()
    with app.app_context():
        query = select(Account).join(Employee).where(Employee.number == args.number)
        found = db.session.scalars(query).first()
        if found is None:
            raise Refused("没有工号 %(number)s", fault="unknown number", number=args.number)
        fresh = account.reset_password(Act(db.session, SYSTEM, now(app)), found)  # type: ignore[arg-type]
        db.session.commit()
    print(f"one-time password of {args.number}: {fresh}")
    return 0


def policy_check(args: argparse.Namespace) -> int:
    """Read a policy file and print its lints; exit 1 where one blocks publication."""
    found = lints(chosen(load(Path(args.file).read_text(encoding="utf-8"), args.file), {}))
    for lint in found:
        print(f"{lint.severity}\t{lint.path}\t{lint}")
    return 1 if any(lint.severity == "block" for lint in found) else 0


def policy_shipped(args: argparse.Namespace) -> int:
    """List the shipped policies, or keep one as a draft of the company's own."""
    if args.draft is None:
        print("\n".join(shipped_codes()))
        return 0
    app = the_ready_app()
    with app.app_context():
        version = policy.draft_policy(act_as(app, args.number), shipped_text(args.draft))
        db.session.commit()
        print(f"draft {version.code}/{version.number}")
    return 0


def parser() -> argparse.ArgumentParser:
    """The commands with their help."""
    top = argparse.ArgumentParser(
        "approval", description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of reasons (default: zh)")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str, command: Command, under: argparse._SubParsersAction[argparse.ArgumentParser] = commands
    ) -> argparse.ArgumentParser:
        made = under.add_parser(name, help=(command.__doc__ or "").split("\n")[0], description=command.__doc__)
        made.set_defaults(command=command)
        return made

    made = add("init", init)
    made.add_argument("--company", default="公司", help="name of the company")
    made.add_argument("--number", default="H0001", help="number of the first HR person")
    made.add_argument("--name", default="人事管理员", help="name of the first HR person")
    made = add("demo", demo)
    made.add_argument("--reset", action="store_true", help="empty the demo database first")
    made.add_argument("--if-empty", action="store_true", help="do nothing where there is a company already")
    made = add("serve", serve)
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    add("worker", worker).add_argument("--once", action="store_true", help="send what waits now, then stop")
    cycles = commands.add_parser("cycle", help="months of departments").add_subparsers(required=True, metavar="COMMAND")
    made = add("open", cycle_open, cycles)
    made.add_argument("department")
    made.add_argument("period", help="such as 2026-10")
    made.add_argument("--as", dest="number", required=True, help="employee number of the HR person who opens it")
    made = add("calc", calc)
    made.add_argument("policy")
    made.add_argument("inputs", help='JSON: {"params": {}, "inputs": {}, "choices": {}}')
    add("golden", run_golden).add_argument("directory")
    audits = commands.add_parser("audit", help="the audit trail").add_subparsers(required=True, metavar="COMMAND")
    add("verify", audit_verify, audits)
    add("reset-password", reset_password).add_argument("number")
    policies = commands.add_parser("policy", help="policies as data").add_subparsers(required=True, metavar="COMMAND")
    add("check", policy_check, policies).add_argument("file")
    made = add("shipped", policy_shipped, policies)
    made.add_argument("--draft", help="keep this shipped policy as a draft")
    made.add_argument("--as", dest="number", default="H0001")
    return top


def reasons(error: Refused | NotAllowed, language: str) -> list[str]:
    """Why a command was refused, in words: the same as on the pages."""
    app = Flask("approval.cli")
    from approval.app import ROOT
    from approval.i18n import babel

    babel.init_app(app, default_translation_directories=str(ROOT / "approval" / "translations"))
    with app.test_request_context(), force_locale({"zh": "zh_Hans_CN", "en": "en"}[language]):
        return [said(error)] if isinstance(error, Refused) else sentences(error)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 2 where it was refused, with the reasons."""
    args = parser().parse_args(argv)
    try:
        return int(args.command(args))
    except (Refused, NotAllowed) as error:
        for reason in reasons(error, args.lang):
            print(reason, file=sys.stderr)
        return 2
    except config.Unsafe as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
