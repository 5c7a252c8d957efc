"""Clipping of gradients: every kind of norm, gradients of several dtypes, and norms that are not finite."""

import torch
from torch import nn

from training import SEED, write_json, write_tensors

NORMS = {"0": 0.0, "1": 1.0, "2": 2.0, "3": 3.0, "inf": float("inf"), "-inf": float("-inf")}
DTYPES = {
    "float32": [torch.float32] * 3,
    "mixed": [torch.float32, torch.float64, torch.bfloat16],
    "half first": [torch.bfloat16, torch.float32, torch.float16],
}
MAX_NORM = 0.75
BAD = {"inf": float("inf"), "nan": float("nan")}


def parameters(dtypes):
    torch.manual_seed(SEED)
    made = [nn.Parameter(torch.zeros(size, dtype=dtype)) for size, dtype in zip([(3, 4), (5,), (2, 2)], dtypes)]
    for p in made:
        p.grad = torch.randn(p.shape).to(p.dtype)
    return made


def write(folder):
    tensors, messages = {}, {}
    for name, dtypes in DTYPES.items():
        tensors |= {f"{name}.before.{i}": p.grad.clone() for i, p in enumerate(parameters(dtypes))}
        for norm_name, norm_type in NORMS.items():
            made = parameters(dtypes)
            prefix = f"{name}.{norm_name}"
            tensors[f"{prefix}.norm"] = nn.utils.clip_grad_norm_(made, MAX_NORM, norm_type)
            tensors |= {f"{prefix}.after.{i}": p.grad for i, p in enumerate(made)}
    for bad_name, bad in BAD.items():
        made = parameters(DTYPES["float32"])
        made[1].grad[2] = bad
        for norm_name, norm_type in NORMS.items():
            try:
                nn.utils.clip_grad_norm_(made, MAX_NORM, norm_type, error_if_nonfinite=True)
                messages[f"{bad_name}.{norm_name}"] = None
                made[1].grad[2] = bad
            except RuntimeError as error:
                messages[f"{bad_name}.{norm_name}"] = str(error)
        made = parameters(DTYPES["float32"])
        made[1].grad[2] = bad
        tensors[f"{bad_name}.norm"] = nn.utils.clip_grad_norm_(made, MAX_NORM)
        tensors |= {f"{bad_name}.after.{i}": p.grad for i, p in enumerate(made)}
    description = {"maxNorm": MAX_NORM, "dtypes": list(DTYPES), "norms": list(NORMS), "messages": messages}
    write_json(folder / "clipping.json", description)
    write_tensors(folder / "clipping.safetensors", tensors)
