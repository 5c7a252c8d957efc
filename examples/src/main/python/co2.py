"""The program `examples/run co2` in Python: same data, model, seed and choices, so the same numbers.

    pip install torch==2.13.0
    python co2.py
"""

import argparse
import csv
import itertools
import math
import pathlib
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

RECORD = pathlib.Path(__file__).parents[1] / "resources/dev/pantorch/examples/co2-concentration.csv"
YEAR = 12
HISTORY = 3 * YEAR
HORIZON = YEAR


def load():
    """Months and their values without gaps."""
    with open(RECORD, newline="") as file:
        record = {row["Date"][:7]: float(row["CO2"]) for row in csv.DictReader(file)}
    months = [f"{year}-{month:02}" for year in range(1958, 2021) for month in range(1, 13)]
    months = months[months.index("1958-11") : months.index("2020-04") + 1]
    before, after = months.index("1964-01"), months.index("1964-05")
    low, high = record["1964-01"], record["1964-05"]
    for i in range(before + 1, after):
        record[months[i]] = low + (high - low) * (i - before) / (after - before)
    return months, torch.tensor([record[month] for month in months], dtype=torch.float64)


class Forecaster(nn.Module):
    def __init__(self, target):
        super().__init__()
        self.target = target
        self.lstm = nn.LSTM(1, 32, batch_first=True)
        self.fc = nn.Linear(32, HORIZON)

    def forward(self, x):
        read = x - last_year(x).unsqueeze(2) if self.target in ("centred", "season") else x
        out, _ = self.lstm(read)
        return (base(self.target, x) + self.fc(out[:, -1, :])).unsqueeze(2)


def last_year(x):
    return x[:, -YEAR:].mean(1)


def base(target, x):
    """What is forecast before the LSTM says anything."""
    if target == "season":
        years = x.reshape(len(x), -1, YEAR)
        deviations = years - years.mean(2, keepdim=True)
        return last_year(x) - (deviations[:, -1] * 2 + deviations[:, -2]) / 3
    return last_year(x).expand(-1, HORIZON) if target == "centred" else x.new_zeros(len(x), HORIZON)


def windows(series, start, end, history):
    """(history, target) of the windows whose targets lie in [start, end)."""
    part = series[max(0, start - history) : end]
    spans = part.unfold(0, history + HORIZON, 1).transpose(1, 2)
    return spans[:, :history], spans[:, history:]


def holt_winters(values, alpha, beta, gamma):
    """Additive Holt-Winters: the forecasts of the next year, made after every month from the second year on."""
    first, second = sum(values[:YEAR]) / YEAR, sum(values[YEAR : 2 * YEAR]) / YEAR
    trend = (second - first) / YEAR
    season = [values[i] - (first + trend * (i - 5.5)) for i in range(YEAR)]
    level = first + trend * 5.5
    forecasts = []
    for t in range(YEAR, len(values)):
        expected = level + trend
        error = values[t] - expected - season[t % YEAR]
        level = expected + alpha * error
        trend += beta * error
        season[t % YEAR] += gamma * error
        forecasts.append([level + h * trend + season[(t + h) % YEAR] for h in range(1, HORIZON + 1)])
    return torch.tensor(forecasts, dtype=torch.float64)


def fit_holt_winters(values, rows, truth):
    """The setting with the smallest mean absolute error over the forecasts of some rows."""
    errors = {}
    grid = (0.1, 0.3, 0.5, 0.7, 0.9), (0.0, 0.005, 0.01, 0.05, 0.1), (0.0, 0.1, 0.2, 0.3, 0.5)
    for setting in itertools.product(*grid):
        errors[setting] = mae(holt_winters(values, *setting)[rows], truth)
    return min(errors, key=errors.get)


def mae(forecast, truth):
    return (forecast - truth).abs().mean().item()


def learn(model, train, validation, ppm, truth, epochs, lr):
    """Trains; leaves the weights of the epoch with the lowest validation loss in the model."""
    criterion = nn.L1Loss()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 20, 0.5)
    loader = DataLoader(TensorDataset(*train), batch_size=32, shuffle=True)
    best_loss, best_epoch, best = math.inf, 0, None
    start = time.perf_counter()
    for epoch in range(1, epochs + 1):
        model.train()
        total = 0
        for x, y in loader:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item() * len(x)
        scheduler.step()

        model.eval()
        with torch.no_grad():
            answers = model(validation[0])
            loss = criterion(answers, validation[1]).item()
        print(
            f"Epoch [{epoch}/{epochs}], Loss: {total / len(train[0]):.4f}, Validation loss: {loss:.4f}, "
            f"MAE: {mae(ppm(answers), truth):.3f} ppm"
        )
        if loss < best_loss:
            best_loss, best_epoch = loss, epoch
            best = {name: value.clone() for name, value in model.state_dict().items()}
    print(f"Trained in {time.perf_counter() - start:.1f} s; weights of epoch {best_epoch}.")
    model.load_state_dict(best)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--target", default="season", choices=["level", "growth", "centred", "season"])
    options = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    months, level = load()
    growth = level[YEAR:] - level[:-YEAR]
    # Parts as indices of the growth, which begins a year after the level.
    training_end, validation_end = (months.index(month) - YEAR for month in ("2000-01", "2010-01"))
    ends = [len(growth), training_end, validation_end]

    # Row i is the level from a year before month i + 12 to a year after it, the month that a forecast is made in.
    spans = level.unfold(0, 2 * YEAR + 1, 1)
    rows = [(HISTORY - 1, training_end), (training_end - 1, validation_end), (validation_end - 1, len(growth))]
    spans = [spans[a : b - HORIZON] for a, b in rows]
    truths = [span[:, YEAR + 1 :] for span in spans]
    naive = [span[:, 1 : YEAR + 1] for span in spans]

    series = (level[YEAR:] if options.target == "level" else growth).float().unsqueeze(1)
    past = series[:training_end].double()
    mean, deviation = past.mean(), past.std(correction=0)
    scaled = (series - mean.float()) / deviation.float()
    train, validation, test = (
        windows(scaled, a, b, HISTORY)
        for a, b in ((0, training_end), (training_end, validation_end), (validation_end, len(growth)))
    )

    def ppm(answers, part):
        values = answers.double().squeeze(2) * deviation + mean
        return values if options.target == "level" else values + naive[part]

    print(
        f"Carbon dioxide of {len(months)} months, three years in, one year out: "
        f"{len(train[0])} windows to train, {len(validation[0])} to validate, {len(test[0])} to test."
    )
    model = Forecaster(options.target)
    learn(model, train, validation, lambda answers: ppm(answers, 1), truths[1], options.epochs, 2e-3)
    with torch.no_grad():
        lstm = [ppm(model(part[0]), i) for i, part in ((1, validation), (2, test))]
    values = level.tolist()
    setting = fit_holt_winters(values, slice(rows[0][0], rows[0][1] - HORIZON), truths[0])
    smoothed = holt_winters(values, *setting)
    years = base("season", growth.unfold(0, HISTORY, 1).unsqueeze(2))
    forecasts = {"LSTM": lstm}
    forecasts["Holt-Winters (%s, %s, %s)" % setting] = [smoothed[a : b - HORIZON] for a, b in rows[1:]]
    forecasts["seasons of three years and growth"] = [
        years[a - HISTORY + 1 : b - HISTORY + 1 - HORIZON] + naive[i] for i, (a, b) in enumerate(rows) if i
    ]
    forecasts["seasonal naive with drift"] = [
        naive[i] + (spans[i][:, YEAR : YEAR + 1] - spans[i][:, :1]) for i in (1, 2)
    ]
    forecasts["seasonal naive"] = naive[1:]

    past = level[: training_end + YEAR]
    unit = mae(past[:-YEAR], past[YEAR:])
    print(f"{'':36} {'2000-2009, validation':>22}   {'2010-2020, test':>22}")
    print(f"{'ppm':36} {'MAE':>6} {'RMSE':>7} {'MASE':>7}   {'MAE':>6} {'RMSE':>7} {'MASE':>7}")
    scores = {}
    for name, parts in forecasts.items():
        scores[name] = []
        for forecast, truth in zip(parts, truths[1:]):
            rmse = (forecast - truth).square().mean().sqrt().item()
            scores[name].append((mae(forecast, truth), rmse, mae(forecast, truth) / unit))
        columns = "   ".join("{:6.3f} {:7.3f} {:7.3f}".format(*part) for part in scores[name])
        print(f"{name:36} {columns}")
    low, high = (truths[1] - lstm[0]).quantile(torch.tensor([0.1, 0.9], dtype=torch.float64), 0)
    error = truths[2] - lstm[1]
    coverage = ((error >= low) & (error <= high)).double().mean().item()
    print(
        "\nBetween the first and the last tenth of the validation part's errors: "
        f"{100 * coverage:.1f} % of the test part.\n"
    )
    test_scores = [parts[1] for parts in scores.values()]
    shown = {"": test_scores[0], "naive_": test_scores[4], "drift_": test_scores[3], "holt_winters_": test_scores[1]}
    figures = " ".join(
        f"{prefix}{name}={value:.3f}" for prefix, part in shown.items() for name, value in zip(("mae", "rmse", "mase"), part)
    )
    print(f"co2 {figures} coverage={coverage:.3f}")


if __name__ == "__main__":
    main()
