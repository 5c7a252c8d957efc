"""Runs the traces that Java wrote, and compares their outputs with Java's, to the bit.

    python check_traces.py FOLDER

Beside each NAME.pt lies NAME.safetensors with the inputs x, x1, ... and the outputs y, y1, ... and, where they are to be
compared, the same of other sizes (other.x, other.y), the state dict (state.KEY), the seed before each run, and the mode
(training).
"""

import pathlib
import sys
import warnings

import torch
from safetensors.torch import load_file


def flatten(value):
    if isinstance(value, torch.Tensor):
        return [value]
    parts = value.values() if isinstance(value, dict) else value
    return [tensor for part in parts for tensor in flatten(part)]


def numbered(tensors, letter):
    names = [letter] + [f"{letter}{i}" for i in range(1, len(tensors))]
    return [tensors[name] for name in names if name in tensors]


def check_outputs(name, module, tensors):
    if "seed" in tensors:
        torch.manual_seed(tensors["seed"].item())
    outputs = flatten(module(*numbered(tensors, "x")))
    wanted = numbered(tensors, "y")
    if len(outputs) != len(wanted):
        sys.exit(f"{name}: {len(outputs)} outputs, not {len(wanted)}")
    for i, (y, want) in enumerate(zip(outputs, wanted)):
        if y.shape != want.shape or not torch.equal(y, want):
            sys.exit(f"{name}: output {i} differs: {y} and {want}")


def check_state(name, module, tensors):
    state = {key.removeprefix("state."): value for key, value in tensors.items() if key.startswith("state.")}
    if state and sorted(module.state_dict()) != sorted(state):
        sys.exit(f"{name}: the keys are {sorted(module.state_dict())}, not {sorted(state)}")
    for key, value in state.items():
        if not torch.equal(module.state_dict()[key], value):
            sys.exit(f"{name}: {key} differs")
    if "training" in tensors and any(m.training != bool(tensors["training"]) for m in module.modules()):
        sys.exit(f"{name}: a module is in the other mode")


def main(folder):
    traces = sorted(folder.glob("*.pt"))
    for path in traces:
        tensors = load_file(path.with_suffix(".safetensors"))
        module = torch.jit.load(path)
        check_state(path.name, module, tensors)
        check_outputs(path.name, module, tensors)
        other = {key.removeprefix("other."): value for key, value in tensors.items() if key.startswith("other.")}
        if other:
            check_outputs(path.name, module, other | {key: tensors[key] for key in ("seed",) if key in tensors})
    print(f"{len(traces)} traces compute in Python what they compute in Java")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(pathlib.Path(sys.argv[1]))
