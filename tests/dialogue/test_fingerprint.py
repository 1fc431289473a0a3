"""The app trains when, and only when, something that makes the model has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialogue.fingerprint import fingerprint, is_current, mark


@pytest.fixture
def house(tmp_path: Path) -> Path:
    for name in ("domain.yml", "config.yml", "data/nlu/a/one.yml", "data/rules/r.yml", "dialogue/x.py", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    "name", ["domain.yml", "config.yml", "data/nlu/a/one.yml", "data/nlu/new.yml", "dialogue/x.py"]
)
def test_a_change_is_noticed(house: Path, name: str) -> None:
    before = fingerprint(house)
    (house / name).write_text("changed")
    assert fingerprint(house) != before


def test_what_makes_no_model_changes_nothing(house: Path) -> None:
    before = fingerprint(house)
    (house / "README.md").write_text("changed")
    assert fingerprint(house) == before


def test_a_model_is_current_until_something_changes(house: Path) -> None:
    model = house / "models.tar.gz"
    assert not is_current(model, house)
    model.write_bytes(b"model")
    mark(model).write_text(fingerprint(house))
    assert is_current(model, house)
    (house / "domain.yml").write_text("changed")
    assert not is_current(model, house)
