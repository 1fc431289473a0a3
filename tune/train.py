"""Tunes an encoder on the lines of data/screen: `python -m tune.train --base FOLDER --out FOLDER`.

Cross-entropy on four tiers and on eight kinds, from the mean of the tokens; AdamW, warm-up and linear decay; a fifth of the
lines is read with a slip of the thumb, a fifth as written, before disguises are taken off. Seeded.
"""

from __future__ import annotations

import argparse
import json
import random
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import AutoModel

from bot.safety.opinion.model import KINDS, LONGEST_TOKENS, TIERS
from bot.safety.opinion.second import COACH, JOINT, NOW, PERSON
from tune.rows import ANSWERS, Row, coach_words, read_all

HELD_OUT = 0.05  # of the families of twins: they choose the thresholds
TOKENS_A_BATCH, ROWS_A_BATCH, SORTED_AT_ONCE = 900, 48, 800
SLIPS, AS_WRITTEN = 0.2, 0.2  # shares of the lines
SMOOTHING, KIND_WEIGHT, WARM_UP, LEAST_RATE = 0.05, 0.5, 0.06, 0.02
EARLIER = 0.3  # of those behind the coach's words: the share with an exchange before that
HEAD_TIMES = 16  # the heads begin from nothing and learn that much faster than the encoder
TIER_WEIGHTS = (1.0, 1.1, 1.1, 1.2)
_NEIGHBOURS = dict(
    zip("qwertyuiopasdfghjklzxcvbnm",
        "wa qes wrd etf ryg tuh yij uok ipl o qsz awdx sefc drgv fthb gyjn hukm jil ko xa zcs xvd cbf vng bmh n".split(),
        strict=True)
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How to train. `layers` of the base are kept, in order; of these the first `frozen` stay as they are.

    `coach`: the share of lines that are read behind words of the coach, which must decide nothing by themselves.
    `half` multiplies in bfloat16, which takes half the time on a processor that knows it (AVX-512 BF16).
    """

    base: str
    layers: tuple[int, ...]
    frozen: int
    epochs: float
    rate: float
    half: bool = False
    coach: float = 0.0
    seed: int = 1


class Net(nn.Module):
    """Encoder and two linear heads."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(plan.base, attn_implementation="eager", add_pooling_layer=False)
        stack = self.encoder.encoder
        stack.layer = nn.ModuleList([stack.layer[place] for place in plan.layers])
        width = self.encoder.config.hidden_size
        self.rest, self.tier, self.kind = nn.Dropout(0.1), nn.Linear(width, len(TIERS)), nn.Linear(width, len(KINDS))
        if plan.frozen:
            self.encoder.embeddings.requires_grad_(False)
        for layer in stack.layer[: plan.frozen]:
            layer.requires_grad_(False)

    def tokens(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Scores of each token, (batch, tokens, tiers + kinds); their mean is the message's."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return torch.cat([self.tier(states), self.kind(states)], dim=-1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Scores of each message: tiers, kinds."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        mean = self.rest((states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True))
        return self.tier(mean), self.kind(mean)


def parted(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Lines to learn from, and whole families that are held out."""
    held = {row.family for row in rows if zlib.crc32(row.family.encode()) % 1000 < 1000 * HELD_OUT}
    held = {family for family in held if not family.startswith("nlu ")}
    return [row for row in rows if row.family not in held], [row for row in rows if row.family in held]


def slipped(text: str, chance: random.Random) -> str:
    """The text with one or two slips of the thumb."""
    words = text.split(" ")
    for _ in range(1 + chance.randrange(2)):
        place = chance.randrange(len(words))
        word = words[place]
        if len(word) < 4:
            continue
        at = chance.randrange(len(word) - 1)
        ways = (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + chance.choice(_NEIGHBOURS.get(word[at], "e")) + word[at + 1 :],
        )
        words[place] = ways[chance.randrange(len(ways))]
    return " ".join(words)


def view(row: Row, chance: random.Random, coach: Sequence[str] = (), share: float = 0.0) -> str:
    """A line as it is read this time: as written or legible, with slips or without, alone or behind the coach's words."""
    text = row.raw.replace("\n", " / ") if row.raw and chance.random() < AS_WRITTEN else row.text
    text = slipped(text, chance) if chance.random() < SLIPS else text
    if not row.raw or chance.random() >= share:
        return text
    earlier = (
        f"{COACH}{chance.choice(coach)}{JOINT}{PERSON}{chance.choice(ANSWERS)}{JOINT}"
        if chance.random() < EARLIER
        else ""
    )
    return f"{earlier}{COACH}{chance.choice(coach)}{JOINT}{NOW}{text}"


Coded = tuple[list[int], int, int]


def batches(
    rows: Sequence[Row], tokenizer: Tokenizer, chance: random.Random, coach: Sequence[str] = (), share: float = 0.0
) -> list[list[Coded]]:
    """The lines in batches of like length, in a new order."""
    names, kinds = [tier.value for tier in TIERS], [kind.value for kind in KINDS]
    coded = [
        (tokenizer.encode(view(r, chance, coach, share)).ids, names.index(r.tier), kinds.index(r.kind)) for r in rows
    ]
    chance.shuffle(coded)
    out: list[list[Coded]] = []
    for start in range(0, len(coded), SORTED_AT_ONCE):
        batch: list[Coded] = []
        for line in sorted(coded[start : start + SORTED_AT_ONCE], key=lambda one: len(one[0])):
            if batch and ((len(batch) + 1) * len(line[0]) > TOKENS_A_BATCH or len(batch) >= ROWS_A_BATCH):
                out.append(batch)
                batch = []
            batch.append(line)
        out.append(batch)
    chance.shuffle(out)
    return out


def padded(ids: Sequence[Sequence[int]], filler: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token numbers and mask of texts of unlike length."""
    longest = max(map(len, ids))
    rows = torch.full((len(ids), longest), filler, dtype=torch.long)
    mask = torch.zeros(len(ids), longest)
    for number, line in enumerate(ids):
        rows[number, : len(line)] = torch.tensor(line)
        mask[number, : len(line)] = 1
    return rows, mask


def tuned(
    plan: Plan, rows: Sequence[Row], tokenizer: Tokenizer, start: Path | None = None
) -> Iterator[tuple[int, int, float, Net]]:
    """Train; yields (step, steps, loss, net) now and then, and at the end."""
    torch.manual_seed(plan.seed)
    chance, net, coach = random.Random(plan.seed), Net(plan), coach_words()
    if start:
        net.load_state_dict(torch.load(start, weights_only=True))
    filler = int(net.encoder.config.pad_token_id)
    heads = [*net.tier.parameters(), *net.kind.parameters()]
    known = {id(one) for one in heads}
    body = [one for one in net.parameters() if one.requires_grad and id(one) not in known]
    groups = [{"params": body, "lr": plan.rate}, {"params": heads, "lr": plan.rate * HEAD_TIMES}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    weights = torch.tensor(TIER_WEIGHTS)
    total, step = int(len(batches(rows, tokenizer, chance, coach, plan.coach)) * plan.epochs), 0
    warm = max(1, int(total * WARM_UP))
    net.train()
    while step < total:
        for batch in batches(rows, tokenizer, chance, coach, plan.coach)[: total - step]:
            share = (step + 1) / warm if step < warm else max(LEAST_RATE, 1 - (step - warm) / (total - warm))
            for group, rate in zip(optimiser.param_groups, (plan.rate, plan.rate * HEAD_TIMES), strict=True):
                group["lr"] = rate * share
            with torch.autocast("cpu", torch.bfloat16, enabled=plan.half):
                tiers, kinds = net(*padded([line[0] for line in batch], filler))
            tiers, kinds = tiers.float(), kinds.float()
            loss = functional.cross_entropy(
                tiers, torch.tensor([line[1] for line in batch]), weight=weights, label_smoothing=SMOOTHING
            ) + KIND_WEIGHT * functional.cross_entropy(
                kinds, torch.tensor([line[2] for line in batch]), label_smoothing=SMOOTHING
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            nn.utils.clip_grad_norm_([*body, *heads], 1.0)
            optimiser.step()
            step += 1
            if step % 50 == 0 or step == total:
                yield step, total, float(loss), net


def main() -> None:
    """Train, and keep weights and plan."""
    parser = argparse.ArgumentParser(prog="python -m tune.train", description=__doc__)
    parser.add_argument("--base", required=True, help="folder of the base model: weights, config.json, tokenizer.json")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--layers", default="0,1,2,3,4,5")
    parser.add_argument("--frozen", type=int, default=0)
    parser.add_argument("--epochs", type=float, default=3.0)
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--start", type=Path, help="weights of an earlier run of the same plan, to go on from")
    parser.add_argument(
        "--coach", type=float, default=0.0, help="share of the lines that are read behind words of the coach"
    )
    parser.add_argument(
        "--half", action="store_true", help="multiply in bfloat16: twice as fast where the processor knows it"
    )
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    layers = tuple(int(place) for place in given.layers.split(","))
    plan = Plan(given.base, layers, given.frozen, given.epochs, given.rate, given.half, given.coach)
    tokenizer = Tokenizer.from_file(str(Path(given.base) / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST_TOKENS)
    learned, held = parted(read_all())
    print(f"{len(learned):,} lines to learn from, {len(held):,} held out", flush=True)
    given.out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    for step, total, loss, net in tuned(plan, learned, tokenizer, given.start):
        print(f"  {step} of {total}, loss {loss:.3f}, {time.monotonic() - started:.0f} s", flush=True)
        if step % 500 == 0 or step == total:
            torch.save(net.state_dict(), given.out / "weights.pt")
    (given.out / "plan.json").write_text(json.dumps(asdict(plan)), "utf-8")


if __name__ == "__main__":
    main()
