"""Tells whether a trained model is still that of the files before us. Imports nothing but the standard library."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Iterator

SINGLE = ("domain.yml", "config.yml")
FOLDERS = (("data/nlu", "*.yml"), ("data/rules", "*.yml"), ("dialogue", "*.py"))


def fingerprint(root: Path) -> str:
    """One hash over all that a model is made of.

    Args:
        root: The folder that holds domain.yml.

    Returns:
        64 hex digits; the same on every machine for the same names and bytes.
    """
    digest = hashlib.sha256()
    for path in sources(root):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def sources(root: Path) -> Iterator[Path]:
    """The files that make a model, in a fixed order."""
    yield from (root / name for name in SINGLE)
    for folder, pattern in FOLDERS:
        yield from sorted((root / folder).rglob(pattern))


def mark(model: Path) -> Path:
    """The small file beside a model that says what it was made of."""
    return model.with_name(f"{model.name}.fingerprint")


def is_current(model: Path, root: Path) -> bool:
    """Whether the model exists and was made of exactly these files.

    Args:
        model: The archive that `dialogue.train` wrote.
        root: The folder that holds domain.yml.
    """
    try:
        return model.is_file() and mark(model).read_text("ascii").strip() == fingerprint(root)
    except OSError:
        return False
