"""Commands of every day: serving, sending, opening a month, computing, verifying."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from sqlalchemy import func, select

from approval import golden
from approval.cli.ground import act_as, in_words, now, read, the_app, the_ready_app
from approval.db import db
from approval.i18n import said
from approval.migrations import upgrade
from approval.models.audit import AuditEntry
from approval.models.people import Account, Company, Employee
from approval.rules.money import yuan
from approval.rules.policy import chosen, load, shipped_codes, shipped_text
from approval.rules.policy_lint import lints
from approval.rules.refusal import Refused
from approval.rules.work_time import work_time_lints
from approval.services import account, audit, cycle, policy, recount
from approval.services.act import SYSTEM, Act
from workflows.engine import No


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
    with in_words(app, args.lang):
        act = act_as(app, args.number)
        opening = cycle.open_cycle(act, cycle.department_named(act, args.department), args.period)
        db.session.commit()
        print(f"{opening.created} created, {len(opening.left_out)} left out")
        for one in opening.left_out:
            why = said(No(one.reason, **json.loads(one.params)))
            print(f"  {one.employee.number} {one.employee.name}: {why}")
    return 0


def calc(args: argparse.Namespace) -> int:
    """Evaluate a policy file on a JSON file of params, inputs and choices, and print each line with its formula."""
    result = golden.calc(Path(args.policy), Path(args.inputs))
    for line in result.lines:
        print(f"{line.code}\t{yuan(line.amount_fen)}\t{line.formula}")
    print(f"total\t{yuan(result.total_fen)}")
    return 0


def run_golden(args: argparse.Namespace) -> int:
    """Run worked cases."""
    return golden.main([args.directory])


def audit_verify(args: argparse.Namespace) -> int:
    """Walk every chain and every row, compute every pay result again; print each fault, exit 1 where there is one."""
    app, found = the_ready_app(), 0
    with in_words(app, args.lang):
        for fault in audit.verify(db.session):  # type: ignore[arg-type]
            found += 1
            print(f"{fault.stream} #{fault.seq}: {said(fault.what)}")
        for one in recount.recount(db.session):  # type: ignore[arg-type]
            found += 1
            counted = "?" if one.counted_fen is None else yuan(one.counted_fen)
            print(f"{one.employee} {one.period}: {yuan(one.kept_fen)} kept, {counted} counted again")
            print("".join(f"  {said(fault)}\n" for fault in one.faults), end="")
        entries = db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0
        results = recount.results(db.session)  # type: ignore[arg-type]
    print(f"{found} faults" if found else f"{entries} entries whole, {results} pay results counted again to the fen")
    return 1 if found else 0


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
    policy = chosen(load(read(args.file), args.file), {})
    found = (*lints(policy), *work_time_lints(policy))
    for lint in found:
        print(f"{lint.severity}\t{lint.path}\t{lint}")
    print(f"{len(found)} lints")
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
