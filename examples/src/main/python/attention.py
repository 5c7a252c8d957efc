"""The program `examples/run attention` in Python: same data, models, seed and choices, so the same numbers.

    pip install torch==2.13.0
    python attention.py
"""

import argparse

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import spam

HEADS = 4
EMBEDDING, HIDDEN, DROPOUT = 32, 64, 0.5


class AttentionModel(nn.Module):
    """The last states of both directions ask, the outputs at all words answer; the linear layer reads both."""

    def __init__(self, words):
        super().__init__()
        self.embedding = nn.Embedding(words, EMBEDDING, padding_idx=spam.PAD)
        self.lstm = nn.LSTM(EMBEDDING, HIDDEN, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(DROPOUT)
        self.attention = nn.MultiheadAttention(2 * HIDDEN, HEADS, batch_first=True)
        self.fc = nn.Linear(4 * HIDDEN, 1)
        spam.prepare(self)

    def answer(self, words, lengths, need_weights):
        vectors = self.dropout(self.embedding(words))
        packed = pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
        outputs, (h, _) = self.lstm(packed)
        ends = torch.cat([h[0], h[1]], 1)
        outputs, _ = pad_packed_sequence(outputs, batch_first=True)
        padding = torch.arange(words.size(1)) >= lengths.unsqueeze(1)
        attended, weights = self.attention(
            ends.unsqueeze(1),
            outputs,
            outputs,
            key_padding_mask=padding,
            need_weights=need_weights,
            average_attn_weights=False,
        )
        both = torch.cat([ends, attended.squeeze(1)], 1)
        return self.fc(self.dropout(both)).squeeze(1), weights

    def forward(self, words, lengths):
        return self.answer(words, lengths, False)[0]

    def weights(self, words, lengths):
        """How much each head looks at each word (batch, head, longest)."""
        return self.answer(words, lengths, True)[1].squeeze(2)


def show(model, vocab, part):
    """How the model looks at the first short spam of a part."""
    names = ["<pad>", "<unk>", *vocab]
    for numbers, is_spam in part:
        if not is_spam or not 12 <= len(numbers) <= 40:
            continue
        words, lengths = torch.tensor([numbers]), torch.tensor([len(numbers)])
        with torch.no_grad():
            probability = model(words, lengths).sigmoid().item()
            mean = model.weights(words, lengths).squeeze(0).mean(0).tolist()
        text = [names[number] for number in numbers]
        print(f"A spam of {len(text)} words, recognised with probability {probability:.3f}: {' '.join(text)}")
        order = sorted(range(len(text)), key=lambda i: -mean[i])[:5]
        print("Most looked at: " + ", ".join(f"{text[i]} {mean[i]:.2f}" for i in order))
        return
    print("The test part has no short spam, so no attention is drawn.")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", help="the package's .tgz file, or the folder with what is in it")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--quick", action="store_true", help="learn from a tenth of the training part")
    options = parser.parse_args()

    torch.set_num_threads(1)
    vocab, parts = spam.load(options.data, options.quick)
    size = len(vocab) + 2
    print("Last states:")
    torch.manual_seed(options.seed)
    last_accuracy, last_f1 = spam.learn(spam.SpamModel(size, 32, 64, 0.5), parts, options.epochs)
    print("With attention:")
    torch.manual_seed(options.seed)
    model = AttentionModel(size)
    accuracy, f1 = spam.learn(model, parts, options.epochs)
    show(model, vocab, parts[2])
    bayes_accuracy, bayes_f1 = spam.baseline(parts, size)
    print(
        f"attention accuracy={accuracy:.3f} f1={f1:.3f} last_state_accuracy={last_accuracy:.3f} "
        f"last_state_f1={last_f1:.3f} baseline_accuracy={bayes_accuracy:.3f} baseline_f1={bayes_f1:.3f}"
    )


if __name__ == "__main__":
    main()
