"""Data fixtures: the orders of samplers, loaders and random_split after a seed, default_collate, scikit-learn's scalers and labels, and text."""

import collections
import re

import numpy
import torch
from torch.utils import data

import training

SEED = 42


TEXTS = [
    "You can't now install \"TorchText\" using pip!",
    " two\tsp\u00a0aces\u2003and\x1cseparators\x85 \r\n here \x1f",
    "\u00c4\u00d6\u00dc \u0130stanbul \u03a3\u03a3 \ud7ff\uff01\U0001f600\U0001f600\ue000",
    "",
]


def write_text(result):
    """What Python makes of text: tokens, an order by frequency, labels."""
    from sklearn import preprocessing

    pattern = "[A-Za-z]+(?:'[a-z]+)?|[!?]"
    words = [character for text in TEXTS for character in text]
    counts = collections.Counter(words)
    encoder = preprocessing.LabelEncoder().fit(numpy.array(words, dtype=object))
    result["text"] = {
        "texts": [
            {"text": text, "split": text.split(), "list": list(text), "lower": text.lower(), "findall": re.findall(pattern, text)}
            for text in TEXTS
        ],
        "pattern": pattern,
        "byFrequency": sorted(counts, key=lambda word: (-counts[word], word)),
        "classes": list(encoder.classes_),
        "transformed": encoder.transform(words).tolist(),
    }


class Numbers(data.Dataset):
    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        if index >= self.size:
            raise IndexError(index)
        return index


def samplers():
    numbers = Numbers(10)
    weights = [0.1, 0.9, 0.4, 0.7, 3.0, 0.6]
    for own in (False, True):
        generator = torch.Generator().manual_seed(SEED + 1) if own else None
        yield "random", own, data.RandomSampler(numbers, generator=generator)
        yield "random 25", own, data.RandomSampler(numbers, num_samples=25, generator=generator)
        yield "random replacement", own, data.RandomSampler(numbers, replacement=True, num_samples=70, generator=generator)
        yield "weighted", own, data.WeightedRandomSampler(weights, 12, generator=generator)
        yield "weighted once", own, data.WeightedRandomSampler(weights, 5, replacement=False, generator=generator)
        yield "subset", own, data.SubsetRandomSampler([3, 1, 4, 15, 9], generator=generator)
    for drop_last in (False, True):
        for rank in range(3):
            sampler = data.distributed.DistributedSampler(numbers, 3, rank, seed=5, drop_last=drop_last)
            sampler.set_epoch(2)
            yield f"distributed {drop_last} {rank}", False, sampler


def write(folder):
    tensors, result = {}, {"seed": SEED, "samplers": [], "loaders": []}
    for name, own, sampler in samplers():
        torch.manual_seed(SEED)
        result["samplers"].append(
            {"name": name, "own": own, "passes": [[int(i) for i in sampler] for _ in range(2)], "after": torch.rand(1).item()}
        )
    for own in (False, True):
        for batch_size, drop_last in ((3, False), (3, True), (5, False)):
            torch.manual_seed(SEED)
            generator = torch.Generator().manual_seed(SEED + 1) if own else None
            loader = data.DataLoader(Numbers(10), batch_size, shuffle=True, drop_last=drop_last, generator=generator)
            passes = [[batch.tolist() for batch in loader] for _ in range(3)]
            result["loaders"].append(
                {"own": own, "batchSize": batch_size, "dropLast": drop_last, "passes": passes, "after": torch.rand(1).item()}
            )
    generator = torch.Generator().manual_seed(SEED)
    result["splits"] = [part.indices for part in data.random_split(Numbers(10), [3, 7], generator)]
    result["fractions"] = [part.indices for part in data.random_split(Numbers(31), [0.3, 0.3, 0.4], generator)]

    from sklearn import preprocessing

    values = torch.randn(20, 3, dtype=torch.float64, generator=generator) * torch.tensor([1.0, 50.0, 0.01]) + 7
    values[:, 1] = values[:, 1].round()
    constant = torch.cat([values, torch.full((20, 1), 2.5, dtype=torch.float64)], 1)
    tensors["values"] = constant
    array = constant.numpy()
    standard = preprocessing.StandardScaler().fit(array[:14])
    minmax = preprocessing.MinMaxScaler().fit(array[:14])
    ranged = preprocessing.MinMaxScaler((-1, 1)).fit(array[:14])
    for name, scaler in (("standard", standard), ("minmax", minmax), ("ranged", ranged)):
        tensors[f"{name}.transformed"] = torch.from_numpy(numpy.ascontiguousarray(scaler.transform(array)))
    tensors["standard.mean"] = torch.from_numpy(standard.mean_)
    tensors["standard.scale"] = torch.from_numpy(standard.scale_)
    tensors["minmax.min"] = torch.from_numpy(minmax.data_min_)
    tensors["minmax.max"] = torch.from_numpy(minmax.data_max_)
    write_text(result)
    training.write_json(folder / "data.json", result)
    training.write_tensors(folder / "data.safetensors", tensors)
