"""Reads the files that Java wrote, and compares them with what checkpoints.json says is in them.

    python check_checkpoints.py FOLDER FIXTURES

FOLDER has .pt files by the names of checkpoints.json, and numpy's and safetensors' files.
"""

import json
import pathlib
import sys
import warnings

import numpy
import torch
from safetensors.torch import load_file

from checkpoints import compact, describe


def numpy_values(path):
    loaded = numpy.load(path, allow_pickle=False)
    return loaded if isinstance(loaded, numpy.ndarray) else dict(loaded)


def sharded(index):
    names = json.loads(index.read_text())["weight_map"]
    files = {name: load_file(index.parent / name) for name in sorted(set(names.values()))}
    return {key: files[name][key] for key, name in names.items()}


def main(folder, fixtures):
    expected = json.loads((fixtures / "checkpoints.json").read_text())
    readers = {
        ".pt": [
            lambda path: torch.load(path, weights_only=True),
            lambda path: torch.load(path, weights_only=True, mmap=True) if not path.stem.endswith("-legacy") else None,
        ],
        ".npy": [numpy_values],
        ".npz": [numpy_values],
        ".json": [sharded],
    }
    checked = 0
    for path in sorted(folder.iterdir()):
        for read in readers.get(path.suffix, []):
            value = read(path)
            if value is None:
                continue
            name = path.name.split(".")[0]
            if compact(describe(value)) != compact(expected[name]["value"]):
                sys.exit(f"{path.name} differs:\n{compact(describe(value))}\n{compact(expected[name]['value'])}")
            checked += 1
    print(f"{checked} files read by Python as they should be")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
