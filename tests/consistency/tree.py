"""The project's own files as the checks of this folder read them."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CJK = re.compile(r"[\u3400-\u9fff]")


@cache
def files() -> tuple[str, ...]:
    """Return every file that is, or is about to be, in the repository: paths from the root, with forward slashes."""
    asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = tuple(sorted(path for path in set(listed.split("\0")) if path and (ROOT / path).is_file()))
    assert len(found) > 30, "the list of files is not the project's"
    return found


def python(*folders: str) -> list[str]:
    """Return the Python files below the folders, migrations left out: they are written by a machine."""
    inside = tuple(folder + "/" for folder in folders)
    return [path for path in files() if path.endswith(".py") and path.startswith(inside) and "/migrations/" not in path]


@cache
def text(path: str) -> str:
    """Return a file's text; what is not text is read as nothing."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def parsed(path: str) -> ast.Module:
    """Return a Python file's syntax tree."""
    return ast.parse(text(path), filename=path)


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for an attribute chain of names; an empty text for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def imports(path: str) -> Iterator[tuple[int, str]]:
    """Give (line, dotted name) of everything a file imports."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module or ''}.{alias.name}".lstrip(".")) for alias in node.names)


def chinese(path: str) -> Iterator[tuple[int, str]]:
    """Give (line, text) of the Chinese in a file that people may read; comments, docstrings and tags are left out."""
    found = _literals(path) if path.endswith(".py") else _lines_shown(path)
    return ((line, words) for line, words in found if CJK.search(words))


def _literals(path: str) -> Iterator[tuple[int, str]]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = [node.body for node in ast.walk(parsed(path)) if isinstance(node, kinds) and node.body]
    documentation = {id(body[0].value) for body in bodies if isinstance(body[0], ast.Expr)}
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


def _lines_shown(path: str) -> Iterator[tuple[int, str]]:
    code = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.DOTALL)
    shown = code.sub(lambda match: "\n" * match[0].count("\n"), text(path))
    for number, line in enumerate(shown.splitlines(), 1):
        yield number, line.strip()
