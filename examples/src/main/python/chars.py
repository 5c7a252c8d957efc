"""The program `examples/run chars` in Python: same data, model, seed and choices, so the same numbers.

    pip install torch==2.13.0
    python chars.py
"""

import argparse
import collections
import copy
import math
import re
import time

import torch
from torch import nn
from torch.nn import functional as F

import example_data
from tagging import PACKAGE, SHA256, VERSION

ROWS, STEPS = 32, 50
MIN_COUNT = 10
LONGEST_NGRAM = 7


# Stories, a sentence a line.


def read_story(raw):
    lines = []
    for line in raw.decode("latin-1").splitlines():
        words = " ".join(token.rpartition("/")[0] for token in line.split())
        if words:
            tight = re.sub(r"(``|[(\[]) ", r"\1", re.sub(r" ([.,;:?!)\]]|'')", r"\1", words))
            lines.append(tight.replace("``", '"').replace("''", '"') + "\n")
    return "".join(lines)


def load(data, quick):
    """(number of stories, texts of the three parts)"""
    archive = example_data.archive(PACKAGE, VERSION, SHA256, data)
    files = example_data.read(archive, lambda path: re.fullmatch("c[klmnpr][0-9][0-9]", path))
    stories = [read_story(raw) for _, raw in files]
    order = torch.randperm(len(stories), generator=torch.Generator().manual_seed(0)).tolist()
    held_out = max(1, len(order) // 10)
    train = order[2 * held_out :]
    if quick:
        train = train[:held_out]
    parts = train, order[held_out : 2 * held_out], order[:held_out]
    return len(stories), ["".join(stories[i] for i in sorted(part)) for part in parts]


# Baseline: n-grams with Witten and Bell's smoothing.


class NGrams:
    def __init__(self, text, symbols):
        self.symbols = symbols
        self.counts = collections.Counter()
        self.total = collections.Counter()
        self.different = collections.Counter()
        for i, symbol in enumerate(text):
            for k in range(min(LONGEST_NGRAM, i + 1)):
                context = text[i - k : i]
                self.total[context] += 1
                if (context, symbol) not in self.counts:
                    self.different[context] += 1
                self.counts[context, symbol] += 1

    def bits(self, text):
        """Bits per symbol of the models with n = 1, 2, ..."""
        nats = [0] * LONGEST_NGRAM
        for i, symbol in enumerate(text):
            p = 1 / self.symbols
            for k in range(LONGEST_NGRAM):
                context = text[i - k : i] if k <= i else None
                if context in self.total:
                    count, different = self.counts[context, symbol], self.different[context]
                    p = (count + different * p) / (self.total[context] + different)
                nats[k] -= math.log(p)
        return [n / len(text) / math.log(2) for n in nats]


# Model.


class CharModel(nn.Module):
    def __init__(self, characters):
        super().__init__()
        self.embedding = nn.Embedding(characters, 64)
        self.lstm = nn.LSTM(64, 256, batch_first=True)
        with torch.no_grad():
            # The forget gate's biases sum to 1: the cells remember from the start.
            self.lstm.bias_ih_l0[256:512] = 1
            self.lstm.bias_hh_l0[256:512] = 0
        self.dropout = nn.Dropout(0.1)
        self.fc = nn.Linear(256, characters)
        nn.init.xavier_uniform_(self.lstm.weight_ih_l0)
        nn.init.xavier_uniform_(self.lstm.weight_hh_l0)

    def forward(self, characters, state=None):
        output, state = self.lstm(self.embedding(characters), state)
        return self.fc(self.dropout(output)), state


def pieces(text):
    """A text in rows that are read side by side, and what follows each character."""
    columns = (len(text) - 1) // ROWS
    text = torch.tensor(text)
    read = text[: columns * ROWS].view(ROWS, columns)
    following = text[1 : columns * ROWS + 1].view(ROWS, columns)
    return list(zip(read.split(STEPS, 1), following.split(STEPS, 1)))


def run(model, batches, optimizer=None):
    """Bits per character of one pass. The state is carried on, without its graph."""
    nats, characters, state = 0, 0, None
    for read, following in batches:
        logits, state = model(read, state)
        loss = F.cross_entropy(logits.flatten(0, 1), following.flatten(0, 1))
        if optimizer:
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        state = tuple(s.detach() for s in state)
        nats += loss.item() * following.numel()
        characters += following.numel()
    return nats / characters / math.log(2)


def bits(model, text):
    model.eval()
    with torch.no_grad():
        return run(model, pieces(text))


def write(model, numbers, names, start, length, temperature):
    model.eval()
    following, state, text = torch.tensor([[numbers.get(c, 0) for c in start]]), None, start
    with torch.no_grad():
        for _ in range(length):
            logits, state = model(following, state)
            # Without number 0, the unknown character, which nobody can write.
            known = logits[:, -1][:, 1:] / temperature
            following = known.softmax(1).multinomial(1) + 1
            text += names[following.item()]
    return text


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", help="the package's .tgz file, or the folder with what is in it")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--start", default="The ")
    parser.add_argument("--length", type=int, default=300)
    parser.add_argument("--quick", action="store_true", help="learn from a tenth of the stories")
    options = parser.parse_args()

    torch.set_num_threads(1)
    stories, texts = load(options.data, options.quick)
    counts = collections.Counter(texts[0])
    kept = [c for c in counts if counts[c] >= MIN_COUNT]
    names = ["<unk>", *sorted(kept, key=lambda c: (-counts[c], c))]
    numbers = {name: number for number, name in enumerate(names)}
    print(
        f"{stories} stories: {len(texts[0])} characters to train, {len(texts[1])} to validate, {len(texts[2])} to test; "
        f"{len(names)} different ones."
    )
    train, validation, test = ([numbers.get(c, 0) for c in text] for text in texts)
    ngrams = NGrams(tuple(train), len(names))
    validation_bits = ngrams.bits(tuple(validation))
    n = 1 + validation_bits.index(min(validation_bits))
    print(f"The {n}-gram model needs {validation_bits[n - 1]:.4f} bits a character of the validation part.")

    torch.manual_seed(options.seed)
    model = CharModel(len(names))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
    batches = pieces(train)
    best_bits, best = math.inf, None
    begin = time.perf_counter()
    for epoch in range(1, options.epochs + 1):
        model.train()
        training = run(model, batches, optimizer)
        scheduler.step()
        now = bits(model, validation)
        print(f"Epoch [{epoch}/{options.epochs}], Bits per character: {training:.4f}, Validation: {now:.4f}", flush=True)
        if now < best_bits:
            best_bits, best = now, copy.deepcopy(model.state_dict())
    print(f"Trained in {time.perf_counter() - begin:.1f} s.")
    model.load_state_dict(best)
    for temperature in (0.5, 0.8):
        torch.manual_seed(options.seed)
        print(f"\nWritten at temperature {temperature:.1f}:")
        print(write(model, numbers, names, options.start, options.length, temperature))
    found, baseline = bits(model, test), ngrams.bits(tuple(test))[n - 1]
    print(
        f"chars bits={found:.3f} perplexity={2**found:.3f} baseline_bits={baseline:.3f} "
        f"baseline_perplexity={2**baseline:.3f} baseline_n={n}"
    )


if __name__ == "__main__":
    main()
