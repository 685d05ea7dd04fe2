"""The one importer of `transitions`: a table of steps in, a decision with its reasons out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from transitions import EventData, Machine

logging.getLogger("transitions").setLevel(logging.WARNING)

F = TypeVar("F")


class Reasons(str):
    """Several reasons as one parameter of another: Chinese where it is only text, each in the reader's language on a page."""

    reasons: tuple[object, ...]

    def __new__(cls, reasons: Iterable[object]) -> Reasons:
        told = tuple(reasons)
        made = super().__new__(cls, "；".join(str(one) for one in told))
        made.reasons = told
        return made


class No:
    """One reason against a step, in words: a Chinese msgid and what fills its placeholders."""

    def __init__(self, text: str, **params: object) -> None:
        self.text = text
        self.params = params

    def __str__(self) -> str:
        return self.text % self.params if self.params else self.text

    def __repr__(self) -> str:
        return f"No({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, No) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


Guard = Callable[[F], No | None]


class NotAllowed(Exception):
    """A step was refused; `reasons` says why, every guard's answer in table order."""

    def __init__(self, reasons: Sequence[No]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("；".join(str(reason) for reason in self.reasons))


@dataclass(frozen=True)
class Step(Generic[F]):
    """One row of a table: who (`by`) may pull `trigger` in `source`, and what else must hold (`needs`)."""

    trigger: str
    source: str
    dest: str
    by: Guard[F]
    needs: tuple[Guard[F], ...] = ()
    reason_required: bool = False
    label: str = ""


@dataclass(frozen=True)
class Offer:
    """A button: the step, its label, and the reasons why it cannot be pressed now (none: it can)."""

    trigger: str
    dest: str
    label: str
    reason_required: bool
    reasons: tuple[No, ...] = ()

    @property
    def allowed(self) -> bool:
        return not self.reasons


@dataclass
class _Case:
    """What the shared machine moves: a state, nothing else; the row of the database stays outside."""

    state: str
    reasons: list[No] = field(default_factory=list)


class Workflow(Generic[F]):
    """A state machine of one kind of thing, built once a process from its table."""

    def __init__(
        self, name: str, states: Sequence[str], steps: Sequence[Step[F]], labels: dict[str, str], final: Sequence[str]
    ) -> None:
        self.name = name
        self.states = tuple(states)
        self.steps = tuple(steps)
        self.labels = labels
        self.final = tuple(final)
        self._machine = Machine(
            model=None,
            states=list(states),
            initial=states[0],
            send_event=True,
            auto_transitions=False,
            queued=False,
        )
        for step in self.steps:
            self._machine.add_transition(step.trigger, step.source, step.dest, conditions=[_condition(step)])

    @property
    def initial(self) -> str:
        return self.states[0]

    def decide(self, state: str, trigger: str, facts: F, reason: str = "") -> str:
        """Return the state that `trigger` leads to from `state`.

        Raises NotAllowed with every reason: an unknown trigger, a wrong state, a missing reason, a guard that says no.
        """
        step = self._step(state, trigger)
        if step.reason_required and not reason.strip():
            raise NotAllowed([No("请写明理由")])
        case = _Case(state)
        if not self._machine.events[trigger].trigger(case, facts):
            raise NotAllowed(case.reasons)
        return case.state

    def offers(self, state: str, facts: F) -> tuple[Offer, ...]:
        """List the steps out of `state` that belong to this actor, allowed or refused with their reasons.

        A step of somebody else's office is left out; a step of the actor's own that cannot be taken yet stays, with why.
        """
        mine = [step for step in self.steps if step.source == state and step.by(facts) is None]
        return tuple(
            Offer(step.trigger, step.dest, step.label, step.reason_required, _reasons(step.needs, facts))
            for step in mine
        )

    def offer(self, state: str, trigger: str, facts: F) -> Offer | None:
        """Find the offer of one trigger, or None where the actor has no such step here."""
        return next((offer for offer in self.offers(state, facts) if offer.trigger == trigger), None)

    def mermaid(self) -> str:
        """Draw the table as a mermaid state diagram, for README and the policy pages."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {state} : {self.labels[state]} {state}" for state in self.states]
        lines += [f"    {step.source} --> {step.dest} : {step.trigger}" for step in self.steps]
        lines += [f"    {state} --> [*]" for state in self.final]
        return "\n".join(lines)

    def _step(self, state: str, trigger: str) -> Step[F]:
        named = [step for step in self.steps if step.trigger == trigger]
        if not named:
            raise NotAllowed([No("没有这个操作：%(trigger)s", trigger=trigger)])
        for step in named:
            if step.source == state:
                return step
        raise NotAllowed([No("现在的状态是“%(state)s”，不能做这一步；请刷新页面看最新情况", state=self.labels[state])])


def _reasons(guards: Sequence[Guard[F]], facts: F) -> tuple[No, ...]:
    return tuple(no for guard in guards if (no := guard(facts)) is not None)


def _condition(step: Step[Any]) -> Callable[[EventData], bool]:
    """Wrap the guards of a step: transitions takes a refusal silently, so the reasons are kept on the case."""

    def allowed(event: EventData) -> bool:
        facts = cast(tuple[Any, ...], event.args)[0]
        reasons = _reasons((step.by, *step.needs), facts)
        cast(_Case, event.model).reasons.extend(reasons)
        return not reasons

    return allowed
