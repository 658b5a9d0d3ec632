"""The template library of the pages, loaded everywhere (settings: builtins); docs/interface.md shows it in use."""

from miaoce.web.components import blocks, lists, values
from miaoce.web.components.library import register

__all__ = ["blocks", "lists", "register", "values"]
