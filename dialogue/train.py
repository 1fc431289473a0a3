"""Trains the dialogue model: `python -m dialogue.train --out models/evenday.tar.gz`.

The same archive as `rasa train`, by Rasa's own graph, without what its command line does besides: no TensorFlow, no cache of
components, no second reading of the data. Checking the data is `rasa data validate`, run by `make lint`.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import List, Optional, Text

from dialogue import quiet

ROOT = Path(__file__).resolve().parent.parent
DATA = ("data/nlu", "data/rules")


def main(arguments: Optional[List[Text]] = None) -> int:
    """Reads the arguments, trains, says where the model is."""
    parser = argparse.ArgumentParser(prog="python -m dialogue.train", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "models" / "evenday.tar.gz", help="the archive to write")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder of domain.yml, config.yml and data/")
    parser.add_argument("--force", action="store_true", help="train even if nothing changed")
    options = parser.parse_args(arguments)
    return train(options.out.resolve(), options.root.resolve(), options.force)


def train(out: Path, root: Path, force: bool = False) -> int:
    """Trains unless the model at hand is of exactly these files.

    Args:
        out: The archive; replaced only when the new one is whole.
        root: The folder of domain.yml, config.yml and data/.
        force: Train in any case.

    Returns:
        0.
    """
    from dialogue.fingerprint import fingerprint, is_current, mark

    if is_current(out, root) and not force:
        say(f"nothing changed: {out}")
        return 0
    started = time.monotonic()
    made_of = fingerprint(root)
    quiet.ENVIRONMENT["OPENBLAS_NUM_THREADS"] = quiet.ENVIRONMENT["OMP_NUM_THREADS"] = "2"
    say("loading Rasa")
    quiet.prepare()
    build(out, root)
    mark(out).write_text(f"{made_of}\n", "ascii")
    say(f"trained in {time.monotonic() - started:.0f} s: {out}")
    return 0


def build(out: Path, root: Path) -> None:
    """Runs Rasa's training graph and puts its archive in place."""
    from rasa.engine import validation  # after prepare(), which keeps TensorFlow out
    from rasa.engine.caching import LocalTrainingCache
    from rasa.engine.recipes.recipe import Recipe
    from rasa.engine.runner.dask import DaskGraphRunner
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.training.graph_trainer import GraphTrainer
    from rasa.shared.data import TrainingType
    from rasa.utils.common import TempDirectoryPath, get_temp_dir_name

    from dialogue.classifier import IntentClassifier
    from dialogue.importer import SkillImporter

    quiet.silence()
    IntentClassifier.tell = say
    # unwrapped: Rasa's wrappers add responses and end-to-end stories, of which there are none, and copy all data six times
    folders = [str(root / folder) for folder in DATA]
    importer = SkillImporter(str(root / "config.yml"), str(root / "domain.yml"), folders)
    say(
        f"reading {len(importer.get_nlu_data().intent_examples):,} utterances, {len(importer.get_stories().story_steps)} rules"
    )
    config = importer.get_config()
    graph = Recipe.recipe_for_name(config.get("recipe")).graph_config_for_recipe(config, {}, TrainingType.BOTH)
    validation.validate(graph)
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_name(f"draft-{out.name}")
    with TempDirectoryPath(get_temp_dir_name()) as folder:
        trainer = GraphTrainer(LocalModelStorage(Path(folder)), LocalTrainingCache(), DaskGraphRunner)
        trainer.train(graph, importer, draft, force_retraining=True)
    draft.replace(out)


def say(sentence: Text) -> None:
    """One line of progress."""
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
