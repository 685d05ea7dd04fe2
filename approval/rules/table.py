"""A table as it came from a file: exact text in each cell, with what kind of cell it was."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, NamedTuple

CellKind = Literal["text", "number", "date", "bool"]

NOTE_MARK = "※"  # begins the note at the foot of an export
JOINER = "\u200d"
CARRIAGE_RETURN = re.compile("\r\n?")


class Cell(NamedTuple):
    """One cell: `number` text is an exact plain decimal, `date` text is ISO, `bool` text is TRUE or FALSE."""

    text: str
    kind: CellKind = "text"


BLANK = Cell("")


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something; `number` is the row number that Excel shows."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The header and the rows under it, each as wide as the header; blank rows are left out."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    header_row: int = 1


def clean_text(text: str) -> str:
    """Bring text into NFC without characters that cannot be seen (controls, bidi and zero-width marks), ends trimmed.

    Line breaks stay, tabs become spaces; the zero-width joiner stays, for it holds emoji together.
    """
    if text.isprintable() and unicodedata.is_normalized("NFC", text):
        return text.strip()
    composed = unicodedata.normalize("NFC", CARRIAGE_RETURN.sub("\n", text).replace("\t", " "))
    return "".join(character for character in composed if _is_seen(character)).strip()


def _is_seen(character: str) -> bool:
    if character in ("\n", JOINER):
        return True
    if ord(character) & 0xFFFE == 0xFFFE:
        return False
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs")
