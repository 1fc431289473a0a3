"""Reads out of the code which actions it records in the audit, by following each action's name to where it is written.

`staff.record` takes an action. A function that hands on one of its own arguments as the action records, too: whatever it
is called with is an action. So a new page, a new step or a new wrapper is found without being listed anywhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Recorder:
    """A function one of whose arguments becomes an action: `{}` in `form` stands for it."""

    module: str
    function: str
    argument: str
    form: str = "{}"


@dataclass
class Code:
    """Modules of a folder: `console/gate.py` is `gate`."""

    trees: dict[Path, ast.Module]
    functions: dict[tuple[str, str], list[Function]] = field(default_factory=dict)
    calls: dict[Path, list[tuple[ast.Call, tuple[Function, ...]]]] = field(default_factory=dict)
    imports: dict[Path, list[ast.ImportFrom]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file, tree in self.trees.items():
            self.calls[file] = list(_walk(tree, ()))
            nodes = list(ast.walk(tree))
            self.imports[file] = [node for node in nodes if isinstance(node, ast.ImportFrom)]
            for node in nodes:
                if isinstance(node, Function):
                    self.functions.setdefault((file.stem, node.name), []).append(node)


def actions(folder: Path) -> set[str]:
    """Every action that the code under a folder records.

    Raises:
        AssertionError: an action comes from where this can't follow; names the place.
    """
    code = Code({file: ast.parse(file.read_text("utf-8")) for file in sorted(folder.rglob("*.py"))})
    found: set[str] = set()
    todo, done = [Recorder("staff", "record", "action")], set[Recorder]()
    while todo:
        recorder = todo.pop()
        done.add(recorder)
        for file, call, inside in _calls(code, recorder):
            for value in _values(code, file, _argument(code, recorder, call), inside):
                if isinstance(value, str):
                    found.add(recorder.form.format(value))
                else:
                    wrapper = Recorder(file.stem, value.function, value.argument, recorder.form.format(value.form))
                    todo += [] if wrapper in done or wrapper in todo else [wrapper]
    return found


def _calls(code: Code, recorder: Recorder) -> Iterator[tuple[Path, ast.Call, tuple[Function, ...]]]:
    """Calls of a recorder, each with the functions around it, the innermost first."""
    for file, calls in code.calls.items():
        names = _names(code, file, recorder)
        for call, inside in calls:
            called = call.func
            if isinstance(called, ast.Name) and called.id in names["bare"]:
                yield file, call, inside
            elif isinstance(called, ast.Attribute) and called.attr == recorder.function:
                owner = called.value
                # Methods are told by their name alone: `visit.record`, `self._record`.
                is_method = (
                    _is_method(code, recorder) and isinstance(owner, ast.Name) and owner.id not in names["modules"]
                )
                if (isinstance(owner, ast.Name) and owner.id in names["own"]) or is_method:
                    yield file, call, inside


def _names(code: Code, file: Path, recorder: Recorder) -> dict[str, set[str]]:
    """By which names a module knows the recorder, its module, and other modules."""
    bare = {recorder.function} if file.stem == recorder.module else set[str]()
    own, modules = set[str](), set[str]()
    for node in code.imports[file]:
        for alias in node.names:
            name = alias.asname or alias.name
            modules.add(name)
            if alias.name == recorder.module:
                own.add(name)
            if (node.module or "").rpartition(".")[2] == recorder.module and alias.name == recorder.function:
                bare.add(name)
    return {"bare": bare, "own": own, "modules": modules}


def _is_method(code: Code, recorder: Recorder) -> bool:
    found = code.functions.get((recorder.module, recorder.function), [])
    return any(one.args.args and one.args.args[0].arg == "self" for one in found)


def _walk(node: ast.AST, inside: tuple[Function, ...]) -> Iterator[tuple[ast.Call, tuple[Function, ...]]]:
    for child in ast.iter_child_nodes(node):
        around = (child, *inside) if isinstance(child, Function) else inside
        if isinstance(child, ast.Call):
            yield child, around
        yield from _walk(child, around)


def _argument(code: Code, recorder: Recorder, call: ast.Call) -> ast.expr | None:
    for keyword in call.keywords:
        if keyword.arg == recorder.argument:
            return keyword.value
    for function in code.functions.get((recorder.module, recorder.function), []):
        given = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        if recorder.argument in given:
            place = given.index(recorder.argument) - (given[0] == "self")
            return call.args[place] if place < len(call.args) else None
    return None


def _values(code: Code, file: Path, value: ast.expr | None, inside: tuple[Function, ...]) -> Iterator[str | Recorder]:
    """What an expression may be: words, or an argument of a function around it."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
        return
    if isinstance(value, ast.IfExp):
        yield from _values(code, file, value.body, inside)
        yield from _values(code, file, value.orelse, inside)
        return
    form, name = _formed(value)
    if name is not None:
        for function in inside:
            if name in [one.arg for one in (*function.args.args, *function.args.kwonlyargs)]:
                yield Recorder(file.stem, function.name, name, form)
                return
        assigned = list(_assigned(code, file, name, inside))
        if assigned and form == "{}":
            yield from assigned
            return
        constant = _constant(code.trees[file], name)
        if constant is not None:
            yield form.format(constant)
            return
    where = f"{file}:{getattr(value, 'lineno', inside[0].lineno if inside else 0)}"
    raise AssertionError(f"{where}: the action of this entry can't be followed; write it as a text or an argument")


def _formed(value: ast.expr | None) -> tuple[str, str | None]:
    """A name, or a text with one name in it."""
    if isinstance(value, ast.Name):
        return "{}", value.id
    if isinstance(value, ast.JoinedStr):
        parts = [part.value for part in value.values if isinstance(part, ast.FormattedValue)]
        if len(parts) == 1 and isinstance(parts[0], ast.Name):
            text = [str(part.value) if isinstance(part, ast.Constant) else "{}" for part in value.values]
            return "".join(text), parts[0].id
    return "{}", None


def _constant(tree: ast.Module, name: str) -> str | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if name in names:
                return str(node.value.value)
    return None


def _assigned(code: Code, file: Path, name: str, inside: tuple[Function, ...]) -> Iterator[str]:
    """`name = "…"`, or `…, name = function()`: then what that function of the same module returns there."""
    for function in inside:
        for node in ast.walk(function):
            if not isinstance(node, ast.Assign):
                continue
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id == name and isinstance(node.value, ast.Constant):
                yield str(node.value.value)
            if (
                isinstance(target, ast.Tuple)
                and isinstance(node.value, ast.Call)
                and isinstance(node.value.func, ast.Name)
            ):
                places = [n for n, one in enumerate(target.elts) if isinstance(one, ast.Name) and one.id == name]
                for place in places:
                    yield from _returned(code, file, node.value.func.id, place)


def _returned(code: Code, file: Path, function: str, place: int) -> Iterator[str]:
    for one in code.functions.get((file.stem, function), []):
        for node in ast.walk(one):
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
                given = node.value.elts[place]
                assert isinstance(given, ast.Constant), f"{file}:{node.lineno}: the action can't be followed"
                yield str(given.value)
