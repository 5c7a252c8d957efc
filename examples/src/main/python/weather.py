"""The program `examples/run weather` in Python: same data, model, seed and choices, so the same numbers.

    pip install torch==2.13.0
    python weather.py
"""

import argparse
import csv
import datetime
import math
import pathlib
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

RECORD = pathlib.Path(__file__).parents[1] / "resources/dev/pantorch/examples/seattle-weather.csv"
COLUMNS = ["temp_max", "temp_min", "wind", "precipitation"]
DAYS_AHEAD = 7
PIECE = 32
HARMONICS = 2


def load():
    """Dates and (day, column): highest and lowest temperature, wind, log(1 + precipitation)."""
    with open(RECORD, newline="") as file:
        days = list(csv.DictReader(file))
    dates = [datetime.date.fromisoformat(day["date"]) for day in days]
    values = torch.tensor([[float(day[name]) for name in COLUMNS] for day in days], dtype=torch.float64)
    values[:, 3] = values[:, 3].log1p()
    return dates, values


def climatology(dates, values, training_end):
    """What is usual on each day: harmonics of the year, fitted to the training part."""
    angle = [2 * math.pi * (date.timetuple().tm_yday - 1) / 365.25 for date in dates]
    angle = torch.tensor(angle, dtype=torch.float64)
    waves = [torch.ones_like(angle)]
    for k in range(1, HARMONICS + 1):
        waves += [(angle * k).cos(), (angle * k).sin()]
    waves = torch.stack(waves, 1)
    return waves @ torch.linalg.lstsq(waves[:training_end], values[:training_end]).solution


class Forecaster(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.features = features
        self.lstm = nn.LSTM(features, 4 * features)
        self.dropout = nn.Dropout(0.3)
        self.fc = nn.Linear(4 * features, DAYS_AHEAD * features)

    def forward(self, x, state=None):
        out, state = self.lstm(x, state)
        return self.fc(self.dropout(out)).view(len(x), DAYS_AHEAD, self.features), state


def ahead(series, first, days):
    """(day, days ahead, column): what comes after each of so many days."""
    return series[first + 1 :].unfold(0, DAYS_AHEAD, 1)[:days].transpose(1, 2)


def damped(anomaly, past, first, days):
    """Each anomaly fades as it did in the training part."""
    today, later = past[: len(past) - DAYS_AHEAD], ahead(past, 0, len(past) - DAYS_AHEAD)
    fading = (today.unsqueeze(1) * later).sum(0) / today.square().sum(0)
    return anomaly[first : first + days].unsqueeze(1) * fading


def linear(anomaly, past, first, days):
    """All anomalies of a day together, by least squares over the training part."""
    rows = len(past) - DAYS_AHEAD
    today = torch.cat([anomaly, torch.ones_like(anomaly[:, :1])], 1)
    weights = torch.linalg.lstsq(today[:rows], ahead(past, 0, rows).reshape(rows, -1)).solution
    return (today[first : first + days] @ weights).view(days, DAYS_AHEAD, -1)


def temperature_mae(forecast, truth):
    return (forecast - truth)[:, :, :2].abs().mean().item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    dates, values = load()
    training_end = dates.index(datetime.date(2014, 1, 1))
    validation_end = dates.index(datetime.date(2015, 1, 1))
    usual = climatology(dates, values, training_end)
    anomaly = values - usual
    past = anomaly[:training_end]
    fitted = past.float().double()
    mean, deviation = fitted.mean(0), fitted.std(0, correction=0)
    x = (anomaly.float() - mean.float()) / deviation.float()
    asked = ahead(x, 0, training_end - DAYS_AHEAD)
    pieces = DataLoader(TensorDataset(x[: len(asked)], asked), batch_size=PIECE)
    # The day that the first forecast of a part is made on, and how many there are.
    parts = [(training_end - 1, validation_end), (validation_end - 1, len(dates))]
    parts = [(first, end - first - DAYS_AHEAD) for first, end in parts]
    truths = [ahead(values, *part) for part in parts]

    print(
        f"Weather of {len(dates)} days, the next {DAYS_AHEAD} to forecast: {len(pieces)} pieces of {PIECE} days to train, "
        f"{parts[0][1]} forecasts to validate, {parts[1][1]} to test."
    )
    model = Forecaster(len(COLUMNS))
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 20, 0.5)

    def answer():
        """The scaled answers of all days, read in one go from the first day on."""
        model.eval()
        with torch.no_grad():
            return model(x.unsqueeze(1))[0]

    def forecasts(answers):
        anomalies = answers.double() * deviation + mean
        return [anomalies[first : first + days] + ahead(usual, first, days) for first, days in parts]

    best_loss, best_epoch, best = math.inf, 0, None
    start = time.perf_counter()
    for epoch in range(1, options.epochs + 1):
        model.train()
        total, state = 0, None
        for piece, target in pieces:
            optimizer.zero_grad()
            answers, state = model(piece.unsqueeze(1), state)
            state = tuple(part.detach() for part in state)
            loss = criterion(answers, target)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item() * len(piece)
        scheduler.step()

        answers = answer()
        first, days = parts[0]
        loss = criterion(answers[first : first + days], ahead(x, first, days)).item()
        print(
            f"Epoch [{epoch}/{options.epochs}], Loss: {total / len(asked):.4f}, Validation loss: {loss:.4f}, "
            f"MAE of temperatures: {temperature_mae(forecasts(answers)[0], truths[0]):.3f} °C"
        )
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
            best = {name: value.clone() for name, value in model.state_dict().items()}
    print(f"Trained in {time.perf_counter() - start:.1f} s; weights of epoch {best_epoch}.")

    model.load_state_dict(best)
    after = [ahead(usual, *part) for part in parts]
    everyone = {
        "LSTM": forecasts(answer()),
        "linear in today's anomalies": [u + linear(anomaly, past, *p) for u, p in zip(after, parts)],
        "today's anomaly, damped": [u + damped(anomaly, past, *p) for u, p in zip(after, parts)],
        "climatology": after,
        "persistence": [values[f : f + n].unsqueeze(1).expand(-1, DAYS_AHEAD, -1) for f, n in parts],
        "seasonal naive": [ahead(values, f - 365, n) for f, n in parts],
    }
    print(f"{'':28} {'2014':>7} {'2015, test':>39}")
    print(f"{'MAE':28} {'°C':>7} {'°C':>7} {'high':>7} {'low':>7} {'wind':>7} {'rain':>7}")
    for name, (before, then) in everyone.items():
        columns = (then - truths[1]).abs().mean((0, 1)).tolist()
        figures = [temperature_mae(before, truths[0]), temperature_mae(then, truths[1]), *columns]
        print(f"{name:28} " + " ".join(f"{figure:7.3f}" for figure in figures))
    print(f"\n{'°C, 2015, days ahead':28} " + " ".join(f"{day:7}" for day in range(1, DAYS_AHEAD + 1)))
    for name, (_, then) in everyone.items():
        figures = (then - truths[1])[:, :, :2].abs().mean((0, 2)).tolist()
        print(f"{name:28} " + " ".join(f"{figure:7.3f}" for figure in figures))
    print()

    temperatures = {name: (then - truths[1])[:, :, :2] for name, (_, then) in everyone.items()}
    keys = ["", "linear_", "damped_", "climatology_", "persistence_", "naive_"]
    print(
        "weather "
        + " ".join(
            f"{key}mae={error.abs().mean().item():.3f} {key}rmse={error.square().mean().sqrt().item():.3f}"
            for key, error in zip(keys, temperatures.values())
        )
    )


if __name__ == "__main__":
    main()
