"""The figures that the product shows are those that docs/matching.md reports."""

from pathlib import Path

from miaoce.registry.matching.figures import measured

HANDBOOK = Path(__file__).parents[3] / "docs" / "matching.md"


def test_the_product_shows_the_figures_of_the_handbook():
    rows = {
        tuple(cell.strip() for cell in line.split("|")[2:5])
        for line in HANDBOOK.read_text().splitlines()
        if "|" in line
    }
    assert len(measured()) == 6
    assert [one.measure for one in measured() if (one.bar, one.open, one.elsewhere) not in rows] == []
