"""Metric fixtures: figures of scikit-learn and torchmetrics in float64, for batches that are given one after the other."""

import json
import warnings

import numpy as np
import sklearn.metrics as sk
import torch
import torchmetrics.functional as tm


def listed(value):
    """JSON has no word for NaN."""
    if isinstance(value, (list, np.ndarray)):
        return [listed(v) for v in value]
    value = float(value)
    return "nan" if np.isnan(value) else value


def multiclass(rng, n, classes, absent=()):
    scores = rng.normal(size=(n, classes))
    labels = rng.choice([c for c in range(classes) if c not in absent], size=n)
    if absent:
        scores[:, absent[0]] = -9
    mask = rng.random(n) < 0.8
    labels[rng.random(n) < 0.1] = -100
    kept = mask & (labels != -100)
    s, y = scores[kept], labels[kept]
    p = s.argmax(1)
    figures = {"accuracy": sk.accuracy_score(y, p)}
    for k in (1, 2):
        figures[f"top{k}"] = np.mean([label in np.argsort(-row)[:k] for row, label in zip(s, y)])
    for average in ("micro", "macro", "weighted"):
        for name, f in (
            ("precision", sk.precision_score),
            ("recall", sk.recall_score),
            ("f1", sk.f1_score),
            ("f2", lambda *a, **k: sk.fbeta_score(*a, beta=2, **k)),
        ):
            figures[f"{name}.{average}"] = f(y, p, average=average, zero_division=0)
    everything = list(range(classes))
    per_class = {"f1": sk.f1_score(y, p, labels=everything, average=None, zero_division=0)}
    one_hot = y[:, None] == np.arange(classes)
    both = [c for c in everything if 0 < one_hot[:, c].sum() < len(y)]
    figures["auc"] = np.mean([sk.roc_auc_score(one_hot[:, c], s[:, c]) for c in both])
    some = [c for c in everything if one_hot[:, c].any()]
    figures["ap"] = np.mean([sk.average_precision_score(one_hot[:, c], s[:, c]) for c in some])
    matrices = {
        str(how): sk.confusion_matrix(y, p, labels=everything, normalize=how) for how in (None, "true", "pred", "all")
    }
    return {
        "classes": classes,
        "scores": listed(scores),
        "targets": labels.tolist(),
        "mask": mask.tolist(),
        "figures": {k: listed(v) for k, v in figures.items()},
        "perClass": {k: listed(v) for k, v in per_class.items()},
        "matrices": {k: listed(v) for k, v in matrices.items()},
    }


def binary(rng, n, ties, targets=None):
    scores = rng.normal(size=n)
    if ties:
        scores = np.round(scores)
    y = (rng.random(n) < 0.4).astype(int) if targets is None else np.array(targets)
    p = 1 / (1 + np.exp(-scores)) > 0.3
    both = len(set(y.tolist())) == 2
    figures = {
        "accuracy": sk.accuracy_score(y, p),
        "precision": sk.precision_score(y, p, zero_division=0),
        "recall": sk.recall_score(y, p, zero_division=0),
        "f1": sk.f1_score(y, p, zero_division=0),
        "auc": sk.roc_auc_score(y, scores) if both else float("nan"),
        "ap": sk.average_precision_score(y, scores) if y.any() else float("nan"),
    }
    return {"scores": listed(scores), "targets": y.tolist(), "figures": {k: listed(v) for k, v in figures.items()}}


def regression(p, y):
    a, b = torch.tensor(p), torch.tensor(y)
    figures = {
        "mae": sk.mean_absolute_error(y, p),
        "mse": sk.mean_squared_error(y, p),
        "rmse": sk.root_mean_squared_error(y, p),
        "mape": sk.mean_absolute_percentage_error(y, p),
        "smape": tm.symmetric_mean_absolute_percentage_error(a, b),
        "r2": sk.r2_score(y, p),
    }
    return {"predictions": listed(p), "targets": listed(y), "figures": {k: listed(v) for k, v in figures.items()}}


def scaled(training, seasonality, p, y):
    """MASE by its definition, a quotient of two mean absolute errors."""
    unit = sk.mean_absolute_error(training[seasonality:], training[:-seasonality])
    figure = sk.mean_absolute_error(y, p) / unit
    arrays = {"training": listed(training), "predictions": listed(p), "targets": listed(y)}
    return arrays | {"seasonality": seasonality, "figure": listed(figure)}


def perplexity(rng):
    logits = rng.normal(size=(3, 5, 4))
    y = rng.integers(0, 4, size=(3, 5))
    y[rng.random((3, 5)) < 0.2] = -100
    figure = tm.text.perplexity(torch.tensor(logits), torch.tensor(y), ignore_index=-100)
    return {"logits": listed(logits), "targets": y.tolist(), "figure": listed(figure)}


def write(folder):
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(3)
    p, y = rng.normal(size=50), rng.normal(size=50)
    cases = {
        "multiclass": [
            multiclass(rng, 60, 3),
            multiclass(rng, 60, 5, (2,)),
            multiclass(rng, 40, 6, (0, 5)),
            multiclass(rng, 7, 4),
        ],
        "binary": [
            binary(rng, 80, False),
            binary(rng, 80, True),
            binary(rng, 6, True, [0] * 6),
            binary(rng, 6, False, [1] * 6),
        ],
        "regression": [
            regression(p, y),
            regression(p + 1e6, y + 1e6),
            regression(np.zeros(4), np.array([0.0, 1.0, 0.0, 2.0])),
            regression(np.array([1.0, 2.0]), np.array([3.0, 3.0])),
            regression(np.array([3.0, 3.0]), np.array([3.0, 3.0])),
        ],
        "perplexity": [perplexity(rng)],
        "scaled": [scaled(rng.normal(size=40).cumsum(), m, p, y) for m in (1, 7, 39)],
    }
    with open(folder / "metrics.json", "w") as file:
        json.dump(cases, file)
        file.write("\n")
