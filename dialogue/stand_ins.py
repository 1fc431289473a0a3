"""Keeps out of memory what Rasa imports and this bot never calls: TensorFlow, other people's channels and databases, plots.

Rasa's modules name TensorFlow for DIET and TED, which we don't use; importing it costs seconds and 200 MB at every start.
`use()` must run before the first import of rasa. A stand-in is a name and no more: calling one raises, so that code that
would need the real library fails at once and by name. What else imports fail for stays as it is.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import sys
from importlib.abc import Loader, MetaPathFinder
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, Optional, Sequence

ABSENT = frozenset({"tensorflow", "keras", "sklearn", "matplotlib", "boto3", "botocore", "pymongo", "aio_pika"})
FAULTS = ("Error", "Exception", "Failure")


class StandIn(type):
    """The class of names: any attribute is another name, a call is an error."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return named(f"{cls.__qualname__}.{name}")

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls.__dict__.get("is_stand_in"):
            if len(args) == 1 and callable(args[0]):
                return args[0]  # used as a decorator while a module is read
            return refuse(cls.__qualname__)
        return super().__call__(*args, **kwargs)


def refuse(name: str) -> NoReturn:
    """Says which absent library was called: nothing that serves may need one, so a call is a fault of ours, told by name."""
    raise RuntimeError(f"{name} is not loaded in this process: see dialogue/stand_ins.py")


def named(path: str) -> type:
    """A stand-in for one name; names of faults can be caught."""
    last = path.rpartition(".")[2]
    if last.endswith(FAULTS):
        return type(last, (Exception,), {})
    return StandIn(last, (), {"__qualname__": path, "__module__": "dialogue.stand_ins", "is_stand_in": True})


class StandInModule(ModuleType):
    """A module of any names."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = named(f"{self.__name__}.{name}")
        setattr(self, name, found)
        return found


class Finder(MetaPathFinder, Loader):
    """Answers for the absent libraries and all their submodules."""

    def find_spec(
        self, name: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        """A module for an absent library, None for any other."""
        absent = name.partition(".")[0] in ABSENT
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if absent else None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """An empty module that has every name."""
        return StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""


def use() -> None:
    """Stands in for the absent libraries, and for the list of Rasa's connectors."""
    if "rasa" in sys.modules:
        raise RuntimeError("stand_ins.use() comes before the first import of rasa")
    sys.meta_path.insert(0, Finder())
    import rasa.core  # nothing of it but its path is needed

    channels = ModuleType("rasa.core.channels")  # its __init__ imports fifteen connectors
    channels.__path__ = [str(Path(path) / "channels") for path in rasa.core.__path__]
    channels.__dict__["__getattr__"] = lambda name: getattr(
        importlib.import_module(f"{channels.__name__}.channel"), name
    )
    sys.modules[channels.__name__] = channels
