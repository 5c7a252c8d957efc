"""`dev.pantorch.data.BucketByLengthSampler` in Python: batches of similar length in random order."""

import torch
from torch.utils.data import Sampler


class BucketByLengthSampler(Sampler):
    def __init__(self, lengths, batch_size, pool_batches=100):
        self.lengths = lengths
        self.batch_size = batch_size
        self.pool = pool_batches * batch_size

    def __len__(self):
        return -(-len(self.lengths) // self.batch_size)

    def __iter__(self):
        seed = int(torch.empty((), dtype=torch.int64).random_().item())
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(self.lengths), generator=generator).tolist()
        batches = []
        for start in range(0, len(order), self.pool):
            pool = sorted(order[start : start + self.pool], key=lambda i: -self.lengths[i])
            batches += [pool[k : k + self.batch_size] for k in range(0, len(pool), self.batch_size)]
        for turn in torch.randperm(len(batches), generator=generator).tolist():
            yield batches[turn]
