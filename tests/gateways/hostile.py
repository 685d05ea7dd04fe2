"""Files as somebody might send them, by mistake or on purpose: each a name, a file name and its bytes."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"

HEADER = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>工号</t></is></c><c r="B1" t="inlineStr"><is><t>金额</t></is></c></row>'
)
GOOD_ROW = '<row r="2"><c r="A2" t="inlineStr"><is><t>E001</t></is></c><c r="B2"><v>12.5</v></c></row>'
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="164" formatCode="yyyy/m/d"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="57"/><xf numFmtId="164"/></cellXfs></styleSheet>'
)


class Hostile(NamedTuple):
    name: str
    filename: str
    data: bytes


def parts(body: str = HEADER + GOOD_ROW, after: str = "", strings: str = "", styles: str = STYLES) -> dict[str, str]:
    """The parts of a small workbook whose sheet data is `body`, with what stands after it."""
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="考勤" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="r3" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData>{after}</worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/styles.xml": styles,
    }


def zipped(entries: dict[str, str] | dict[str, bytes]) -> bytes:
    """A zip with these entries, deflated."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def book(body: str = HEADER + GOOD_ROW, after: str = "", strings: str = "", styles: str = STYLES) -> bytes:
    """The bytes of a small workbook."""
    return zipped(parts(body, after, strings, styles))


def changed(name: str, content: str) -> bytes:
    """The small workbook with one whole part replaced."""
    return zipped({**{each: text.encode() for each, text in parts().items()}, name: content.encode(errors="replace")})


def cell(inner: str, attributes: str = "") -> bytes:
    """A workbook whose cell B2 is given."""
    return book(f'{HEADER}<row r="2"><c r="A2"><v>1</v></c><c r="B2" {attributes}>{inner}</c></row>')


def many_rows(count: int) -> bytes:
    return book(HEADER + "".join(f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>' for row in range(2, count + 2)))


def doctored(offset: int, value: bytes) -> bytes:
    """The small workbook with bytes of its first central directory record overwritten."""
    data = bytearray(book())
    start = data.index(b"PK\x01\x02") + offset
    data[start : start + len(value)] = value
    return bytes(data)


def doubled_entry() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts().items():
            archive.writestr(name, content)
        archive.filelist.append(archive.filelist[0])
    return out.getvalue()


def overlapping() -> bytes:
    """Many directory entries that all point at one compressed block: small outside, huge inside."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts().items():
            archive.writestr(name, content)
        archive.writestr("a", b"0" * 4_000_000)
        first = archive.filelist[-1]
        for number in range(900):
            twin = zipfile.ZipInfo(f"a{number}")
            for name in ("header_offset", "CRC", "compress_size", "file_size", "compress_type"):
                setattr(twin, name, getattr(first, name))
            archive.filelist.append(twin)
    return out.getvalue()


def nested_zip() -> bytes:
    inner = zipped({"xl/worksheets/sheet1.xml": b"0" * 40_000_000})
    return zipped({**{name: text.encode() for name, text in parts().items()}, "xl/embeddings/inner.zip": inner})


ENTITIES = '<!DOCTYPE x [<!ENTITY a "0123456789"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
MERGED = '<mergeCell ref="A1:B1"/>'
ERROR = '<c t="e"><v>#REF!</v></c>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def _sheet(prolog: str, body: str = "") -> str:
    return f'{prolog}<worksheet xmlns="{MAIN}"><sheetData>{HEADER}{body}</sheetData></worksheet>'


def _zips() -> Iterator[tuple[str, bytes]]:
    whole = book()
    for share in (1, 4, 30, 100, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        yield f"cut after {share} bytes", whole[:share]
    yield "bytes before the zip", b"MZ" + whole
    yield "bytes behind the zip", whole + b"\x00" * 1000
    yield "an end record alone", b"PK\x05\x06" + b"\x00" * 18
    yield "a start alone", b"PK\x03\x04" + b"\xff" * 400
    yield "an entry with a password flag", doctored(8, struct.pack("<H", 1))
    yield "an unknown compression", doctored(10, struct.pack("<H", 97))
    yield "a declared size too small", doctored(24, struct.pack("<I", 3))
    yield "a declared size too large", doctored(24, struct.pack("<I", 0x7FFFFFFF))
    yield "a wrong checksum", doctored(16, b"\x00\x00\x00\x00")
    yield "an offset into nowhere", doctored(42, struct.pack("<I", 0x7FFFFFF0))
    yield "the same entry twice", doubled_entry()
    yield "overlapping entries", overlapping()
    yield "a zip inside the zip", nested_zip()
    yield "two thousand entries", zipped({f"part{number}": "" for number in range(2000)})
    yield "a way out of the folder", zipped({**parts(), "../../../etc/cron.d/x": "* * * * * root sh"})
    yield (
        "a bomb of 200 MB",
        zipped({**{k: v.encode() for k, v in parts().items()}, "xl/media/a.bin": bytes(200_000_000)}),
    )
    yield "an empty zip", zipped({})
    yield "a zip of something else", zipped({"readme.txt": "hello"})
    yield (
        "a Word document",
        zipped({**parts(), "_rels/.rels": parts()["_rels/.rels"].replace("xl/workbook", "word/document")}),
    )


def _parts_astray() -> Iterator[tuple[str, bytes]]:
    yield "no sheets listed", changed("xl/workbook.xml", f'<workbook xmlns="{MAIN}"><sheets/></workbook>')
    yield "an empty workbook part", changed("xl/workbook.xml", "")
    yield "the sheet is missing", zipped({k: v for k, v in parts().items() if "sheet1" not in k})
    yield "the strings are missing", zipped({k: v for k, v in parts().items() if "sharedStrings" not in k})
    yield "the relations are missing", zipped({k: v for k, v in parts().items() if "workbook.xml.rels" not in k})
    yield (
        "relations to the outside",
        changed(
            "xl/_rels/workbook.xml.rels",
            parts()["xl/_rels/workbook.xml.rels"].replace("worksheets/", "http://example.com/"),
        ),
    )
    yield "macros", zipped({**parts(), "xl/vbaProject.bin": "x"})
    yield "a macro sheet", zipped({**parts(), "xl/macrosheets/sheet1.xml": "x"})
    yield "a binary workbook", zipped({k.replace("workbook.xml", "workbook.bin"): v for k, v in parts().items()})
    yield "an entity bomb", changed("xl/worksheets/sheet1.xml", _sheet(ENTITIES, "<row><c><v>&b;</v></c></row>"))
    yield "an outer entity", changed("xl/worksheets/sheet1.xml", _sheet(EXTERNAL, "<row><c><v>&a;</v></c></row>"))
    yield "a doctype in the strings", changed("xl/sharedStrings.xml", ENTITIES + "<sst/>")
    yield "a doctype in the relations", changed("_rels/.rels", ENTITIES + "<Relationships/>")
    yield "a doctype in the styles", changed("xl/styles.xml", ENTITIES + "<styleSheet/>")
    yield (
        "an encoding nobody knows",
        changed("xl/worksheets/sheet1.xml", _sheet('<?xml version="1.0" encoding="klingon"?>')),
    )
    yield (
        "an encoding that is a codec",
        changed("xl/worksheets/sheet1.xml", _sheet('<?xml version="1.0" encoding="hex"?>')),
    )
    yield "tags that do not match", changed("xl/worksheets/sheet1.xml", "<worksheet><sheetData></worksheet>")
    yield "NUL bytes in the sheet", changed("xl/worksheets/sheet1.xml", _sheet("", "<row>\x00</row>"))
    yield (
        "a style without a number",
        book(styles=f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt/></numFmts></styleSheet>'),
    )
    yield "100,000 styles", book(styles=f"<styleSheet><cellXfs>{'<xf/>' * 100_000}</cellXfs></styleSheet>")


def _bombs() -> Iterator[tuple[str, bytes]]:
    yield "100,000 rows", many_rows(100_000)
    yield "1,000,000 blank rows", book(HEADER + "<row/>" * 1_000_000)
    yield "a row at the very end", book(f'{HEADER}<row r="1048576"><c><v>1</v></c></row>')
    yield "a row behind the end", book(f'{HEADER}<row r="99999999999"><c><v>1</v></c></row>')
    yield "16,384 columns", book(f'{HEADER}<row r="2">{"<c><v>1</v></c>" * 16_384}</row>')
    yield "a column behind the end", book(f'{HEADER}<row r="2"><c r="ZZZZ2"><v>1</v></c></row>')
    yield "1,000,000 cells in a row", book(f'{HEADER}<row r="2">{"<c/>" * 1_000_000}</row>')
    yield "1,000,000 values in a cell", cell("<v>1</v>" * 1_000_000)
    yield "1,000,000 levels deep", book(HEADER + "<a>" * 1_000_000)
    yield "5,000,000 unknown tags", book(HEADER, after="<a/>" * 5_000_000)
    yield "a tag of 40 MB", book(HEADER + f'<row x="{"0" * 40_000_000}"/>')
    yield "a text of 40 MB", cell(f"<is><t>{'字' * 13_000_000}</t></is>", 't="inlineStr"')
    yield "a number of 40 MB", cell(f"<v>{'9' * 40_000_000}</v>")
    yield "2,000,000 shared strings", book(strings="<si><t>abc</t></si>" * 2_000_000)
    yield "a shared string of 40 MB", book(strings=f"<si><t>{'x' * 40_000_000}</t></si>")
    yield (
        "20,000 by 20 different texts",
        book(
            "".join(
                f'<row r="{r}">{"".join(f"<c><v>{r * 20 + c}.5</v></c>" for c in range(20))}</row>'
                for r in range(1, 20_001)
            )
        ),
    )
    yield "300,000 merged cells", book(after=f"<mergeCells>{MERGED * 300_000}</mergeCells>")
    yield "1,000,000 error cells", book(f'{HEADER}<row r="2">{ERROR * 1_000_000}</row>')


def _cells() -> Iterator[tuple[str, bytes]]:
    yield "a cell that is #REF!", cell("<v>#REF!</v>", 't="e"')
    yield "a formula without a result", cell("<f>1+1</f>")
    yield "a formula with an empty result", cell("<f>1+1</f><v></v>")
    yield "a formula that starts a program", cell("<f>cmd|'/c calc'!A0</f><v>1</v>")
    yield "a shared string from nowhere", cell("<v>7</v>", 't="s"')
    yield "a shared string below nought", cell("<v>-1</v>", 't="s"')
    yield "a cell of an unknown type", cell("<v>7</v>", 't="zzz"')
    yield "a boolean that is neither", cell("<v>7</v>", 't="b"')
    yield "a number that is none", cell("<v>seven</v>")
    yield "a number that is NaN", cell("<v>NaN</v>")
    yield "a number that is infinite", cell("<v>1E999</v>")
    yield "a number of 2,000 digits", cell(f"<v>{'9' * 2000}</v>")
    yield "a date before all days", cell("<v>-5</v>", 's="1"')
    yield "a date after all days", cell("<v>99999999</v>", 's="1"')
    yield "a date in another style of writing", cell("<v>2026-13-45</v>", 't="d"')
    yield "a date as a number", cell("<v>45931</v>")
    yield "a style from nowhere", cell("<v>5</v>", 's="999999"')
    yield "a style that is no number", cell("<v>5</v>", 's="x"')
    yield "a boolean", cell("<v>1</v>", 't="b"')
    yield "full-width digits", cell("<is><t>１２３．４５</t></is>", 't="inlineStr"')
    yield "characters that cannot be seen", cell("<is><t>1\u202e2\u200b3\ufeff_x0000_</t></is>", 't="inlineStr"')
    yield "half a surrogate pair", cell("<is><t>_xD800_</t></is>", 't="inlineStr"')
    yield "2,001 characters", cell(f"<is><t>{'长' * 2001}</t></is>", 't="inlineStr"')
    yield "cells in the wrong order", book(f'{HEADER}<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>')
    yield "rows in the wrong order", book(f'{HEADER}<row r="3"/><row r="2"/>')
    yield "a cell without a place", book(f'{HEADER}<row r="2"><c r="2"><v>1</v></c></row>')
    yield "a merged header", book(after='<mergeCells><mergeCell ref="A1:B1"/></mergeCells>')
    yield "the same heading twice", book(HEADER.replace("金额", "工号") + GOOD_ROW)
    yield "a value under no heading", book(f'{HEADER}<row r="2"><c r="D2"><v>1</v></c></row>')
    yield "a header alone", book(HEADER)
    yield "nothing at all", book("")
    yield (
        "blank rows at the end",
        book(HEADER + GOOD_ROW + "".join(f'<row r="{row}"><c/></row>' for row in range(3, 5000))),
    )


def _others() -> Iterator[Hostile]:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    yield Hostile("an old .xls renamed", "a.xlsx", ole)
    yield Hostile("a workbook with a password", "a.xlsx", ole + "EncryptedPackage".encode("utf-16-le"))
    yield Hostile("html renamed to .xlsx", "a.xlsx", b"<html><table><tr><td>1</td></tr></table></html>")
    yield Hostile("html renamed to .csv", "a.csv", b"<html><script>alert(1)</script></html>")
    yield Hostile("a workbook renamed to .csv", "a.csv", book())
    yield Hostile("a picture", "a.svg", b"<svg/>")
    yield Hostile("a macro workbook", "a.xlsm", book())
    yield Hostile("no name", "", book())
    yield Hostile("a name that climbs", "../../etc/passwd\x00.xlsx", book())
    yield Hostile("no bytes", "a.xlsx", b"")
    yield Hostile("no bytes of csv", "a.csv", b"")
    yield Hostile("5 MB and one byte", "a.csv", b"a" * (5 * 1024 * 1024 + 1))
    yield Hostile("NUL bytes", "a.csv", b"a,b\n1,\x00\n")
    yield Hostile("UTF-16", "a.csv", "工号,金额\n".encode("utf-16"))
    yield Hostile("random bytes", "a.csv", bytes(range(256)) * 40)
    yield Hostile("an open quote", "a.csv", b'a,b\n"1,2\n' + b"x,y\n" * 1000)
    yield Hostile("a cell of 200,000 characters", "a.csv", b"a\n" + b"x" * 200_000)
    yield Hostile("100,000 lines", "a.csv", b"a\n" * 100_000)
    yield Hostile("2,000,000 commas", "a.csv", b"," * 2_000_000)
    yield Hostile("2,000,000 blank lines", "a.csv", b"a\n" + b"\n" * 2_000_000)
    yield Hostile("a byte order mark alone", "a.csv", b"\xef\xbb\xbf")
    yield Hostile("carriage returns alone", "a.csv", b"a,b\r1,2\r")


def hostile_files() -> Iterator[Hostile]:
    """Every hostile file, made one at a time."""
    for source in (_zips, _parts_astray, _bombs, _cells):
        for name, data in source():
            yield Hostile(name, "考勤.xlsx", data)
    yield from _others()
