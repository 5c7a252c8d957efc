"""Checks ONNX files that Java has written, each with a safetensors file of inputs x0, x1, ... and outputs y0, y1, ... beside it."""

import sys
from pathlib import Path

import numpy
import onnx
import onnxruntime
from safetensors.numpy import load_file

TOLERANCE = 1e-5


def check(path):
    onnx.checker.check_model(str(path), full_check=True)
    tensors = load_file(path.with_suffix(".safetensors"))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    outputs = session.run(None, {name: each for name, each in tensors.items() if name.startswith("x")})
    for i, output in enumerate(outputs):
        expected = tensors[f"y{i}"]
        assert output.shape == expected.shape, (path, output.shape, expected.shape)
        assert numpy.abs(output - expected).max() <= TOLERANCE, (path, i)


def main():
    paths = sorted(Path(sys.argv[1]).glob("*.onnx"))
    for path in paths:
        check(path)
    print(f"{len(paths)} models pass")


if __name__ == "__main__":
    main()
