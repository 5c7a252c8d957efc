"""The program `examples/run transformer` in Python: same data, model, seed and choices, so the same numbers.

    pip install torch==2.13.0
    python transformer.py
"""

import argparse
import math

import torch
from torch import nn

import rain


class PositionalEncoding(nn.Module):
    """Adds to each step a vector that says where it stands (Vaswani and others 2017)."""

    def __init__(self, d_model, max_length):
        super().__init__()
        position = torch.arange(max_length).unsqueeze(1)
        frequencies = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        angles = position * frequencies
        self.register_buffer("encoding", torch.stack([angles.sin(), angles.cos()], 2).flatten(1), persistent=False)

    def forward(self, x):
        return x + self.encoding[: x.size(1)]


class RainTransformer(nn.Module):
    def __init__(self, features, d_model, nhead, num_layers):
        super().__init__()
        self.embedding = nn.Linear(features, d_model)
        self.position = PositionalEncoding(d_model, 365)
        layer = nn.TransformerEncoderLayer(d_model, nhead, 2 * d_model, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers)
        self.fc = nn.Linear(d_model, 1)

    def forward(self, x):
        encoded = self.encoder(self.position(self.embedding(x)))
        return self.fc(encoded[:, -1]).squeeze(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    train, validation, test = rain.load()
    x, _, y = train
    y = y.float()
    model = RainTransformer(5, 32, 4, 2)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 5, 0.5)
    best_loss, best = math.inf, None
    for epoch in range(1, options.epochs + 1):
        model.train()
        total = 0
        for batch in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(x[batch]), y[batch])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item() * len(batch)
        scheduler.step()

        model.eval()
        with torch.no_grad():
            logits = model(validation[0])
            loss = criterion(logits, validation[2].float()).item()
        accuracy, f1 = rain.scores(logits > 0, validation[2])
        print(
            f"Epoch [{epoch}/{options.epochs}], Loss: {total / len(x):.4f}, "
            f"Validation loss: {loss:.4f}, accuracy: {accuracy:.3f}, F1: {f1:.3f}"
        )
        if loss < best_loss:
            best_loss = loss
            best = {name: value.clone() for name, value in model.state_dict().items()}

    model.load_state_dict(best)
    with torch.no_grad():
        sure, answer = (model(part[0]).sigmoid() for part in (validation, test))
    threshold = rain.best_threshold(sure, validation[2])
    accuracy, f1 = rain.scores(answer >= threshold, test[2])
    baseline_accuracy, baseline_f1 = rain.scores(test[1], test[2])
    print(f"threshold {threshold:.2f}")
    print(
        f"transformer accuracy={accuracy:.3f} f1={f1:.3f} "
        f"baseline_accuracy={baseline_accuracy:.3f} baseline_f1={baseline_f1:.3f}"
    )


if __name__ == "__main__":
    main()
