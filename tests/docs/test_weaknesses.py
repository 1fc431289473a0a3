"""`make audit`: what a report of pip-audit comes to, and which weaknesses docs/security.md answers."""

from __future__ import annotations

import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _script() -> Any:
    loader = SourceFileLoader("audit", str(ROOT / "scripts" / "audit"))
    spec = spec_from_loader("audit", loader)
    assert spec is not None
    made = module_from_spec(spec)
    loader.exec_module(made)
    return made


audit = _script()
WEAK = {"id": "PYSEC-2030-1", "fix_versions": ["1.2"], "aliases": ["CVE-2030-1"], "description": "bad"}


def test_a_weakness_is_told_with_what_mends_it() -> None:
    report = {
        "dependencies": [
            {"name": "fine", "version": "1", "vulns": []},
            {"name": "weak", "version": "1.1", "vulns": [WEAK]},
        ]
    }
    assert audit.judged(report) == (["weak 1.1: PYSEC-2030-1, mended by 1.2"], [])


def test_a_service_that_knows_nothing_is_no_pass() -> None:
    report = {"dependencies": [{"name": "any", "skip_reason": "Dependency not found on PyPI and could not be audited"}]}
    assert audit.judged(report) == ([], ["any"])


@pytest.mark.parametrize(
    "said",
    [
        "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='api.osv.dev', port=443): Max retries exceeded",
        "requests.exceptions.HTTPError: 503 Server Error",
        "ERROR:pip_audit._cli:Could not connect to PyPI's vulnerability feed",
    ],
)
def test_no_service_within_reach_is_told_as_that(said: str) -> None:
    audit.unanswered(f"WARNING: something else\n{said}")


def test_a_failure_of_pip_audit_itself_is_told_with_its_words_and_passes_nowhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(audit.Broken, match="No module named pip_audit"):
        audit.unanswered("/usr/bin/python: No module named pip_audit")
    monkeypatch.setattr(audit, "LOCKS", ("of_nothing",))
    assert audit.main() == audit.BROKEN != audit.UNKNOWN
    assert "NOT AUDITED, pip-audit failed" in capsys.readouterr().out


def test_every_weakness_that_is_answered_names_a_version_that_is_pinned() -> None:
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    locks = "".join((ROOT / "locks" / f"{lock}.txt").read_text("utf-8") for lock in audit.LOCKS)
    rows = re.findall(r"^\| `([A-Z]+-[\w-]+)` \| ([\w.-]+) ([\w.]+) \| (.+) \|$", page, re.MULTILINE)
    assert [row[0] for row in rows] == audit.answered(page)
    for weakness, package, version, why in rows:
        assert f"\n{package}=={version} " in locks, (
            f"{weakness}: {package} {version} is pinned no more, take its row out"
        )
        assert len(why) > 20
