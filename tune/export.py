"""Writes trained weights as the product's model: `python -m tune.export --run FOLDER --out models/screen`.

ONNX, matrices and word vectors in int8 with a scale each column; the manifest names the files by digest. What leaves a
feed-forward layer has outliers that int8 flattens (it cost 2 to 3 points of false alarms): these matrices are kept in int8, too,
but multiplied in float32. Temperature and thresholds stay those of the manifest that lies in the folder until
`python -m tune.choose` sets them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from bot.safety.opinion.model import MANIFEST, MODEL, TOKENIZER
from tune.train import Net, Plan

UNSET = {"temperature": 1.0, "thresholds": {"emergency": 0.5, "urgent": 0.5, "watch": 0.5}}
START, END = ("[CLS]", "<s>"), ("[SEP]", "</s>")  # as BERT and as MPNet name the marks


class _Tokens(nn.Module):
    """What the product runs: scores of each token."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self.net = net

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(1, tokens) -> (1, tokens, tiers + kinds)."""
        return self.net.tokens(ids, mask)


def export(run: Path, out: Path) -> None:
    """Write model, tokenizer and manifest of a run of `tune.train`.

    Raises:
        OSError: a file of the run is absent.
    """
    raw = json.loads((run / "plan.json").read_text("utf-8"))
    plan = Plan(**{**raw, "layers": tuple(raw["layers"])})
    net = Net(plan)
    net.load_state_dict(torch.load(run / "weights.pt", weights_only=True))
    net.eval()
    out.mkdir(parents=True, exist_ok=True)
    ids = torch.tensor([[5, 6, 7, 8, 9]])
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = Path(name) / "plain.onnx"
        torch.onnx.export(
            _Tokens(net),
            (ids, torch.ones(1, 5)),
            str(plain),
            input_names=["ids", "mask"],
            output_names=["scores"],
            dynamic_axes={"ids": {1: "tokens"}, "mask": {1: "tokens"}, "scores": {1: "tokens"}},
            opset_version=17,
            dynamo=False,
        )
        _quantise(plain, out / MODEL)
    shutil.copy(Path(plan.base) / "tokenizer.json", out / TOKENIZER)
    _manifest(out)


def _quantise(plain: Path, out: Path) -> None:
    delicate = [node.name for node in onnx.load(plain).graph.node if _is_delicate(node)]
    quantize_dynamic(
        plain,
        out,
        weight_type=QuantType.QInt8,
        per_channel=True,
        op_types_to_quantize=["MatMul", "Gather"],
        nodes_to_exclude=delicate,
    )
    model = onnx.load(out)
    weights = {weight.name: weight for weight in model.graph.initializer}
    for node in [node for node in model.graph.node if node.name in delicate]:
        weight = weights[node.input[1]]
        values = numpy_helper.to_array(weight)
        scale = (np.abs(values).max(axis=0) / 127).astype(np.float32)
        parts = {f"{weight.name}_int8": np.round(values / scale).astype(np.int8), f"{weight.name}_scale": scale}
        model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in parts.items())
        model.graph.initializer.remove(weight)
        model.graph.node.insert(0, helper.make_node("DequantizeLinear", list(parts), [weight.name], axis=1))
    onnx.save(model, out)


def _is_delicate(node: onnx.NodeProto) -> bool:
    return node.op_type == "MatMul" and "/output/dense/" in node.name and "attention" not in node.name


def _manifest(out: Path) -> None:
    path = out / MANIFEST
    chosen = json.loads(path.read_text("utf-8")) if path.is_file() else UNSET
    words = json.loads((out / TOKENIZER).read_text("utf-8"))["model"]["vocab"]
    manifest = {
        "marks": {"start": _number(words, START), "end": _number(words, END)},
        "temperature": chosen["temperature"],
        "thresholds": chosen["thresholds"],
        "files": {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in (MODEL, TOKENIZER)},
    }
    path.write_text(json.dumps(manifest, indent=1), "utf-8")


def _number(words: dict[str, int], names: tuple[str, ...]) -> int:
    return next(words[name] for name in names if name in words)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tune.export", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder that `tune.train` wrote")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    export(given.run, given.out)
