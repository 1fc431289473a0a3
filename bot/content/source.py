"""YAML that remembers its lines, so that a checker can say where a file is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from bot.errors import ContentError

Model = TypeVar("Model", bound=BaseModel)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Source:
    """One parsed file: its plain data, and the line of every key and item in it.

    Attributes:
        file: the file that was read.
        data: dicts, lists and scalars, as `yaml.safe_load` gives them.
        lines: path of keys and indexes -> 1-based line number.
    """

    file: Path
    data: Any
    lines: dict[tuple[str | int, ...], int]

    def line(self, path: Sequence[str | int]) -> int:
        """The line of the deepest part of `path` that stands in the file."""
        parts = tuple(path)
        while parts and parts not in self.lines:
            parts = parts[:-1]
        return self.lines.get(parts, 1)

    def error(self, path: Sequence[str | int], what: str) -> ContentError:
        """A `ContentError` that points at `path`."""
        return ContentError(self.file, self.line(path), what)

    def parse(self, model: type[Model]) -> Model:
        """The file as a pydantic model.

        Raises:
            ContentError: names the line of the first thing that does not fit, and how many more there are.
        """
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            # A misspelt key shows as one that is unknown and one that is missing: the first tells more.
            first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
            more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
            where = ".".join(str(part) for part in first["loc"])
            raise self.error(first["loc"], f"{where}: {first['msg']}{more}") from None


def read(file: Path) -> Source:
    """Parse one YAML file.

    Raises:
        ContentError: the file is missing, not UTF-8, not YAML, or says the same key twice.
    """
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        raise ContentError(file, 0, f"can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ContentError(file, 0, "is not UTF-8: save it as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ContentError(file, line, f"is not YAML: {error.problem}") from None
    lines: dict[tuple[str | int, ...], int] = {}
    return Source(file, _build(node, (), lines, file) if node else {}, lines)


def _build(node: Any, path: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], file: Path) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = _scalar(key_node)
            if key in out:
                raise ContentError(file, key_node.start_mark.line + 1, f'"{key}" stands here twice: keep one')
            out[key] = _build(value_node, (*path, key), lines, file)
            lines[(*path, key)] = key_node.start_mark.line + 1
        return out
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, index), lines, file) for index, item in enumerate(node.value)]
    return _scalar(node)


def _scalar(node: Any) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()
