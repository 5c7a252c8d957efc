"""Training fixtures: the tutorial's model over 50 steps, every optimizer option, and schedulers."""

import json

import torch
from safetensors.torch import save_file
from torch import nn

SEED = 42
STEPS = 50


class LSTMModel(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers, output_size):
        super().__init__()
        self.lstm = nn.LSTM(input_size, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, output_size)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1, :])


def tutorial(tensors, name, options):
    """Seed, model, then data, in this order: the order of the draws is part of the fixture."""
    torch.manual_seed(SEED)
    model = LSTMModel(5, 64, 2, 1)
    x = torch.randn(32, 10, 5)
    y = torch.randint(0, 2, (32,)).float()
    tensors |= {f"tutorial.initial.{k}": v.clone() for k, v in model.state_dict().items()}
    tensors |= {"tutorial.x": x, "tutorial.y": y}
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, **options)
    losses, norms = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = criterion(model(x).squeeze(), y)
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0))
        optimizer.step()
        losses.append(loss.detach())
    tensors[f"tutorial.{name}.losses"] = torch.stack(losses)
    tensors[f"tutorial.{name}.gradNorms"] = torch.stack(norms)
    tensors |= {f"tutorial.{name}.final.{k}": v for k, v in model.state_dict().items()}
    return {"seed": SEED, "steps": STEPS, "stateDictKeys": list(model.state_dict())}


OPTIMIZERS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.05}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.05, "maximize": True}),
    ("Adam", {"lr": 0.01}),
    ("Adam", {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-6}),
    ("Adam", {"lr": 0.01, "weight_decay": 0.05}),
    ("Adam", {"lr": 0.01, "amsgrad": True}),
    ("Adam", {"lr": 0.01, "maximize": True}),
    ("Adam", {"lr": 0.01, "amsgrad": True, "weight_decay": 0.05, "maximize": True}),
    ("AdamW", {"lr": 0.01}),
    ("AdamW", {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1}),
    ("AdamW", {"lr": 0.01, "amsgrad": True}),
    ("AdamW", {"lr": 0.01, "amsgrad": True, "maximize": True}),
]
IMPLEMENTATIONS = {"plain": {"foreach": False, "fused": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}


def optimizers(tensors):
    """Ten steps on fixed gradients, so that only the update rule is under test."""
    torch.manual_seed(SEED)
    start = [torch.randn(3, 4), torch.randn(5), torch.randn(())]
    gradients = [[torch.randn_like(p) for p in start] for _ in range(10)]
    for i, p in enumerate(start):
        tensors[f"optimizers.start.{i}"] = p
    for step, row in enumerate(gradients):
        for i, g in enumerate(row):
            tensors[f"optimizers.gradient.{step}.{i}"] = g
    cases = []
    for number, (name, options) in enumerate(OPTIMIZERS):
        for implementation, flags in IMPLEMENTATIONS.items():
            parameters = [p.clone().requires_grad_() for p in start]
            optimizer = getattr(torch.optim, name)(parameters, **options, **flags)
            prefix = f"optimizers.{number}.{implementation}"
            for row in gradients:
                for p, g in zip(parameters, row):
                    p.grad = g.clone()
                optimizer.step()
            for i, p in enumerate(parameters):
                tensors[f"{prefix}.{i}"] = p.detach()
                for key, value in optimizer.state[p].items():
                    if value is not None:
                        tensors[f"{prefix}.state.{i}.{key}"] = value.detach().clone()
            cases.append(
                {
                    "optimizer": name,
                    "options": {k: list(v) if isinstance(v, tuple) else v for k, v in options.items()},
                    "implementation": implementation,
                    "prefix": prefix,
                }
            )
    return {"steps": len(gradients), "parameters": len(start), "cases": cases}


def schedulers():
    cases = []
    for step_size, gamma in ((1, 0.5), (3, 0.1), (4, 0.9)):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size, gamma)
        rates = []
        for _ in range(12):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        cases.append({"scheduler": "StepLR", "options": {"step_size": step_size, "gamma": gamma}, "rates": rates})
    metrics = [1.0, 0.9, 0.91, 0.9, 0.92, 0.89, 0.89, 0.89, 0.89, 0.95, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]
    for options in (
        {},
        {"patience": 2},
        {"patience": 0, "factor": 0.5},
        {"patience": 1, "mode": "max", "factor": 0.3},
        {"patience": 1, "threshold": 0.05, "threshold_mode": "abs"},
        {"patience": 1, "threshold": 0.05, "threshold_mode": "rel", "mode": "max"},
        {"patience": 1, "cooldown": 2},
        {"patience": 0, "factor": 0.1, "min_lr": 0.005},
        {"patience": 0, "factor": 0.1, "eps": 1e-2},
    ):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **options)
        rates = []
        for metric in metrics:
            optimizer.step()
            scheduler.step(metric)
            rates.append(optimizer.param_groups[0]["lr"])
        cases.append({"scheduler": "ReduceLROnPlateau", "options": options, "metrics": metrics, "rates": rates})
    return cases


def write(folder):
    tensors = {}
    tutorial(tensors, "fused", {"fused": True})
    description = {"tutorial": tutorial(tensors, "default", {}), "optimizers": optimizers(tensors), "schedulers": schedulers()}
    write_json(folder / "training.json", description)
    write_tensors(folder / "training.safetensors", tensors)


def write_json(path, description):
    with open(path, "w") as file:
        json.dump(description, file, indent=1)
        file.write("\n")


def write_tensors(path, tensors):
    save_file({name: t.detach().contiguous().clone() for name, t in tensors.items()}, path)
    path.chmod(0o644)  # save_file leaves it to the owner only
