"""Mixed precision: autocast on the CPU, and GradScaler with gradients that are infinite now and then."""

import torch
from torch import nn

from testing_imports import import_inventories
from training import SEED, write_json, write_tensors

DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}


# On the CPU oneDNN computes LSTMs in lower precision where the processor can, which the pinned instruction set cannot: these
# models take the way of every other processor. `proj_size` is what oneDNN has no LSTM for.
RECURRENT = {
    "lstm": lambda: nn.LSTM(5, 64, 2, batch_first=True, proj_size=32),
    "gru": lambda: nn.GRU(5, 32, 2, batch_first=True),
}


class Model(nn.Module):
    """The tutorial's model, with one of these layers."""

    def __init__(self, layer):
        super().__init__()
        self.rnn = RECURRENT[layer]()
        self.fc = nn.Linear(32, 1)

    def forward(self, x):
        return self.fc(self.rnn(x)[0][:, -1, :])


def tutorial(tensors, layer, name, dtype):
    torch.manual_seed(SEED)
    model = Model(layer)
    x, y = torch.randn(32, 10, 5), torch.randint(0, 2, (32,)).float()
    with torch.autocast("cpu", dtype):
        output = model(x)
        loss = nn.BCEWithLogitsLoss()(output.squeeze(), y)
    loss.backward()
    prefix = f"{layer}.{name}"
    tensors |= {f"{prefix}.output": output, f"{prefix}.loss": loss}
    tensors |= {f"{prefix}.grad.{key}": p.grad for key, p in model.named_parameters()}


def described(value):
    """A tensor by dtype and size (its values do not matter), anything else as it is."""
    if isinstance(value, torch.Tensor):
        return {"dtype": str(value.dtype).removeprefix("torch."), "size": list(value.shape)}
    return [described(v) for v in value] if isinstance(value, (list, tuple)) else value


def made(value):
    """The tensors that Java makes of the descriptions."""
    if isinstance(value, torch.Tensor):
        return torch.full_like(value, 0.5) if value.is_floating_point() else torch.zeros_like(value)
    return type(value)(made(v) for v in value) if isinstance(value, (list, tuple)) else value


def overload(packet, args):
    """The overload that takes the arguments, and what it returns."""
    for name in packet.overloads():
        try:
            return getattr(packet, name), getattr(packet, name)(*args)
        except (RuntimeError, TypeError):
            continue
    return None


def operators():
    """PyTorch's own list of what autocast does on the CPU, entries that are one operator with positional arguments."""
    torch.manual_seed(SEED)
    import_inventories()  # makes the next line possible without PyTorch's own test dependencies
    from torch.testing._internal.autocast_test_lists import AutocastCPUTestLists

    lists = AutocastCPUTestLists("cpu")
    entries = lists.torch_16 + lists.nn_16 + lists.torch_fp32 + lists.nn_fp32
    entries += [e[:2] for e in lists.torch_need_autocast_promote + lists.torch_expect_builtin_promote]
    cases, seen = [], set()
    for entry in entries:
        name, args = entry[0], list(entry[1]) + list(entry[2].values() if len(entry) > 2 else [])
        if name in ("_addmm_activation", "_native_multi_head_attention"):
            continue  # one has arguments by keyword, one has no derivative and wants real weights
        args = made(args)
        results = {}
        for dtype_name, dtype in DTYPES.items():
            if dtype_name == "float16" and any(described(a) and "bfloat16" in str(described(a)) for a in args):
                continue  # the list has other inputs there
            with torch.autocast("cpu", dtype):
                found = overload(getattr(torch.ops.aten, name), args)
            if found is not None:
                op, result = found
                result = result[0] if isinstance(result, tuple) else result
                results[dtype_name] = str(result.dtype).removeprefix("torch.")
        if not results:
            raise AssertionError(f"no overload of {name} takes the arguments")
        key = str(op)
        if key not in seen:
            seen.add(key)
            cases.append({"op": "aten::" + key.removeprefix("aten.").removesuffix(".default"), "args": described(args), "results": results})
    return cases


BAD = {2: float("inf"), 3: float("nan"), 9: float("-inf")}
STEPS = 14


def optimizers(parameters, fused):
    return [torch.optim.SGD([parameters[0]], lr=0.1, momentum=0.9), torch.optim.Adam([parameters[1]], lr=0.01, fused=fused)]


def scaled(tensors, name, fused=False, **options):
    """Two optimizers; the gradients of the first one are bad in some steps, of a fused second one in others."""
    torch.manual_seed(SEED)
    parameters = [torch.randn(4, requires_grad=True), torch.randn(3, requires_grad=True)]
    tensors |= {f"{name}.start.{i}": p.detach().clone() for i, p in enumerate(parameters)}
    opts = optimizers(parameters, fused)
    scaler = torch.amp.GradScaler("cpu", **options)
    scales, trackers = [], []
    for step in range(STEPS):
        for p in parameters:
            p.grad = None
        scaler.scale((parameters[0] ** 2).sum() + (parameters[1] ** 3).sum() / 7).backward()
        if step in BAD:
            parameters[0].grad[1] = BAD[step]
        if fused and step - 1 in BAD:
            parameters[1].grad[2] = BAD[step - 1]
        scaler.unscale_(opts[0])
        tensors[f"{name}.norm.{step}"] = nn.utils.clip_grad_norm_(parameters[0], 1.5)
        for o in opts:
            scaler.step(o)
        scaler.update()
        scales.append(scaler.get_scale())
        trackers.append(scaler.state_dict()["_growth_tracker"])
        for i, p in enumerate(parameters):
            tensors[f"{name}.{step}.{i}"] = p.detach().clone()
    return {"scales": scales, "trackers": trackers, "stateDict": scaler.state_dict()}


def write(folder):
    tensors = {}
    for layer in RECURRENT:
        for name, dtype in DTYPES.items():
            tutorial(tensors, layer, name, dtype)
    description = {
        "seed": SEED,
        "operators": operators(),
        "bad": {str(k): str(v) for k, v in BAD.items()},
        "steps": STEPS,
        "scaler": {
            "usual": scaled(tensors, "usual"),
            "fused": scaled(tensors, "fused", fused=True),
            "quick": scaled(tensors, "quick", init_scale=1000.0, growth_factor=1.7, backoff_factor=0.3, growth_interval=3),
        },
    }
    write_json(folder / "amp.json", description)
    write_tensors(folder / "amp.safetensors", tensors)
