"""What a policy's text comes to before it is kept: its faults with their lines, and a worked example. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from approval.i18n import said
from approval.rules.policy import Policy, chosen, load
from approval.rules.policy_lines import line_of, line_of_fault
from approval.rules.policy_lint import Lint, lints
from approval.rules.refusal import Refused
from approval.rules.work_time import work_time_lints
from approval.views.worked_example import Example, example_of

NAME = "policy.toml"
EXAMPLE = ("p.", "i.", "r.")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: whether it blocks, in words, where it stands."""

    severity: str
    text: str
    path: str
    line: int | None


@dataclass(frozen=True)
class Checked:
    """The faults of a text, those that block first, and the example where the text can be read at all."""

    faults: tuple[Fault, ...]
    example: Example | None

    @property
    def blocked(self) -> bool:
        return any(fault.severity == "block" for fault in self.faults)


def checked(
    text: str,
    choices: Mapping[str, str],
    given: Mapping[str, str],
    more: Callable[[Policy], Iterable[Lint]] = lambda policy: (),
) -> Checked:
    """Read a text as it would be kept, with the readings chosen so far.

    `given` are the figures of the example; `more` finds what is wrong beside the text, such as a minimum wage.
    """
    try:
        policy = read_kept(text, choices)
    except Refused as refused:
        path = str(refused.params.get("path", ""))
        return Checked((Fault("block", said(refused), path, line_of_fault(text, refused)),), None)
    found = sorted((*lints(policy), *work_time_lints(policy), *more(policy)), key=lambda lint: lint.severity)
    faults = tuple(Fault(one.severity, said(one), one.path, line_of(text, one.path)) for one in found)
    return Checked(faults, _example(policy, given) if policy.pays else None)


def _example(policy: Policy, given: Mapping[str, str]) -> Example:
    """The example with the figures of the text itself: a box for them would hold what the text said before."""
    fixed = {f"p.{code}" for code, param in policy.params.items() if param.value is not None}
    typed = {name: value for name, value in given.items() if name.startswith(EXAMPLE) and name not in fixed}
    asked = {"try": "1"} if any(value.strip() for name, value in typed.items() if name.startswith("i.")) else {}
    example = example_of(policy, typed | asked)
    return replace(example, boxes=tuple(box for box in example.boxes if box.name not in fixed))


def read_kept(text: str, choices: Mapping[str, str]) -> Policy:
    """A text as it would be kept: under the readings chosen so far, where it still has them."""
    policy = load(text, NAME)
    known = {one.code: one.choices for one in policy.options}
    return chosen(policy, {option: one for option, one in choices.items() if one in known.get(option, ())})
