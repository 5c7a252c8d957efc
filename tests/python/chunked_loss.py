"""Fixtures of linear_cross_entropy in pieces: every policy, dtype and reduction, forward and backward."""

import itertools
import json

import torch
from torch import nn
from torch.nn import functional as F

import layers
import op_samples
import store
import training

POLICIES = ("auto", "accurate", "balanced", "compact")
SIZES = ((5, 3, 7), (5, 4, 2))  # rows, features, classes: the weight's gradient has buffers of its own where classes are few


def record(index, tensors, dtype, sizes, options, reduction, extras):
    rows, features, classes = sizes
    given = {
        "input": layers.values(rows, features, seed=1).to(dtype).requires_grad_(),
        "linearWeight": layers.values(classes, features, seed=2).to(dtype).requires_grad_(),
    }
    if extras:
        given["linearBias"] = layers.values(classes, seed=3).to(dtype).requires_grad_()
    weight = layers.values(classes, seed=4).abs().to(dtype) if extras else None
    target = layers.integers(classes, rows, seed=5)
    loss = F.linear_cross_entropy(
        given["input"],
        given["linearWeight"],
        target,
        linear_bias=given.get("linearBias"),
        weight=weight,
        reduction=reduction,
        ignore_index=1 if extras else None,
        options=nn.LinearCrossEntropyOptions(**options),
    )
    cotangent = op_samples.cotangent(loss, 0)
    loss.backward(cotangent)
    saved = given | {"target": target, "loss": loss, "cotangent": cotangent}
    saved |= {f"{name}.grad": t.grad for name, t in given.items()} | ({"weight": weight} if extras else {})
    for name, tensor in saved.items():
        tensors[f"{index}.{name}"] = tensor
    described = {k: store.dtype_name(v) if isinstance(v, torch.dtype) else v for k, v in options.items()}
    return {"dtype": store.dtype_name(dtype), "reduction": reduction, "extras": extras, "options": described}


def settings():
    for dtype, policy in itertools.product((torch.float32, torch.bfloat16, torch.float16), POLICIES):
        acc = {} if policy == "auto" or dtype == torch.float32 else {"acc_dtype": torch.float32}
        yield dtype, {"acc_policy": policy, "batch_chunk_size": 2} | acc
    yield torch.float32, {"chunking_method": "aspect_ratio"}
    yield torch.float32, {"chunking_method": "aspect_ratio:2", "allow_retain_graph": True}
    yield torch.bfloat16, {}


def write(folder):
    tensors, cases = {}, []
    for (dtype, options), sizes, reduction, extras in itertools.product(
        settings(), SIZES, ("mean", "sum", "none"), (True, False)
    ):
        cases.append(record(len(cases), tensors, dtype, sizes, options, reduction, extras))
    with open(folder / "chunked_loss.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
    training.write_tensors(folder / "chunked_loss.safetensors", tensors)
