"""The program `examples/run rain` in Python: same data, model, seed and choices, so the same numbers.

    pip install torch==2.13.0
    python rain.py
"""

import argparse
import csv
import datetime
import math
import pathlib

import torch
from torch import nn

STEPS = 10
RECORD = pathlib.Path(__file__).parents[1] / "resources/dev/pantorch/examples/seattle-weather.csv"


class LSTMModel(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers, output_size):
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1, :])


def load():
    """(x, rain today, rain tomorrow) of the training, the validation and the test part."""
    with open(RECORD, newline="") as file:
        days = list(csv.DictReader(file))
    dates = [datetime.date.fromisoformat(day["date"]) for day in days]

    def column(name):
        return torch.tensor([float(day[name]) for day in days], dtype=torch.float64)

    angle = [2 * math.pi * (date.timetuple().tm_yday - 1) / 365.25 for date in dates]
    features = torch.stack(
        [
            column("precipitation").log1p(),
            column("temp_max"),
            column("temp_min"),
            column("wind"),
            torch.tensor(angle, dtype=torch.float64).cos(),
        ],
        1,
    ).float()
    rain = column("precipitation") > 0

    train_days = dates.index(datetime.date(2014, 1, 1))
    test_day = dates.index(datetime.date(2015, 1, 1))
    past = features[:train_days]
    x = ((features - past.mean(0)) / past.std(0)).unfold(0, STEPS, 1).transpose(1, 2)
    bounds = [0, train_days - STEPS, test_day - STEPS, len(days) - STEPS]
    return [
        (x[a:b].contiguous(), rain[a + STEPS - 1 : b + STEPS - 1], rain[a + STEPS : b + STEPS])
        for a, b in zip(bounds, bounds[1:])
    ]


def scores(predicted, actual):
    """Accuracy and F1."""
    right = (predicted == actual).sum().item()
    positives = predicted.sum().item() + actual.sum().item()
    f1 = 2 * (predicted & actual).sum().item() / positives if positives else 0
    return right / len(actual), f1


def best_threshold(probabilities, actual):
    """The probability from which "yes" is right most often, accuracy and F1 counting alike."""
    thresholds = [k / 100 for k in range(20, 81)]
    return max(thresholds, key=lambda t: sum(scores(probabilities >= t, actual)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    train, validation, test = load()
    x, _, y = train
    y = y.float()
    model = LSTMModel(5, 64, 2, 1)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 10, 0.5)
    best_loss, best_epoch, best = math.inf, 0, None
    for epoch in range(1, options.epochs + 1):
        model.train()
        total = 0
        for batch in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss = criterion(model(x[batch]).squeeze(1), y[batch])
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item() * len(batch)
        scheduler.step()

        model.eval()
        with torch.no_grad():
            logits = model(validation[0]).squeeze(1)
            loss = criterion(logits, validation[2].float()).item()
        accuracy, f1 = scores(logits > 0, validation[2])
        print(
            f"Epoch [{epoch}/{options.epochs}], Loss: {total / len(x):.4f}, "
            f"Validation loss: {loss:.4f}, accuracy: {accuracy:.3f}, F1: {f1:.3f}"
        )
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
            best = {name: value.clone() for name, value in model.state_dict().items()}

    model.load_state_dict(best)
    with torch.no_grad():
        sure, answer = (model(part[0]).squeeze(1).sigmoid() for part in (validation, test))
    threshold = best_threshold(sure, validation[2])
    accuracy, f1 = scores(answer >= threshold, test[2])
    today_accuracy, today_f1 = scores(test[1], test[2])
    never_accuracy, never_f1 = scores(torch.zeros_like(test[2]), test[2])
    valid_accuracy, valid_f1 = scores(sure >= threshold, validation[2])
    print(f"epoch {best_epoch}, threshold {threshold:.2f}, validation {valid_accuracy:.3f} {valid_f1:.3f}")
    print(
        f"rain accuracy={accuracy:.3f} f1={f1:.3f} baseline_accuracy={today_accuracy:.3f} "
        f"baseline_f1={today_f1:.3f} majority_accuracy={never_accuracy:.3f} majority_f1={never_f1:.3f}"
    )


if __name__ == "__main__":
    main()
