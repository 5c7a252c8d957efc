"""Optimizer fixtures: every input that PyTorch tests its own optimizers with (optim_db), several steps of each implementation.

Each case: parameters begin with fixed values, their gradients are fixed too (of LBFGS they are those of a small function), and
after STEPS steps parameters and state are written down. At RESUMED steps Python's state dict is, for Java to go on from.
"""

import json

import torch
from torch.optim import swa_utils

import store
import testing_imports
import training

SEED = 5
STEPS = 8  # RAdam rectifies from the sixth on
RESUMED = 4
CLOSURE_STEPS = {"LBFGS": 3}
SHAPES = {"Muon": [(3, 4), (5, 3)], "SparseAdam": [(4, 3), (6,)]}
DTYPES = {"float32": torch.float32, "float64": torch.float64, "complex64": torch.complex64}
SPARSE = "sparse gradients"
INTEGERS = {"max_iter", "max_eval", "history_size", "ns_steps"}

# Beside optim_db's inputs: options that none of them has, and a line search that has to look for long.
MORE = {
    "Adadelta": [{"eps": 1e-3}],
    "Adafactor": [{"eps": (1e-4, 0.1)}],
    "Adagrad": [{"eps": 1e-3}],
    "Adam": [{"lr": 0.01, "weight_decay": 0.1, "decoupled_weight_decay": True}, {"lr": torch.tensor(0.001)}],
    "Adamax": [{"betas": (0.5, 0.7), "eps": 0.1}],
    "ASGD": [{"t0": 2.0, "lr": 0.1, "lambd": 0.5, "alpha": 0.5}],
    "LBFGS": [
        {"history_size": 2, "lr": 0.5},
        {"max_iter": 4, "max_eval": 3, "line_search_fn": "strong_wolfe"},
        {"lr": 20.0, "line_search_fn": "strong_wolfe", "tolerance_change": 1e-5},
    ],
    "Muon": [{"nesterov": False, "adjust_lr_fn": "match_rms_adamw"}, {"adjust_lr_fn": "original", "eps": 10.0}],
    "NAdam": [{"decoupled_weight_decay": True, "weight_decay": 0.1, "maximize": True}],
    "RAdam": [{"betas": (0.8, 0.9), "lr": 0.1}],
    "RMSprop": [{"alpha": 0.5, "eps": 0.1, "momentum": 0.9}],
    "Rprop": [{"etas": (0.3, 2.0), "step_sizes": (0.01, 0.05), "lr": 0.02}],
    "SGD": [{"momentum": 0.9, "nesterov": True, "maximize": True}],
    "SparseAdam": [{"betas": (0.5, 0.6), "eps": 0.1}],
}


def option(name, value):
    """As Java takes it: a number is a float unless it counts something."""
    if isinstance(value, tuple):
        return tuple(option(name, v) for v in value)
    return float(value) if type(value) is int and name not in INTEGERS else value


def as_json(value, pool):
    if isinstance(value, torch.Tensor):
        return {"tensor": store.describe_value(value, pool)}
    if isinstance(value, (list, tuple)):
        return {"list": [as_json(v, pool) for v in value]}
    if isinstance(value, dict):
        return {"dict": [[as_json(k, pool), as_json(v, pool)] for k, v in value.items()]}
    if isinstance(value, str):
        return {"string": value}
    return None if value is None else store.scalar_json(value)


def shapes(name):
    return SHAPES.get(name, [(3, 4), (5,), ()])


def start(name, dtype):
    """Of an optimizer's cases; those with sparse gradients begin as SparseAdam's do."""
    torch.manual_seed(SEED)
    return [torch.randn(shape, dtype=dtype) for shape in shapes(name)]


def gradients(name, dtype):
    torch.manual_seed(SEED + 1)
    rows = []
    for step in range(STEPS):
        row = [torch.randn(shape, dtype=dtype) for shape in shapes(name)]
        if name == "SparseAdam":
            # Some rows have a gradient, one of them in two parts.
            row = [sparse(g, torch.tensor([[0, 2, step % 3, 2]])) for g in row]
        rows.append(row)
    return rows


def sparse(dense, indices):
    return torch.sparse_coo_tensor(indices, dense[indices[0]], dense.shape)


def loss(parameters):
    """A valley that bends, as Java computes it, too."""
    total = 0
    for p in parameters:
        distance = torch.view_as_real(p) if p.is_complex() else p
        total = total + ((distance * distance - 1.5) ** 2).sum() + ((distance - 0.5) ** 2).sum()
    return total


def advance(optimizer, parameters, rows, name):
    def closure():
        optimizer.zero_grad()
        value = loss(parameters)
        value.backward()
        return value

    losses = []
    for row in rows:
        if name in CLOSURE_STEPS:
            losses.append(optimizer.step(closure).detach())
            continue
        for p, g in zip(parameters, row):
            p.grad = g.clone()
        optimizer.step()
    return losses


def implementations(info):
    yield "default", {}
    if "foreach" in info.supported_impls:
        yield "foreach", {"foreach": True}
    if "fused" in info.supported_impls and "cpu" in info.supports_fused_on:
        yield "fused", {"fused": True}


def replay(info, kwargs, flags, dtype_name, rows, pool, case):
    name, dtype = info.name, DTYPES[dtype_name]
    parameters = [p.requires_grad_() for p in start(case["begin"], dtype)]
    optimizer = info.optim_cls(parameters, **kwargs, **flags)
    half = rows[:RESUMED] if name not in CLOSURE_STEPS else rows[:1]
    losses = advance(optimizer, parameters, half, name)
    if case["implementation"] == "default":
        case["repr"] = repr(optimizer)
        case["middle"] = {
            "parameters": [store.describe_value(p, pool) for p in parameters],
            "stateDict": as_json(optimizer.state_dict(), pool),
        }
    losses += advance(optimizer, parameters, rows[len(half) :], name)
    case["losses"] = [store.describe_value(v, pool) for v in losses]
    case["parameters"] = [store.describe_value(p, pool) for p in parameters]
    case["state"] = as_json(optimizer.state_dict()["state"], pool)


def cases(info, pool):
    inputs = [(i.desc, i.kwargs) for i in info.optim_inputs_func(device="cpu")]
    inputs += [("more: " + ", ".join(kwargs), kwargs) for kwargs in MORE.get(info.name, [])]
    if info.supports_sparse:
        inputs.append((SPARSE, info.metadata_for_sparse[0]))
    for desc, kwargs in inputs:
        begin = "SparseAdam" if desc == SPARSE else info.name
        kwargs = {k: option(k, v) for k, v in kwargs.items()}
        for dtype in DTYPES:
            if dtype == "complex64" and (desc != "default" or not info.supports_complex):
                continue
            rows = [None] * CLOSURE_STEPS[info.name] if info.name in CLOSURE_STEPS else gradients(begin, DTYPES[dtype])
            for implementation, flags in implementations(info):
                case = {"optimizer": info.name, "begin": begin, "desc": desc}
                case |= {"implementation": implementation, "dtype": dtype}
                case["options"] = {k: as_json(v, pool) for k, v in kwargs.items()}
                try:
                    replay(info, kwargs, flags, dtype, rows, pool, case)
                except (RuntimeError, ValueError) as error:
                    # Where Python refuses, Java has to.
                    case["error"] = str(error)
                yield case


def misuses(info, pool):
    torch.manual_seed(SEED)
    for error in info.optim_error_inputs_func(device="cpu", dtype=torch.float32):
        given = error.optimizer_error_input
        kwargs = {k: option(k, v) for k, v in given.kwargs.items()}
        parameters = given.params or [torch.nn.Parameter(torch.zeros(1, 1))]
        message = None
        try:
            optimizer = info.optim_cls(parameters, **kwargs)
            if info.name != "LBFGS":
                optimizer.step()
        except (RuntimeError, TypeError, ValueError) as raised:
            message = str(raised)
        yield {
            "optimizer": info.name,
            "desc": given.desc,
            "options": {k: as_json(v, pool) for k, v in kwargs.items()},
            "givenParameters": given.params is not None,
            "on": error.error_on.name,
            "message": message,
        }


def averages(pool):
    """SWA and EMA of a small model over steps of SGD."""
    kinds = {
        "swa": {},
        "ema": {"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(0.9)},
        "swaTogether": {"multi_avg_fn": swa_utils.get_swa_multi_avg_fn()},
        "emaOneByOne": {"avg_fn": swa_utils.get_ema_avg_fn(0.9)},
        "own": {"avg_fn": lambda averaged, current, n: averaged + (current - averaged) / (n + 2)},
        "emaWithBuffers": {"multi_avg_fn": swa_utils.get_ema_multi_avg_fn(0.5), "use_buffers": True},
    }
    torch.manual_seed(SEED)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 1))
    described = {"seed": SEED, "initial": as_json(model.state_dict(), pool), "kinds": {}}
    batches = [torch.randn(6, 3) for _ in range(5)]
    described["batches"] = [store.describe_value(b, pool) for b in batches]
    averaged = {name: swa_utils.AveragedModel(model, **options) for name, options in kinds.items()}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for x in batches:
        optimizer.zero_grad()
        (model(x) ** 2).sum().backward()
        optimizer.step()
        for each in averaged.values():
            each.update_parameters(model)
    described["final"] = as_json(model.state_dict(), pool)
    for name, each in averaged.items():
        described["kinds"][name] = as_json(each.state_dict(), pool)
    swa_utils.update_bn(batches, averaged["swa"])
    described["batchNorm"] = as_json(averaged["swa"].state_dict(), pool)
    return described


def swa_rates():
    recorded = []
    for options in ({}, {"anneal_epochs": 4}, {"anneal_epochs": 3, "anneal_strategy": "linear"}, {"anneal_epochs": 0}):
        optimizer = torch.optim.SGD([{"params": [torch.zeros(1)]}, {"params": [torch.zeros(1)], "lr": 0.2}], lr=0.5)
        scheduler = swa_utils.SWALR(optimizer, swa_lr=0.05, **options)
        rates = []
        for _ in range(15):
            rates.append([group["lr"] for group in optimizer.param_groups])
            optimizer.step()
            scheduler.step()
        state = scheduler.state_dict()
        recorded.append({"options": options, "rates": rates, "state": {k: state[k] for k in sorted(state)}})
    return recorded


def write(folder):
    pool, found, wrong, begins = store.Pool(), [], [], {}
    for info in testing_imports.import_inventories()[3]:
        found += cases(info, pool)
        wrong += misuses(info, pool)
        begins[info.name] = {
            dtype: {
                "start": [store.describe_value(p, pool) for p in start(info.name, DTYPES[dtype])],
                "gradients": [
                    [store.describe_input(g, pool) for g in row] for row in gradients(info.name, DTYPES[dtype])
                ],
            }
            for dtype in DTYPES
        }
    description = {"steps": STEPS, "resumed": RESUMED, "closureSteps": CLOSURE_STEPS, "begins": begins}
    description |= {"averages": averages(pool), "swaRates": swa_rates(), "misuses": wrong}
    with open(folder / "optimizers.json", "w") as file:
        file.write(json.dumps(description, separators=(",", ":"))[:-1] + ', "cases": [\n')
        file.write(",\n".join(json.dumps(c, separators=(",", ":")) for c in found) + "\n]}\n")
    training.write_tensors(folder / "optimizers.safetensors", {"data": torch.frombuffer(pool.data, dtype=torch.uint8)})
