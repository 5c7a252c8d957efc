"""Loads the state of a network that Java has quantized statically, and compares its outputs with Java's, to the bit.

    python check_quantized_state.py FOLDER

FOLDER has net.pt, and net.safetensors with the input x and the output y.
"""

import pathlib
import sys
import warnings

import torch
from safetensors.torch import load_file

from static_quantization import NET_FUSED, X86, Net, quantized


def main(folder):
    net = quantized(Net(), NET_FUSED, X86, [])
    net.load_state_dict(torch.load(folder / "net.pt", weights_only=True))
    tensors = load_file(folder / "net.safetensors")
    if not torch.equal(net(tensors["x"]), tensors["y"]):
        sys.exit("outputs differ")
    print("the same outputs in Python")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(pathlib.Path(sys.argv[1]))
