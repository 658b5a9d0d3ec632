"""Invented papers of the demonstration, drawn as every proof is."""

import json
from collections.abc import Mapping
from pathlib import Path

import typst

from miaoce.registry.approvals import proofs
from miaoce.registry.approvals.proofs_drawing import Drawing
from miaoce.registry.papers import fonts

FOLDER = Path(__file__).parent / "typ"


def drawn(template: str, data: Mapping[str, str]) -> Drawing:
    """Return an invented paper: a template of this folder with its words."""
    said = json.dumps({**data, "families": fonts.FAMILIES}, ensure_ascii=False)
    page = FOLDER / template
    compiler = typst.Compiler(page, root=FOLDER, font_paths=fonts.installed(), sys_inputs={"data": said})
    made = compiler.compile(format="pdf")
    if not isinstance(made, bytes):
        raise TypeError("one document is one file")
    return proofs.draw(made)
