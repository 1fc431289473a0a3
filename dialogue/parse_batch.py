"""Understands a file of messages: `python -m dialogue.parse_batch models/evenday.tar.gz < lines.jsonl`.

JSON lines {"text"} in; {"intent", "confidence", "entities", "intent_ranking"} out, in the same order. Reads our component
out of Rasa's archive without loading Rasa: the numbers are those of the server (a test compares them).
"""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Dict, Iterator, List, Optional, TextIO

from dialogue.understanding import Understanding

COMPONENT = "IntentClassifier"  # part of the folder's name in the archive
FILES = ("weights.npz", "words.json")


def main(arguments: Optional[List[str]] = None) -> int:
    """Parses standard input to standard output."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    for answer in parsed(understanding_in(Path(given[0])), sys.stdin):
        print(json.dumps(answer, ensure_ascii=False))
    return 0


def understanding_in(model: Path, threads: int = 2) -> Understanding:
    """What a trained archive understands.

    Args:
        model: An archive written by `dialogue.train`.
        threads: For the encoder.

    Raises:
        ValueError: The archive holds no such component.
    """
    with tarfile.open(model) as archive, TemporaryDirectory() as folder:
        wanted = [entry for entry in archive.getmembers() if COMPONENT in entry.name and entry.name.endswith(FILES)]
        if len(wanted) != len(FILES):
            raise ValueError(f"{model} is no model of this bot: python -m dialogue.train")
        for entry in wanted:
            source = archive.extractfile(entry)
            if source is not None:
                (Path(folder) / Path(entry.name).name).write_bytes(source.read())
        return Understanding.read(Path(folder), threads)


def parsed(understanding: Understanding, lines: TextIO) -> Iterator[Dict[str, Any]]:
    """One answer a line; a line without words has no intent, as in Rasa."""
    for line in lines:
        if not line.strip():
            continue
        text = json.loads(line)["text"]
        ranking = (
            [{"name": name, "confidence": chance} for name, chance in understanding.ranking(text)]
            if text.strip()
            else []
        )
        best = ranking[0] if ranking else {"name": None, "confidence": 0.0}
        yield {"intent": best["name"], "confidence": best["confidence"], "entities": [], "intent_ranking": ranking}


if __name__ == "__main__":
    sys.exit(main())
