"""The one clock of the app: the machine's, or in a demo the machine's set back to the demo's day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def machine_time() -> datetime:
    """The present moment, aware, UTC."""
    return datetime.now(UTC)


@dataclass
class Clock:
    """`now()` is the source shifted by a fixed offset; tests give a source of their own."""

    source: Callable[[], datetime] = machine_time
    offset: timedelta = timedelta()

    def now(self) -> datetime:
        return self.source() + self.offset

    def start_at(self, moment: datetime) -> None:
        """Let this clock read `moment` now and go on from there."""
        self.offset = moment - self.source()
