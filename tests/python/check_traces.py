"""Runs the traces that Java wrote, and compares their outputs with Java's, to the bit.

    python check_traces.py FOLDER

Beside each NAME.pt lies NAME.safetensors with the input x and the output y.
"""

import pathlib
import sys
import warnings

import torch
from safetensors.torch import load_file


def main(folder):
    traces = sorted(folder.glob("*.pt"))
    for path in traces:
        tensors = load_file(path.with_suffix(".safetensors"))
        y = torch.jit.load(path)(tensors["x"])
        if not torch.equal(y, tensors["y"]):
            sys.exit(f"{path.name}: outputs differ by {(y - tensors['y']).abs().max()}")
    print(f"{len(traces)} traces compute in Python what they compute in Java")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(pathlib.Path(sys.argv[1]))
