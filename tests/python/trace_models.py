"""Traces and scripts models for Java to run: the other direction of check_traces.py, with files of the same form.

    python trace_models.py FOLDER
"""

import pathlib
import sys
import warnings

import torch
from safetensors.torch import save_file
from torch import nn

import script_modules
from check_traces import flatten


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 6)
        self.gru = nn.GRU(6, 5, 2, bidirectional=True, batch_first=True, dropout=0.2)
        self.norm = nn.LayerNorm(10)
        self.fc = nn.Linear(10, 4)

    def forward(self, words):
        out, last = self.gru(self.embed(words))
        return {"scores": self.fc(self.norm(out)), "last": last}


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, query, memory):
        out, weights = self.attention(query, memory, memory)
        return out.mul_(2), weights


class Clipped(nn.Module):
    """Control flow, which only scripting keeps."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 3)
        self.register_buffer("calls", torch.zeros((), dtype=torch.int64))

    def forward(self, x):
        for _ in range(x.size(0)):
            x = self.fc(x)
            if x.max() > 1:
                x = x.clamp(-1, 1)
        return x


def write(folder, name, module, inputs, others, training):
    module.train(training)
    if name.startswith("scripted"):
        script = torch.jit.script(module)
    else:
        script = torch.jit.trace(module, inputs, check_trace=False, strict=False)
    script.save(folder / f"{name}.pt")
    tensors = {f"state.{key}": value for key, value in script.state_dict().items()}
    tensors |= {"seed": torch.tensor(5), "training": torch.tensor(int(training))}
    for prefix, some in {"": inputs, "other.": others}.items():
        torch.manual_seed(5)
        tensors |= {f"{prefix}x{i or ''}": x for i, x in enumerate(some)}
        tensors |= {f"{prefix}y{i or ''}": y for i, y in enumerate(flatten(torch.jit.load(folder / f"{name}.pt")(*some)))}
    save_file({key: value.detach().clone().contiguous() for key, value in tensors.items()}, folder / f"{name}.safetensors")


def main(folder):
    torch.manual_seed(1)
    words = torch.randint(20, (3, 7))
    count = 0
    for mode in (True, False):
        for name, module, inputs, others in (
            ("lstm", script_modules.LSTMModel(), (torch.randn(4, 6, 5),), (torch.randn(2, 9, 5),)),
            ("scripted-conv", script_modules.ConvNet(), (torch.randn(4, 3, 8),), (torch.randn(2, 3, 5),)),
            ("tagger", Tagger(), (words,), (words[:, :4],)),
            ("scripted-tagger", Tagger(), (words,), (words[:2],)),
            ("pair", Pair(), (torch.randn(2, 5, 8), torch.randn(2, 3, 8)), (torch.randn(2, 5, 8), torch.randn(2, 3, 8))),
            ("scripted-clipped", Clipped(), (torch.randn(4, 3),), (5 * torch.randn(9, 3),)),
            ("encoder", nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (torch.randn(2, 5, 8),), (torch.randn(2, 5, 8),)),
        ):
            write(folder, f"{name}-{'train' if mode else 'eval'}", module, inputs, others, mode)
            count += 1
    print(f"{count} models are traced and scripted")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    main(pathlib.Path(sys.argv[1]))
