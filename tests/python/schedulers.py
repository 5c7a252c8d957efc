"""Schedules over 200 steps: rates, momenta, and what state_dict() holds in the middle."""

import torch
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    ConstantLR,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    SequentialLR,
    StepLR,
)

from training import write_json, write_tensors

STEPS = 200
SAVED_AFTER = 73

# Each has a twin of the same name in SchedulerParityTest.
CASES = {
    "lambda": lambda o: LambdaLR(o, lambda epoch: 0.95**epoch),
    "lambda of each group": lambda o: LambdaLR(o, [lambda epoch: 1 / (epoch + 1), lambda epoch: epoch / 7]),
    "multiplicative": lambda o: MultiplicativeLR(o, lambda epoch: 1 - 1 / (epoch + 3)),
    "step": lambda o: StepLR(o, 30, 0.3),
    "multi step": lambda o: MultiStepLR(o, [30, 80, 80, 150], 0.3),
    "constant": lambda o: ConstantLR(o),
    "constant 40": lambda o: ConstantLR(o, factor=0.7, total_iters=40),
    "linear": lambda o: LinearLR(o),
    "linear down": lambda o: LinearLR(o, start_factor=1.0, end_factor=0.01, total_iters=120),
    "exponential": lambda o: ExponentialLR(o, 0.97),
    "polynomial": lambda o: PolynomialLR(o),
    "polynomial 0.9": lambda o: PolynomialLR(o, total_iters=180, power=0.9),
    "polynomial 2.5": lambda o: PolynomialLR(o, total_iters=150, power=2.5),
    "cosine": lambda o: CosineAnnealingLR(o, 50),
    "cosine to a rate": lambda o: CosineAnnealingLR(o, 70, eta_min=1e-3),
    "warm restarts": lambda o: CosineAnnealingWarmRestarts(o, 13),
    "warm restarts, longer": lambda o: CosineAnnealingWarmRestarts(o, 7, T_mult=3, eta_min=1e-4),
    "cyclic": lambda o: CyclicLR(o, 0.001, 0.1, step_size_up=17),
    "cyclic triangular2": lambda o: CyclicLR(
        o, [0.001, 0.002], [0.1, 0.3], step_size_up=17, step_size_down=11, mode="triangular2", base_momentum=0.7, max_momentum=0.99
    ),
    "cyclic exp_range": lambda o: CyclicLR(o, 0.001, 0.1, step_size_up=9, mode="exp_range", gamma=0.98, cycle_momentum=False),
    "cyclic scale_fn": lambda o: CyclicLR(
        o, 0.001, 0.1, step_size_up=9, scale_fn=lambda x: 1 / (x + 1), scale_mode="iterations", base_momentum=[0.5, 0.6], max_momentum=[0.9, 0.8]
    ),
    "one cycle": lambda o: OneCycleLR(o, 0.1, total_steps=200),
    "one cycle linear": lambda o: OneCycleLR(o, [0.1, 0.4], epochs=20, steps_per_epoch=10, anneal_strategy="linear", pct_start=0.21, div_factor=7),
    "one cycle three phases": lambda o: OneCycleLR(
        o, 0.1, total_steps=200, three_phase=True, pct_start=0.4, final_div_factor=300.0, base_momentum=0.8, max_momentum=[0.9, 0.97]
    ),
    "one cycle without momentum": lambda o: OneCycleLR(o, 0.1, total_steps=200, cycle_momentum=False),
    "sequential": lambda o: SequentialLR(
        o, [LinearLR(o, start_factor=0.1, total_iters=20), CosineAnnealingLR(o, 100), ExponentialLR(o, 0.9)], [20, 120]
    ),
    "sequential of others": lambda o: SequentialLR(
        o,
        [ConstantLR(o, 0.1, 10), PolynomialLR(o, 30, 2.0), MultiStepLR(o, [5, 9], 0.5), StepLR(o, 4, 0.7), LinearLR(o), ConstantLR(o)],
        [10, 40, 60, 80, 130],
    ),
    "sequential with restarts": lambda o: SequentialLR(
        o, [LambdaLR(o, lambda epoch: (epoch + 1) / 10), CosineAnnealingWarmRestarts(o, 15, T_mult=2)], [10]
    ),
    "sequential of chained": lambda o: SequentialLR(
        o, [ChainedScheduler([ConstantLR(o, 0.5, 8), ExponentialLR(o, 0.95)]), StepLR(o, 10, 0.5)], [50]
    ),
    "chained": lambda o: ChainedScheduler([ConstantLR(o, 0.1, 20), ExponentialLR(o, 0.98), CosineAnnealingLR(o, 60)]),
}

# Points in time that are not whole epochs.
FRACTIONS = {"warm restarts": 0.37, "warm restarts, longer": 0.61}

# How a schedule goes on after an epoch, in an optimizer that was restored.
RESUMED = {
    "step": lambda o, last: StepLR(o, 30, 0.3, last_epoch=last),
    "exponential": lambda o, last: ExponentialLR(o, 0.97, last_epoch=last),
    "linear down": lambda o, last: LinearLR(o, start_factor=1.0, end_factor=0.01, total_iters=120, last_epoch=last),
    "cosine": lambda o, last: CosineAnnealingLR(o, 50, last_epoch=last),
    "warm restarts": lambda o, last: CosineAnnealingWarmRestarts(o, 13, last_epoch=last),
    "polynomial 0.9": lambda o, last: PolynomialLR(o, total_iters=180, power=0.9, last_epoch=last),
    "multiplicative": lambda o, last: MultiplicativeLR(o, lambda epoch: 1 - 1 / (epoch + 3), last_epoch=last),
    "cyclic triangular2": lambda o, last: CyclicLR(
        o,
        [0.001, 0.002],
        [0.1, 0.3],
        step_size_up=17,
        step_size_down=11,
        mode="triangular2",
        base_momentum=0.7,
        max_momentum=0.99,
        last_epoch=last,
    ),
    "one cycle": lambda o, last: OneCycleLR(o, 0.1, total_steps=200, last_epoch=last),
}


def optimizer(kind):
    def parameter():
        return torch.zeros(1, requires_grad=True)

    groups = [{"params": [parameter()]}, {"params": [parameter()], "lr": 0.3}]
    return torch.optim.SGD(groups, lr=0.05, momentum=0.5) if kind == "SGD" else torch.optim.Adam(groups, lr=0.05)


def values(o):
    """Rate and momentum of each group."""
    return [[g["lr"], g["betas"][0] if "betas" in g else g["momentum"]] for g in o.param_groups]


def plain(value):
    """As JSON has it."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value


def options(o):
    return [plain({k: v for k, v in g.items() if k != "params"}) for g in o.param_groups]


def run(o, scheduler, steps, fraction=None):
    rows = [values(o)]
    for step in range(steps):
        o.step()
        if fraction is None:
            scheduler.step()
        else:
            scheduler.step((step + 1) * fraction)
        rows.append(values(o))
    return torch.tensor(rows, dtype=torch.float64)


def write(folder):
    tensors, cases = {}, {}
    for kind in ("SGD", "Adam"):
        for name, make in CASES.items():
            if kind == "Adam" and not name.startswith(("cyclic", "one cycle")):
                continue
            o = optimizer(kind)
            scheduler = make(o)
            first = run(o, scheduler, SAVED_AFTER)
            state = {"scheduler": plain(scheduler.state_dict()), "groups": options(o)}
            rest = run(o, scheduler, STEPS - SAVED_AFTER)
            tensors[f"{kind}.{name}"] = torch.cat([first, rest[1:]])
            cases[f"{kind}.{name}"] = state
            if kind == "SGD" and name in RESUMED:
                resumed = optimizer(kind)
                for group, saved in zip(resumed.param_groups, state["groups"]):
                    group.update(saved)
                tensors[f"resumed.{name}"] = run(resumed, RESUMED[name](resumed, SAVED_AFTER), 40)
    for name, fraction in FRACTIONS.items():
        o = optimizer("SGD")
        scheduler = CASES[name](o)
        tensors[f"fractions.{name}"] = run(o, scheduler, STEPS, fraction)
    description = {
        "steps": STEPS,
        "savedAfter": SAVED_AFTER,
        "powers": [0.95**epoch for epoch in range(STEPS + 1)],
        "fractions": FRACTIONS,
        "resumed": list(RESUMED),
        "cases": cases,
    }
    write_json(folder / "schedulers.json", description)
    write_tensors(folder / "schedulers.safetensors", tensors)
