"""Models as torch.onnx.export writes them: how many nodes there are, and what ONNX Runtime computes with them.

Weights and inputs are those of seeds, which Java draws too. The exporter is the one over TorchScript; the other needs onnxscript.
Constants and identities are no nodes here: the first are initializers in Java's files, the second say nothing.
"""

import io
import json
import warnings
from collections import Counter

import numpy
import onnx
import onnxruntime
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

SILENT = {"Constant", "Identity"}


class Last(nn.Module):
    """The tutorial's model, with any recurrent layer."""

    def __init__(self, layer, width):
        super().__init__()
        self.layer = layer
        self.fc = nn.Linear(width, 1)

    def forward(self, x):
        return self.fc(self.layer(x)[0][:, -1, :])


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 6)
        self.lstm = nn.LSTM(6, 5, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(10, 4)

    def forward(self, tokens, lengths):
        packed = pack_padded_sequence(self.embedding(tokens), lengths, batch_first=True)
        out, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.fc(out)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x):
        return self.attention(x, x, x)


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerDecoderLayer(8, 2, 16, batch_first=True)

    def forward(self, x, memory):
        mask = torch.ones(x.size(1), x.size(1), dtype=torch.bool).triu(1)
        return self.layer(x, memory, tgt_mask=mask)


def image_classifier():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3),
        nn.GroupNorm(2, 6),
        nn.SiLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, 3),
    )


def perceptron():
    return nn.Sequential(
        nn.Linear(5, 8), nn.LayerNorm(8), nn.GELU(), nn.Linear(8, 8), nn.Hardswish(), nn.Linear(8, 3), nn.LogSoftmax(1)
    )


def upscaler():
    return nn.Sequential(
        nn.Conv2d(2, 8, 3, padding=1),
        nn.PReLU(),
        nn.PixelShuffle(2),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.ReflectionPad2d(1),
        nn.InstanceNorm2d(2, affine=True),
        nn.ConvTranspose2d(2, 1, 3, stride=2),
        nn.Sigmoid(),
    )


def encoder():
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2, enable_nested_tensor=False)


def floats(*shape):
    return lambda: [torch.randn(*shape)]


def sentences():
    return [torch.randint(20, (3, 7)), torch.tensor([7, 5, 2])]


BATCH, TIME = {0: "batch"}, {0: "batch", 1: "time"}
# The model, its inputs, and the dynamic axes of each.
MODELS = {
    "lstm": (lambda: Last(nn.LSTM(5, 8, 2, batch_first=True), 8), floats(3, 7, 5), [TIME]),
    "bidirectional": (lambda: Last(nn.LSTM(5, 8, 2, batch_first=True, bidirectional=True), 16), floats(3, 7, 5), [TIME]),
    "gru": (lambda: Last(nn.GRU(5, 8, batch_first=True), 8), floats(3, 7, 5), [TIME]),
    "rnn": (lambda: Last(nn.RNN(5, 8, batch_first=True), 8), floats(3, 7, 5), [TIME]),
    "tagger": (Tagger, sentences, [TIME, BATCH]),
    "attention": (Attention, floats(3, 7, 8), [TIME]),
    "encoder": (encoder, floats(3, 7, 8), [TIME]),
    "decoder": (Decoder, lambda: [torch.randn(3, 5, 8), torch.randn(3, 7, 8)], [TIME, {0: "batch", 1: "memory"}]),
    "image_classifier": (image_classifier, floats(2, 1, 12, 12), [BATCH]),
    "perceptron": (perceptron, floats(4, 5), [BATCH]),
    "upscaler": (upscaler, floats(2, 2, 5, 6), [BATCH]),
}


def export(model, inputs, axes):
    names = [f"x{i}" for i in range(len(inputs))]
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            tuple(inputs),
            file,
            dynamo=False,
            opset_version=18,
            input_names=names,
            dynamic_axes=dict(zip(names, axes)),
        )
    return file.getvalue(), dict(zip(names, (each.numpy() for each in inputs)))


def write(out):
    models, tensors = {}, {}
    for name, (make, draw, axes) in MODELS.items():
        torch.manual_seed(0)
        model = make().eval()
        torch.manual_seed(1)
        bytes, given = export(model, draw(), axes)
        operators = Counter(node.op_type for node in onnx.load_from_string(bytes).graph.node if node.op_type not in SILENT)
        models[name] = {"nodes": sum(operators.values()), "operators": dict(sorted(operators.items()))}
        session = onnxruntime.InferenceSession(bytes, providers=["CPUExecutionProvider"])
        for i, output in enumerate(session.run(None, given)):
            tensors[f"{name}.{i}"] = torch.from_numpy(numpy.ascontiguousarray(output))
    (out / "onnx.json").write_text(json.dumps(models, indent=1) + "\n")
    save_file(tensors, out / "onnx.safetensors")
