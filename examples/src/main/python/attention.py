"""The program `examples/run attention` in Python: same data, models, seed and choices, so the same numbers.

    pip install torch==2.13.0
    python attention.py
"""

import argparse

import torch
from torch import nn

import co2

YEAR = HORIZON = co2.YEAR
HISTORY = 10 * YEAR
HIDDEN, HEADS, SCALE = 32, 4, 10
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


class Forecaster(nn.Module):
    """An LSTM reads ten years less a line; its last output, and with attention what twelve queries find, say a year."""

    def __init__(self, with_attention):
        super().__init__()
        self.lstm = nn.LSTM(1, HIDDEN, batch_first=True)
        self.fc = nn.Linear(HIDDEN, HORIZON)
        self.attention = None
        if with_attention:
            self.queries = nn.Parameter(nn.init.xavier_uniform_(torch.empty(HORIZON, HIDDEN)))
            self.positions = nn.Parameter(nn.init.xavier_uniform_(torch.empty(HISTORY, HIDDEN)))
            self.attention = nn.MultiheadAttention(HIDDEN, HEADS, vdim=1, batch_first=True)
            self.brought = nn.Linear(HIDDEN, 1)

    def line(self, x):
        """The straight line through the means of the first and the last year, history and forecast (batch, months)."""
        years = x.reshape(len(x), -1, YEAR).mean(2)
        last = years[:, -1:]
        slope = (last - years[:, :1]) / (HISTORY - YEAR)
        # Months from the middle of the last year.
        return last + slope * (torch.arange(1 - HISTORY, HORIZON + 1) + 5.5)

    def attend(self, read, outputs, need_weights):
        queries = self.queries.expand(len(read), -1, -1)
        return self.attention(
            queries, outputs + self.positions, read, need_weights=need_weights, average_attn_weights=False
        )

    def read(self, x, line):
        return (x - line[:, :HISTORY].unsqueeze(2)) * SCALE

    def forward(self, x):
        line = self.line(x)
        read = self.read(x, line)
        outputs, _ = self.lstm(read)
        difference = self.fc(outputs[:, -1])
        if self.attention is not None:
            difference = difference + self.brought(self.attend(read, outputs, False)[0]).squeeze(2)
        return (line[:, HISTORY:] + difference / SCALE).unsqueeze(2)

    def weights(self, x):
        """How much each head looks at each month for each month asked (batch, head, 12, months)."""
        read = self.read(x, self.line(x))
        return self.attend(read, self.lstm(read)[0], True)[1]


def show(model, x):
    """Which calendar months the heads look at, all years together, for the year after a December."""
    with torch.no_grad():
        weights = model.weights(x).view(HEADS, HORIZON, -1, YEAR).sum(2)
    for head, rows in enumerate(weights.tolist(), 1):
        most = [max(range(YEAR), key=row.__getitem__) for row in rows]
        looks = [f"{MONTHS[i]} at {MONTHS[j]} {rows[i][j]:.2f}" for i, j in enumerate(most)]
        print(f"Head {head} looks for {', '.join(looks)}.")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args()

    torch.set_num_threads(1)
    months, level = co2.load()
    # Parts as indices of the growth, which begins a year after the level.
    training_end, validation_end = (months.index(month) - YEAR for month in ("2000-01", "2010-01"))
    end = len(level) - YEAR
    spans = level.unfold(0, 2 * YEAR + 1, 1)
    rows = [(HISTORY - 1, training_end), (training_end - 1, validation_end), (validation_end - 1, end)]
    rows = [slice(a, b - HORIZON) for a, b in rows]
    spans = [spans[part] for part in rows]
    truths = [span[:, YEAR + 1 :] for span in spans]

    series = level[YEAR:].float().unsqueeze(1)
    past = series[:training_end].double()
    mean, deviation = past.mean(), past.std(correction=0)
    scaled = (series - mean.float()) / deviation.float()
    train, validation, test = (
        co2.windows(scaled, a, b, HISTORY)
        for a, b in ((0, training_end), (training_end, validation_end), (validation_end, end))
    )

    def ppm(answers):
        return answers.double().squeeze(2) * deviation + mean

    print(
        f"Carbon dioxide of {len(months)} months, ten years in, one year out: "
        f"{len(train[0])} windows to train, {len(validation[0])} to validate, {len(test[0])} to test."
    )
    models = {}
    for name, with_attention in (("LSTM, last output", False), ("LSTM with attention", True)):
        print(name + ":")
        torch.manual_seed(options.seed)
        models[name] = Forecaster(with_attention)
        co2.learn(models[name], train, validation, ppm, truths[1], options.epochs, 5e-3)
    show(models["LSTM with attention"], test[0][:1])

    forecasts = {}
    for name, model in reversed(models.items()):
        with torch.no_grad():
            forecasts[name] = [ppm(model(part[0])) for part in (validation, test)]
    values = level.tolist()
    setting = co2.fit_holt_winters(values, rows[0], truths[0])
    smoothed = co2.holt_winters(values, *setting)
    naive = [span[:, 1 : YEAR + 1] for span in spans]
    forecasts["Holt-Winters (%s, %s, %s)" % setting] = [smoothed[part] for part in rows[1:]]
    forecasts["seasonal naive with drift"] = [
        naive[i] + (spans[i][:, YEAR : YEAR + 1] - spans[i][:, :1]) for i in (1, 2)
    ]
    forecasts["seasonal naive"] = naive[1:]
    print(f"{'':36} {'2000-2009':>14}   {'2010-2020, test':>15}")
    print(f"{'ppm':36} {'MAE':>6} {'RMSE':>7}   {'MAE':>7} {'RMSE':>7}")
    last = []
    for prefix, (name, parts) in zip(("", "last_output_", "holt_winters_", "drift_", "naive_"), forecasts.items()):
        (mae, rmse), (test_mae, test_rmse) = (
            (co2.mae(forecast, truth), (forecast - truth).square().mean().sqrt().item())
            for forecast, truth in zip(parts, truths[1:])
        )
        print(f"{name:36} {mae:6.3f} {rmse:7.3f}   {test_mae:7.3f} {test_rmse:7.3f}")
        last.append(f"{prefix}mae={test_mae:.3f} {prefix}rmse={test_rmse:.3f}")
    print("\nattention " + " ".join(last))


if __name__ == "__main__":
    main()
