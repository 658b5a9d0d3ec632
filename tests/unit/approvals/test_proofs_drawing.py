"""Drawing proofs anew: what can be seen stays, everything else goes. In this process, without its limits."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from miaoce.registry.approvals import proofs_drawing as drawing
from miaoce.registry.approvals.proofs_child import draw, kind_of
from miaoce.registry.approvals.proofs_drawing import Drawing, Limits, unpacked
from tests.factories import proofs

pytestmark = pytest.mark.slow
LIMITS = Limits()
RED, BLUE, WHITE = (200, 0, 0), (0, 0, 200), (255, 255, 255)


def opened(page: bytes) -> Image.Image:
    return Image.open(BytesIO(page))


def near(found: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(found, tuple)
    return all(abs(one - other) < 30 for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photograph_is_drawn_without_what_the_camera_wrote(kind: str) -> None:
    given = proofs.photo(kind)
    assert proofs.SECRET.encode() in given
    found = draw(given, LIMITS)
    assert (found.refused, found.came_as, len(found.pages)) == ("", kind.lower(), 1)
    page = opened(found.pages[0])
    assert (page.format, page.size, dict(page.getexif())) == ("JPEG", (640, 480), {})
    assert proofs.SECRET.encode() not in found.pages[0]
    assert near(page.getpixel((100, 100)), RED) and near(page.getpixel((500, 400)), BLUE)


def test_a_picture_of_a_telephone_is_drawn() -> None:
    found = draw(proofs.HEIC, LIMITS)
    assert (found.refused, found.came_as) == ("", "heif")
    page = opened(found.pages[0])
    assert page.size == (64, 48) and b"secret" not in found.pages[0]
    assert near(page.getpixel((10, 10)), (255, 0, 0)) and near(page.getpixel((50, 40)), (0, 0, 255))


def test_a_photograph_that_lies_on_its_side_is_put_upright() -> None:
    page = opened(draw(proofs.photo(turned=6), LIMITS).pages[0])
    assert page.size == (480, 640)
    assert near(page.getpixel((400, 100)), RED)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16"])
def test_every_kind_of_png_is_drawn(mode: str) -> None:
    image = Image.new("I;16", (64, 48), 40_000) if mode == "I;16" else proofs.picture(64, 48).convert(mode)
    out = BytesIO()
    image.save(out, "PNG")
    found = draw(out.getvalue(), LIMITS)
    assert found.refused == "" and opened(found.pages[0]).size == (64, 48)


def test_what_is_seen_through_is_white() -> None:
    out = BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    assert near(opened(draw(out.getvalue(), LIMITS).pages[0]).getpixel((5, 5)), WHITE)


def test_a_large_photograph_is_made_smaller_and_a_heavy_one_lighter() -> None:
    wide = opened(draw(proofs.photo(image=proofs.picture(5_000, 400)), LIMITS).pages[0])
    assert wide.size == (4_096, 328)
    noise = Image.effect_noise((1_200, 1_200), 120).convert("RGB")
    light = Limits(page_bytes=100_000)
    assert len(draw(proofs.photo(image=noise), light).pages[0]) <= 100_000


def test_a_picture_with_more_pixels_than_allowed_is_not_unpacked() -> None:
    out = BytesIO()
    Image.new("1", (8_000, 8_000)).save(out, "PNG")
    assert draw(out.getvalue(), LIMITS).refused == drawing.BOMB


def test_a_pdf_becomes_pictures_of_its_pages() -> None:
    found = draw(proofs.scan([proofs.picture(), proofs.picture(480, 640)]), LIMITS)
    assert (found.came_as, len(found.pages)) == ("pdf", 2)
    first = opened(found.pages[0])
    assert first.format == "JPEG" and near(first.getpixel((100, 100)), RED)


def test_of_a_pdf_with_a_script_only_what_is_seen_stays() -> None:
    given = proofs.paper(script=True)
    assert b"JavaScript" in given
    found = draw(given, LIMITS)
    assert found.refused == "" and proofs.SECRET.encode() not in found.packed() and b"JavaScript" not in found.packed()


def test_a_huge_page_is_drawn_within_its_bounds() -> None:
    page = opened(draw(proofs.paper(size=(14_400, 14_400)), LIMITS).pages[0])
    assert max(page.size) <= LIMITS.side


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (proofs.paper(password="secret"), drawing.LOCKED),
        (proofs.paper(11), drawing.PAGES),
        (b"%PDF-1.7\nnothing", drawing.CORRUPT),
        (proofs.photo()[:300], drawing.CORRUPT),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, drawing.CORRUPT),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", drawing.NOT_A_PROOF),
        (b"GIF89a" + b"\0" * 50, drawing.NOT_A_PROOF),
        (b"II*\0" + b"\0" * 50, drawing.NOT_A_PROOF),
        (b"PK\x03\x04", drawing.NOT_A_PROOF),
        (b"", drawing.NOT_A_PROOF),
    ],
)
def test_what_cannot_be_drawn_says_why(data: bytes, why: str) -> None:
    found = draw(data, LIMITS)
    assert (found.refused, found.pages) == (why, ())
    assert unpacked(found.packed()) == found


def test_how_many_pages_are_too_many_is_told() -> None:
    assert draw(proofs.paper(12), LIMITS).count == 12


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"%PDF-1.4\n"]),
)
def test_whatever_is_sent_there_is_an_answer(data: bytes, head: bytes) -> None:
    found = draw(head + data, LIMITS)
    assert bool(found.pages) != bool(found.refused)


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=5), st.sampled_from(["jpeg", "pdf"]))
def test_what_was_packed_comes_out_again(pages: list[bytes], kind: str) -> None:
    packed = Drawing(kind, tuple(pages))
    assert unpacked(packed.packed()) == packed


def test_what_is_longer_than_it_says_is_refused() -> None:
    with pytest.raises(ValueError, match="pages"):
        unpacked(Drawing("jpeg", (b"one",)).packed() + b"x")


def test_a_file_is_what_its_first_bytes_say() -> None:
    assert [kind_of(proofs.photo(kind)) for kind in ("JPEG", "PNG", "WEBP")] == ["JPEG", "PNG", "WEBP"]
    assert (kind_of(proofs.HEIC), kind_of(proofs.paper())) == ("HEIF", "PDF")
