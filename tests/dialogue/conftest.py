"""Runs pieces of `dialogue` where they live: in Rasa's own environment."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
PREPARED = "from dialogue import quiet; quiet.prepare(); import json\n"

Inside = Callable[[str], Any]


@pytest.fixture(scope="session")
def inside() -> Inside:
    """Runs code in Rasa's environment and returns what it printed last, read as JSON."""

    def run(code: str) -> Any:
        done = subprocess.run(
            [str(PYTHON), "-c", PREPARED + code],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.splitlines()[-1])

    return run
