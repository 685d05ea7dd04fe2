"""Mutation testing of approval/rules: `python -m benchmarks.mutation [--jobs 2] [--module score,money] [--sample 300]`.

Changes one thing at a time and runs the tests of the rules and the worked cases that come past it until one fails. A change
inside a function is put in place in a child of a process that has all loaded; any other is tried in a child that loads it again.
A change that no test notices is listed as a survivor.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.pool import ThreadPool
from pathlib import Path

from .mutant_afresh import ARGUMENTS, IMPORTS, ROOT, TESTS, load_what_is_not_ours, tried_afresh
from .mutants import RULES, Mutant, mutants_of

# Data and words: the columns of sheets and what a schema says of them decide no number.
LEFT_OUT = {"__init__", "sheet_catalogue", "policy_doc", "policy_schema", "policy_keys"}
SECONDS = 900  # of the processor: a change that needs more runs without an end, and counts as noticed


def chosen(modules: str, sample: int, seed: int = 1) -> list[Mutant]:
    """The mutants of these modules (names with commas, "" for all), or a sample of them, in an order drawn by a fixed seed."""
    names = {one.strip() for one in modules.split(",") if one.strip()}
    paths = [one for one in sorted(RULES.glob("*.py")) if one.stem not in LEFT_OUT and (not names or one.stem in names)]
    if missing := names - {one.stem for one in paths}:
        sys.exit(f"no such module, or one that is left out: {', '.join(sorted(missing))}")
    found = [mutant for path in paths for mutant in mutants_of(path)]
    return random.Random(seed).sample(found, min(sample or len(found), len(found)))  # noqa: S311  (no secret)


def in_place(mutants: list[Mutant], jobs: int) -> Iterator[tuple[Mutant, str | None]]:
    """Each mutant with what noticed it: a test, "" for none; None where it takes effect outside of functions.

    In a process of its own, so that nothing of ours is loaded in this one.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w", buffering=1) as to:
            _run_in_place(mutants, jobs, lambda mutant, said: print(json.dumps([*mutant, said]), file=to))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        for line in told:
            *mutant, said = json.loads(line)
            yield Mutant(*mutant), said
    if os.waitpid(child, 0)[1]:
        sys.exit("the tests fail on the unchanged rules")


def _run_in_place(mutants: list[Mutant], jobs: int, told: Callable[[Mutant, str | None], None]) -> None:
    import pytest

    import tests.conftest  # noqa: F401  (for its profiles of hypothesis)

    from .mutant_in_place import InPlace

    pytest.main([*ARGUMENTS, *IMPORTS, *map(str, TESTS)], plugins=[InPlace(mutants, jobs, told)])


def afresh(mutants: list[Mutant], jobs: int, seconds: int) -> Iterator[tuple[Mutant, str]]:
    """Each mutant with what noticed it, everything loaded again."""
    if not mutants:
        return
    load_what_is_not_ours()
    if failed := tried_afresh(None, seconds):
        sys.exit(f"the tests fail on the unchanged rules: {failed}")
    with ThreadPool(jobs) as pool:
        yield from zip(mutants, pool.imap(partial(tried_afresh, seconds=seconds), mutants), strict=True)


def report(outcomes: dict[Mutant, str], to: Path) -> None:
    """Print the figures by module and every survivor; the same as JSON."""
    for module in sorted({mutant.module for mutant in outcomes}):
        mine = [said for mutant, said in outcomes.items() if mutant.module == module]
        print(f"{module:20} {sum(map(bool, mine)):4} of {len(mine):4}")
    for mutant, said in sorted(outcomes.items()):
        if not said:
            print(_told(mutant))
    killed = sum(map(bool, outcomes.values()))
    print(f"{killed} noticed of {len(outcomes)} ({100 * killed / max(1, len(outcomes)):.1f} %)")
    told = [{**mutant._asdict(), "noticed_by": said} for mutant, said in outcomes.items()]
    to.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def _told(mutant: Mutant) -> str:
    return f"survived {mutant.module}.py:{mutant.line}: {mutant.before}  →  {mutant.after}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--module", default="", help="only these, names with commas")
    parser.add_argument("--sample", type=int, default=0, help="only so many, chosen by a fixed seed")
    parser.add_argument("--seed", type=int, default=1, help="another sample of the same size")
    parser.add_argument(
        "--seconds", type=int, default=SECONDS, help="of the processor, before a mutant counts as noticed"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "mutation.json")
    told = parser.parse_args()
    os.nice(10)
    os.environ["HYPOTHESIS_PROFILE"] = "mutation"
    told.out.parent.mkdir(parents=True, exist_ok=True)
    mutants = chosen(told.module, told.sample, told.seed)
    print(f"{len(mutants)} mutants", flush=True)
    outcomes: dict[Mutant, str] = {}
    outside: list[Mutant] = []
    for mutant, said in in_place(mutants, told.jobs):
        if said is None:
            outside.append(mutant)
        else:
            _keep(outcomes, mutant, said)
    for mutant, said in afresh(outside, told.jobs, told.seconds):
        _keep(outcomes, mutant, said)
    report(outcomes, told.out)
    return 0


def _keep(outcomes: dict[Mutant, str], mutant: Mutant, said: str) -> None:
    outcomes[mutant] = said
    if not said:
        print(_told(mutant), flush=True)
    if len(outcomes) % 100 == 0:
        print(f"{len(outcomes)} tried", flush=True)


if __name__ == "__main__":
    sys.exit(main())
