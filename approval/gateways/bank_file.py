"""The payment file of a signed batch: the same bytes for the same batch, whenever it is asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

from approval.gateways.excel import SheetOut, csv_bytes, workbook


class Line(Protocol):
    """One payee: number, name, department and whole fen."""

    @property
    def number(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def department(self) -> str: ...
    @property
    def amount_fen(self) -> int: ...


class Batch(Protocol):
    """What the file says of its batch."""

    number: str
    fingerprint: str


HEADER = ("序号", "工号", "姓名", "部门", "应发合计（税前，元）", "批次", "期间")


def _sheet(batch: Batch, period: str, lines: Sequence[Line]) -> SheetOut:
    rows = [
        (n, one.number, one.name, one.department, one.amount_fen, batch.number, period)
        for n, one in enumerate(lines, 1)
    ]
    return SheetOut("发放明细", HEADER, rows, widths=(6, 12, 14, 18, 20, 20, 10), money=frozenset({4}))


def payment_workbook(batch: Batch, period: str, lines: Sequence[Line]) -> bytes:
    """The file as .xlsx, uncompressed: its bytes do not depend on a compressor's version."""
    return workbook([_sheet(batch, period, lines)], compressed=False)


def payment_csv(batch: Batch, period: str, lines: Sequence[Line]) -> bytes:
    """The same lines as .csv."""
    return csv_bytes(_sheet(batch, period, lines))


def payment_file_sha256(batch: Batch, period: str, lines: Sequence[Line]) -> str:
    """SHA-256 of the workbook, hex: what is recorded at the export."""
    return hashlib.sha256(payment_workbook(batch, period, lines)).hexdigest()
