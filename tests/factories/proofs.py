"""Pictures and papers as people send them along: photographs with what cameras write into them, PDFs of scanners."""

from base64 import b64decode
from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

SECRET = "secret-place-of-the-camera"
# A picture of 64 × 48 in four quarters, made for this test, as a telephone keeps it, with a place in its metadata.
HEIC = b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAb5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9jAAAAAERAAAIAAQAA"
    "AAAB4gABAAAAAAAAANUAAgAAAAACtwABAAAAAAAAADIAAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAAA5w"
    "aXRtAAAAAAABAAAA/WlwcnAAAADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEB"
    "A3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAo"
    "Y2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAABppcmVmAAAAAAAAAA5j"
    "ZHNjAAIAAQABAAABD21kYXQAAADRKAGvCeAjOEf/4J9//f4aH2kNvFV35TeVvUeK7Xo/+LdlPlPZnZh+vWfjYov+8ILtg/wQJ/+PynTaF83J+nscBnGk8hDysMqY"
    "rrveNHTmQI8Jl2AFGCsXGnyzLFotb/OpshtVO+miVF7y9rzoxzD+Bw0147Rgi/ghvf/goLvgIQwb8YHHy3ATcRdzJ7hivQB8/IGHM2nc1WUBm81V/OIE3w3lrWy3"
    "L8cZZFiEYG8D49irpwL300Cz+fhI68UeteJLr617oMYYcHf5WjRp/cNk6EAAAAAGRXhpZgAATU0AKgAAAAgAAQEOAAIAAAANAAAAGgAAAABzZWNyZXQgcGxhY2UA"
    "AA=="
)


def picture(width: int = 640, height: int = 480, mode: str = "RGB") -> Image.Image:
    """Return a picture whose upper left quarter is red and whose lower right one is blue."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2 - 1, height // 2 - 1), fill=(200, 0, 0))
    draw.rectangle((width // 2, height // 2, width - 1, height - 1), fill=(0, 0, 200))
    return image.convert(mode)


def photo(kind: str = "JPEG", *, image: Image.Image | None = None, turned: int = 1) -> bytes:
    """Return a photograph as a camera writes it: with a place in its metadata, and perhaps lying on its side."""
    image = image or picture()
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = SECRET, turned
    out = BytesIO()
    image.save(out, kind, exif=exif.tobytes())
    return out.getvalue()


def paper(pages: int = 1, *, password: str = "", script: bool = False, size: tuple[float, float] = (595, 842)) -> bytes:
    """Return a PDF: blank pages, perhaps locked, perhaps with a script, a link and an embedded file."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(*size)
    if script:
        action = {
            NameObject("/S"): NameObject("/JavaScript"),
            NameObject("/JS"): TextStringObject(f"app.alert('{SECRET}');"),
        }
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
        writer.add_attachment("secret.txt", SECRET.encode())
        writer.add_metadata({"/Author": SECRET})
    if password:
        writer.encrypt(password, algorithm="AES-256")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def scan(images: Sequence[Image.Image]) -> bytes:
    """Return pictures as the pages of a PDF, as scanners do."""
    out = BytesIO()
    images[0].save(out, "PDF", save_all=True, append_images=list(images[1:]), resolution=100)
    return out.getvalue()
