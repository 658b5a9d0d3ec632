"""PDFs by typst. Values go in as data and never as markup, so that no name can do anything but be printed."""

import json
from pathlib import Path
from typing import Any

import typst

from miaoce.registry.papers import fonts

FOLDER = Path(__file__).parent / "typ"


def pdf(template: str, data: dict[str, Any]) -> bytes:
    """Return the PDF that a template of the folder `typ` makes of the data. Refuses PAP-01 without a Chinese font."""
    fonts.require_chinese()
    compiler = typst.Compiler(
        FOLDER / f"{template}.typ",
        root=FOLDER,
        font_paths=fonts.installed(),
        sys_inputs={"data": json.dumps({**data, "families": fonts.FAMILIES}, ensure_ascii=False)},
    )
    made = compiler.compile(format="pdf")
    if not isinstance(made, bytes):
        raise TypeError("one document is one file")
    return made
