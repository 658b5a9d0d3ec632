"""The child process that opens a proof nobody has seen yet and draws it anew. It knows no Django, no database, no network.

Called as `python -I -B proofs_child.py PATH LIMITS`; writes a packed Drawing to standard output. Its own limits of memory, time
and files are set before the first byte is read; what goes beyond them ends this process only. Nothing of the file goes on but
what can be seen: no metadata, no script, no link, no embedded file, nothing behind the end of a picture.
"""

import json
import resource
import sys
import warnings
from io import BytesIO
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from PIL import Image, ImageOps

from miaoce.registry.approvals.proofs_drawing import (
    BOMB,
    CORRUPT,
    LOCKED,
    NOT_A_PROOF,
    PAGES,
    Drawing,
    Limits,
    limits_text,
)

OUT_OF_MEMORY = 3
QUALITIES = (85, 70, 55)
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx")
PASSWORD_NEEDED = 4  # FPDF_ERR_PASSWORD


class Refused(Exception):
    """The file is not drawn; carries the word, and how many pages there are where that is why."""

    def __init__(self, why: str, count: int = 0) -> None:
        self.why, self.count = why, count
        super().__init__(why)


def kind_of(data: bytes) -> str:
    """Return what a file is by its first bytes, whatever it is called; "" for what is no proof."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        return "HEIF"
    return "PDF" if data.startswith(b"%PDF-") else ""


def draw(data: bytes, limits: Limits) -> Drawing:
    """Draw a file anew, or say why not."""
    kind = kind_of(data)
    try:
        if not kind:
            raise Refused(NOT_A_PROOF)
        pages = _document(data, limits) if kind == "PDF" else (_as_jpeg(_picture(data, kind, limits), limits),)
    except Refused as refused:
        return Drawing(kind.lower(), (), refused.why, refused.count)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a decoder stumbles over, the file is not whole
        return Drawing(kind.lower(), (), CORRUPT)
    return Drawing(kind.lower(), pages)


def _picture(data: bytes, kind: str, limits: Limits) -> Image.Image:
    """Return the picture as it is seen: upright, flat, no larger than allowed. Of a moving one, its first frame."""
    if kind == "HEIF":
        import pi_heif

        pi_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # counted here, before anything is unpacked
    image: Image.Image = Image.open(BytesIO(data), formats=[kind])
    if image.width * image.height > limits.pixels:
        raise Refused(BOMB)
    image.draft("RGB", (limits.side, limits.side))
    image.load()
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value / 256).convert("L")
    if image.mode in {"P", "PA", "LA", "La"}:
        image = image.convert("RGBA")
    image.thumbnail((limits.side, limits.side), reducing_gap=2.0)
    image = ImageOps.exif_transpose(image)
    return _flat(image)


def _flat(image: Image.Image) -> Image.Image:
    """Return a picture without anything to see through, on white, without what it said about itself."""
    if image.mode in {"RGBA", "RGBa"}:
        ground = Image.new("RGB", image.size, "white")
        ground.paste(image, mask=image.getchannel("A"))
        return ground
    plain = image.convert("RGB")
    plain.info.clear()
    return plain


def _document(data: bytes, limits: Limits) -> tuple[bytes, ...]:
    """Return the pages of a PDF as pictures."""
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise Refused(LOCKED if getattr(error, "err_code", None) == PASSWORD_NEEDED else CORRUPT) from None
    if len(document) > limits.pages:
        raise Refused(PAGES, len(document))
    if not len(document):
        raise Refused(CORRUPT)
    return tuple(_page(document[number], limits) for number in range(len(document)))


def _page(page: "object", limits: Limits) -> bytes:
    """Return one page of a PDF as a picture; forms are not run, and the page is drawn no larger than allowed."""
    width, height = page.get_size()  # type: ignore[attr-defined]  # a page of pypdfium2, which has no types
    scale = min(limits.dots_per_inch / 72, limits.side / max(width, height, 1))
    bitmap = page.render(scale=scale, may_draw_forms=False)  # type: ignore[attr-defined]  # as above
    return _as_jpeg(bitmap.to_pil().convert("RGB"), limits)


def _as_jpeg(image: Image.Image, limits: Limits) -> bytes:
    """Return a picture as a JPEG of ours that is not larger than a page may be, coarser and then smaller until it fits."""
    while True:
        for quality in QUALITIES:
            out = BytesIO()
            image.save(out, "JPEG", quality=quality, optimize=True)
            if out.tell() <= limits.page_bytes:
                return out.getvalue()
        image = image.reduce(2)


def _confine(limits: Limits) -> None:
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 32),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bound, bound))


def main(arguments: list[str]) -> int:
    """Draw the file named in the arguments and write it packed."""
    path, bounds = arguments
    limits = Limits(**json.loads(bounds))
    _confine(limits)
    warnings.simplefilter("ignore")
    try:
        answer = draw(Path(path).read_bytes(), limits).packed()
    except MemoryError:
        return OUT_OF_MEMORY
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return 0


def command(path: Path, limits: Limits) -> list[str]:
    """Return the arguments that start this child."""
    return [sys.executable, "-I", "-B", str(Path(__file__).resolve()), str(path), limits_text(limits)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
