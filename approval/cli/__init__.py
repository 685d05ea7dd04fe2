"""`approval`: the product from the command line; the same services, the same reasons as on the pages."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TypeAlias

from approval import config
from approval.cli import daily, founding, what_if
from approval.cli.founding import FOUNDER, begin
from approval.cli.ground import reasons
from approval.rules.refusal import Refused
from workflows.engine import NotAllowed

__all__ = ["FOUNDER", "begin", "main", "parser"]

Command = Callable[[argparse.Namespace], int]
Group: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
OVERVIEW = """examples:
  approval init                                      make the tables and the first HR account
  approval demo --reset                              begin the demo company anew
  approval serve --port 8000                         serve on this machine
  approval worker --once                             send the letters that wait
  approval cycle open 电商部 2026-10 --as H0001       open October for a department
  approval calc approval/policies/d17-c1.toml in.json what a policy comes to
  approval what-if planning-C-1 --period 2026-09     what a version would have cost
  approval golden tests/golden/cases                 run worked cases
  approval audit verify                              walk every chain; exit code 1 where something does not fit

exit codes: 0 done, 1 something does not hold (a fault, a failed case, a blocking lint), 2 refused, with the reasons
"""


def _add(under: Group, name: str, command: Command, *examples: str) -> argparse.ArgumentParser:
    """A command with its sentence and its examples."""
    told = (command.__doc__ or "").strip()
    made = under.add_parser(
        name,
        help=told,
        description=told,
        epilog="examples:\n" + "\n".join(f"  approval {one}" for one in examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.set_defaults(command=command)
    return made


def _group(under: Group, name: str, told: str) -> Group:
    return under.add_parser(name, help=told, description=told).add_subparsers(required=True, metavar="COMMAND")


def parser() -> argparse.ArgumentParser:
    """The commands with their help."""
    top = argparse.ArgumentParser(
        "approval", description=__doc__, epilog=OVERVIEW, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    top.add_argument("--lang", choices=("zh", "en"), default="zh", help="language of reasons (default: zh)")
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _founding(commands)
    _running(commands)
    _computing(commands)
    made = _add(_group(commands, "audit", "the audit trail"), "verify", daily.audit_verify, "audit verify")
    made = _add(commands, "reset-password", daily.reset_password, "reset-password E1043")
    made.add_argument("number", help="employee number")
    return top


def _founding(commands: Group) -> None:
    examples = ("init", "init --company 鹭江电商 --number H0001 --name 何静")
    made = _add(commands, "init", founding.init, *examples)
    made.add_argument("--company", default="公司", help="name of the company")
    made.add_argument("--number", default="H0001", help="number of the first HR person")
    made.add_argument("--name", default="人事管理员", help="name of the first HR person")
    made = _add(commands, "demo", founding.demo, "demo", "demo --reset", "demo --if-empty")
    made.add_argument("--reset", action="store_true", help="empty the demo database first")
    made.add_argument("--if-empty", action="store_true", help="do nothing where there is a company already")


def _running(commands: Group) -> None:
    made = _add(commands, "serve", daily.serve, "serve", "serve --host 0.0.0.0 --port 8080")
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
    made = _add(commands, "worker", daily.worker, "worker", "worker --once")
    made.add_argument("--once", action="store_true", help="send what waits now, then stop")
    cycles = _group(commands, "cycle", "months of departments")
    made = _add(cycles, "open", daily.cycle_open, "cycle open 电商部 2026-10 --as H0001")
    made.add_argument("department")
    made.add_argument("period", help="such as 2026-10")
    made.add_argument("--as", dest="number", required=True, help="employee number of the HR person who opens it")


def _computing(commands: Group) -> None:
    example = """calc approval/policies/d17-c1.toml october.json

october.json, amounts in yuan as text:
  {"params": {"base": "3000"},
   "inputs": {"score": "82", "scheduled": "18", "actual": "18", "late": "0", "early": "0", "leave": "0",
              "absent_days": "0", "special": "0"},
   "choices": {}}"""
    made = _add(commands, "calc", daily.calc, example)
    made.add_argument("policy", help="a policy file (TOML)")
    made.add_argument("inputs", help="a JSON file with params, inputs and choices")
    made = _add(commands, "golden", daily.run_golden, "golden tests/golden/cases")
    made.add_argument("directory", help="a folder of case files (JSON)")
    _what_if(commands)
    policies = _group(commands, "policy", "policies as data")
    made = _add(policies, "check", daily.policy_check, "policy check approval/policies/d17-c1.toml")
    made.add_argument("file", help="a policy file (TOML)")
    made = _add(policies, "shipped", daily.policy_shipped, "policy shipped", "policy shipped --draft d17-c1 --as H0001")
    made.add_argument("--draft", metavar="CODE", help="keep this shipped policy as a draft of the company's own")
    made.add_argument("--as", dest="number", default="H0001", help="employee number of who drafts it")


def _what_if(commands: Group) -> None:
    examples = (
        "what-if planning-C-1 --version 2 --period 2026-09 --period 2026-10",
        "what-if planning-C-1 --period 2026-10 --reading tiers=ladder90 --department 策划部 --json",
    )
    made = _add(commands, "what-if", what_if.what_if, *examples)
    made.add_argument("code", help="code of a policy of the company")
    made.add_argument("--version", type=int, metavar="N", help="which version (default: the newest)")
    made.add_argument("--period", action="append", required=True, help="a finished period such as 2026-09; repeatable")
    made.add_argument("--reading", action="append", default=[], metavar="OPTION=CHOICE", help="another reading")
    made.add_argument("--department", default="", help="a department with its units (default: all)")
    made.add_argument("--json", action="store_true", help="print the whole answer as JSON, money in fen")
    made.add_argument("--as", dest="number", help="employee number of who asks (default: the machine itself)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 2 where it was refused, with the reasons."""
    args = parser().parse_args(argv)
    try:
        return int(args.command(args))
    except (Refused, NotAllowed) as error:
        for reason in reasons(error, args.lang):
            print(reason, file=sys.stderr)
    except config.Unsafe as error:
        print(error, file=sys.stderr)
    return 2
