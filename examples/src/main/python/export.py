"""What `examples/run export` asks of Python: to load the models that Java has trained, to answer as they do, to train on.

    pip install torch==2.13.0
    python export.py NAME FOLDER

FOLDER is that of one model, with `model.pt`, `answers.pt`, `training.pt`; `resumed.pt` goes there.
"""

import pathlib
import sys

import torch
from torch import nn
from torch.nn.utils.rnn import pad_packed_sequence

import rain
import spam
import tagging


class Rain:
    learning_rate = 1e-3

    @staticmethod
    def model(state):
        return rain.LSTMModel(state["lstm.weight_ih_l0"].shape[1], state["fc.weight"].shape[1], 2, 1)

    @staticmethod
    def answer(model, x):
        return [model(x)]

    @staticmethod
    def loss(model, x, y):
        return nn.functional.binary_cross_entropy_with_logits(model(x).squeeze(1), y)


class Spam:
    learning_rate = 2e-3

    @staticmethod
    def model(state):
        return spam.SpamModel(*state["embedding.weight"].shape, state["fc.weight"].shape[1] // 2, 0.5)

    @staticmethod
    def answer(model, words, lengths):
        return [model(words, lengths)]

    @staticmethod
    def loss(model, words, lengths, y):
        return nn.functional.binary_cross_entropy_with_logits(model(words, lengths), y)


class Tagging:
    learning_rate = 4e-3

    @staticmethod
    def model(state):
        sizes = [len(state[name + ".weight"]) for name in ("word", "suffix3", "suffix2", "shape")]
        return tagging.Tagger(sizes, len(state["universal.bias"]), len(state["full.bias"]), False)

    @staticmethod
    def answer(model, features, lengths):
        output = model.encode(features, lengths)
        hidden, _ = pad_packed_sequence(output, batch_first=True, total_length=features.shape[1])
        return [model.universal(hidden), model.full(hidden)]

    @staticmethod
    def loss(model, *batch):
        return model.loss(batch)


def load(path):
    return torch.load(path, weights_only=True)


def main():
    name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    example = {"rain": Rain, "spam": Spam, "tagging": Tagging}[name]
    torch.set_num_threads(1)

    state = load(folder / "model.pt")
    model = example.model(state)
    model.load_state_dict(state)
    model.eval()
    answers = load(folder / "answers.pt")
    with torch.no_grad():
        found = example.answer(model, *answers["inputs"])
    difference = max((a - b).abs().max().item() for a, b in zip(found, answers["outputs"], strict=True))

    training = load(folder / "training.pt")
    model.load_state_dict(training["model"])
    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=example.learning_rate)
    optimizer.load_state_dict(training["optimizer"])
    torch.manual_seed(training["seed"])
    for batch in training["batches"]:
        optimizer.zero_grad()
        loss = example.loss(model, *batch)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, folder / "resumed.pt")
    print(difference)


if __name__ == "__main__":
    main()
