"""`dev.pantorch.nn.CRF` in Python, in the same steps."""

import torch
from torch import nn


class CRF(nn.Module):
    """`dev.pantorch.nn.CRF`: a linear-chain conditional random field."""

    def __init__(self, num_tags):
        super().__init__()
        self.start_transitions = nn.Parameter(torch.empty(num_tags))
        self.end_transitions = nn.Parameter(torch.empty(num_tags))
        self.transitions = nn.Parameter(torch.empty(num_tags, num_tags))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -0.1, 0.1)

    def forward(self, emissions, tags, mask):
        """The sum of the log-likelihoods."""
        emissions = emissions.where(mask.unsqueeze(2), 0)
        tags = tags.where(mask, 0)
        return (self.score(emissions, tags, mask) - self.log_partition(emissions, mask)).sum()

    def score(self, emissions, tags, mask):
        steps = tags.size(1)
        first = tags[:, 0]
        last = tags.gather(1, (mask.sum(1) - 1).unsqueeze(1)).squeeze(1)
        score = emissions.gather(2, tags.unsqueeze(2)).squeeze(2).sum(1)
        score = score + self.start_transitions.index_select(0, first)
        score = score + self.end_transitions.index_select(0, last)
        if steps == 1:
            return score
        pairs = tags[:, :-1] * len(self.start_transitions) + tags[:, 1:]
        return score + self.transitions.take(pairs).where(mask[:, 1:], 0).sum(1)

    def log_partition(self, emissions, mask):
        steps, masks = emissions.unbind(1), mask.unsqueeze(2).unbind(1)
        alpha = steps[0] + self.start_transitions
        for t in range(1, len(steps)):
            following = (alpha.unsqueeze(2) + self.transitions).logsumexp(1) + steps[t]
            alpha = following.where(masks[t], alpha)
        return (alpha + self.end_transitions).logsumexp(1)

    def decode(self, emissions, mask):
        """The best tags (Viterbi), -100 at padding."""
        steps, masks = emissions.where(mask.unsqueeze(2), 0).unbind(1), mask.unsqueeze(2).unbind(1)
        stay = torch.arange(len(self.start_transitions))
        origins = []
        best = steps[0] + self.start_transitions
        for t in range(1, len(steps)):
            values, indices = (best.unsqueeze(2) + self.transitions).max(1)
            origins.append(indices.where(masks[t], stay))
            best = (values + steps[t]).where(masks[t], best)
        path = [(best + self.end_transitions).max(1).indices.unsqueeze(1)]
        for origin in reversed(origins):
            path.append(origin.gather(1, path[-1]))
        return torch.cat(path[::-1], 1).where(mask, -100)
