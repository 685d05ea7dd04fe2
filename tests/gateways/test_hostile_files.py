"""Whatever is uploaded, the answer is a table or a refusal by name, soon and in bounded memory (security.md)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approval.gateways.excel import read_table
from approval.rules.refusal import Refused
from approval.rules.table import Table
from tests.gateways.hostile import Hostile, book, cell, changed, hostile_files, parts

MEGABYTES = 300
XML = [
    "<c>",
    "<v>",
    "</row>",
    't="s"',
    't="e"',
    't="d"',
    's="1"',
    'r="B9"',
    "<f/>",
    "&lt;",
    "&#0;",
    "<!--",
    "<![CDATA[",
]

READ_ALL = """
import json, re, resource, sys, time
from pathlib import Path
from approval.gateways.excel import read_table
from approval.rules.refusal import Refused
answers = {}
for line in Path(sys.argv[1], "list.json").read_text().splitlines():
    number, name, filename = json.loads(line)
    started = time.process_time()
    try:
        answer = f"Table of {len(read_table(Path(sys.argv[1], number).read_bytes(), filename).rows)}"
    except Refused as refused:
        answer = f"Refused: {refused.fault}"
    except BaseException as error:
        answer = f"Error: {error!r}"
    answers[name] = [answer, time.process_time() - started]
status = Path("/proc/self/status")  # what the child alone used: ru_maxrss takes over the peak of its parent
peak = re.search("VmHWM:[^0-9]*([0-9]+)", status.read_text())[1] if status.exists() else resource.getrusage(0).ru_maxrss
print(json.dumps([answers, int(peak)]))
"""


def test_every_hostile_file_is_read_or_refused_in_bounded_time_and_memory(tmp_path: Path) -> None:
    listed = []
    for number, file in enumerate(hostile_files()):
        (tmp_path / str(number)).write_bytes(file.data)
        listed.append(json.dumps([str(number), file.name, file.filename]))
    (tmp_path / "list.json").write_text("\n".join(listed), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", READ_ALL, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    answers, kilobytes = json.loads(run.stdout)
    assert len(answers) == len(listed) >= 60
    assert [name for name, (answer, _) in answers.items() if answer.startswith("Error")] == []
    assert [name for name, (_, seconds) in answers.items() if seconds > 30] == []
    assert kilobytes < MEGABYTES * 1024


REFUSED = {
    "cut after 876 bytes": "broken workbook",
    "an entry with a password flag": "encrypted workbook",
    "a workbook with a password": "encrypted workbook",
    "overlapping entries": "workbook too large unpacked",
    "a bomb of 200 MB": "workbook too large unpacked",
    "a Word document": "not a workbook",
    "no sheets listed": "no worksheet",
    "the sheet is missing": "no worksheet",
    "relations to the outside": "no worksheet",
    "macros": "macros in workbook",
    "a macro workbook": "macro ending",
    "an entity bomb": "dtd in workbook",
    "an outer entity": "dtd in workbook",
    "a doctype in the relations": "dtd in workbook",
    "100,000 rows": "too many rows",
    "100,000 lines": "too many rows",
    "16,384 columns": "too many columns",
    "a text of 40 MB": "cell text too long",
    "a cell that is #REF!": "error cells",
    "a formula without a result": "uncalculated formulas",
    "a merged header": "merged cells",
    "the same heading twice": "heading twice",
    "a value under no heading": "value under no heading",
    "a date after all days": "impossible date",
    "html renamed to .xlsx": "not a workbook",
    "html renamed to .csv": "not a csv file",
    "a workbook renamed to .csv": "not a csv file",
    "NUL bytes": "not a csv file",
    "an open quote": "broken csv",
    "5 MB and one byte": "file too large",
    "nothing at all": "empty file",
    "no bytes": "empty file",
    "a picture": "unknown ending",
}


@pytest.fixture(scope="module")
def files() -> dict[str, Hostile]:
    return {file.name: file for file in hostile_files() if file.name in REFUSED}


@pytest.mark.parametrize(("name", "fault"), REFUSED.items())
def test_what_cannot_be_trusted_is_refused_by_name(files: dict[str, Hostile], name: str, fault: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_table(files[name].data, files[name].filename)
    assert refusal.value.fault == fault


def outcome(data: bytes, filename: str = "a.xlsx") -> Table | str:
    try:
        return read_table(data, filename)
    except Refused as refused:
        return refused.fault


@given(st.integers(0, len(book()) - 1), st.binary(min_size=1, max_size=8))
def test_bytes_changed_anywhere_in_a_workbook_are_read_or_refused(offset: int, change: bytes) -> None:
    data = book()
    assert outcome(data[:offset] + change + data[offset + len(change) :])


@given(
    st.sampled_from(sorted(parts())),
    st.integers(0, 2000),
    st.integers(0, 40),
    st.text(max_size=8) | st.sampled_from(XML),
)
def test_any_part_with_a_piece_replaced_is_read_or_refused(name: str, start: int, length: int, piece: str) -> None:
    content = parts()[name]
    start %= len(content)
    changed_part = content[:start] + piece + content[start + length :]
    assert outcome(changed(name, changed_part))


@given(st.binary(max_size=400))
def test_any_bytes_called_csv_are_read_or_refused(data: bytes) -> None:
    assert outcome(data, "a.csv")


def test_a_refused_cell_is_named_with_its_place_and_the_remedy() -> None:
    with pytest.raises(Refused) as refusal:
        read_table(cell("<v>#REF!</v>", 't="e"'), "十月考勤.xlsx")
    assert str(refusal.value) == "“十月考勤.xlsx”里这些格子是错误值：B2 #REF!；请改好公式或直接填数"


def test_blank_rows_behind_the_table_are_no_rows() -> None:
    table = read_table(
        book(
            '<row r="2"><c r="A2" t="str"><v>工号</v></c></row><row r="3"><c r="A3"><v>7</v></c></row><row r="9"><c/></row>'
        ),
        "a.xlsx",
    )
    assert isinstance(table, Table)
    assert (table.header, table.header_row, [row.number for row in table.rows]) == (("工号",), 2, [3])


def test_the_path_and_the_unseen_in_a_file_name_are_not_shown() -> None:
    with pytest.raises(Refused, match=r"“passwd\.xls”"):
        read_table(b"x", "C:\\temp\\..\\etc/pass\u202ewd\x00.xls")
