"""Layer fixtures: modules with their default initialisation, forward values and gradients; losses, initialisers, clipping,
and how modules print.

Each module case: the seed is set, the module is built (so its parameters are what its constructor draws), the inputs are
given, the seed is set again, forward runs, and a fixed gradient goes back.
"""

import torch
from torch import nn

import op_samples
import store
import training

BUILD_SEED = 7
RUN_SEED = 11


class Cases:
    def __init__(self):
        self.tensors = {}
        self.cases = []

    def put(self, name, tensor):
        self.tensors[name] = tensor.detach().clone()

    def module(self, name, args, options, inputs, train=True, calls=1, state=()):
        """One module: ``options`` under Python's names; ``state`` are tensors passed as the initial (h, c) tuple."""
        prefix = f"module.{len(self.cases)}"
        torch.manual_seed(BUILD_SEED)
        module = getattr(nn, name)(*args, **options)
        module.train(train)
        for key, value in module.state_dict().items():
            self.put(f"{prefix}.initial.{key}", value)
        inputs = [t.clone().requires_grad_(t.is_floating_point()) for t in inputs]
        state = [t.clone().requires_grad_() for t in state]
        for i, t in enumerate(inputs):
            self.put(f"{prefix}.input.{i}", t)
        for i, t in enumerate(state):
            self.put(f"{prefix}.state.{i}", t)
        torch.manual_seed(RUN_SEED)
        for _ in range(calls):
            arguments = [*inputs, *([tuple(state)] if state else [])]
            outputs = op_samples.leaves(module(*arguments))
        for i, o in enumerate(outputs):
            self.put(f"{prefix}.output.{i}", o)
        self.differentiate(prefix, module, outputs, inputs + state)
        for key, value in module.state_dict().items():
            self.put(f"{prefix}.final.{key}", value)
        self.cases.append(
            {
                "prefix": prefix,
                "module": name,
                "args": list(args),
                "options": {k: store.dtype_name(v) if isinstance(v, torch.dtype) else v for k, v in options.items()},
                "train": train,
                "calls": calls,
                "inputs": len(inputs),
                "states": len(state),
                "outputs": len(outputs),
                "stateDictKeys": list(module.state_dict()),
                "repr": repr(module),
            }
        )

    def differentiate(self, prefix, module, outputs, inputs):
        differentiable = [o for o in outputs if o.requires_grad]
        if not differentiable:
            return
        cotangents = [op_samples.cotangent(o, i) for i, o in enumerate(differentiable)]
        torch.autograd.backward(differentiable, cotangents)
        for i, c in enumerate(cotangents):
            self.put(f"{prefix}.cotangent.{i}", c)
        for i, t in enumerate(inputs):
            if t.grad is not None:
                self.put(f"{prefix}.gradient.input.{i}", t.grad)
        for key, parameter in module.named_parameters():
            if parameter.grad is not None:
                self.put(f"{prefix}.gradient.{key}", parameter.grad)


def values(*size, seed=3):
    return torch.randn(*size, generator=torch.Generator().manual_seed(seed))


def integers(high, *size, seed=3):
    return torch.randint(high, size, generator=torch.Generator().manual_seed(seed))


def recurrent(cases):
    for bias in (True, False):
        for bidirectional in (True, False):
            for projection in (0, 3):
                for layers in (1, 2):
                    options = {"num_layers": layers, "bias": bias, "bidirectional": bidirectional}
                    options |= {"proj_size": projection, "batch_first": layers == 2}
                    cases.module("LSTM", [5, 4], options, [values(3, 2, 5)])
    directions = 2
    for batch_first in (True, False):
        sequence = values(2, 3, 5) if batch_first else values(3, 2, 5)
        options = {"num_layers": 2, "bidirectional": True, "batch_first": batch_first, "proj_size": 3}
        state = [values(2 * directions, 2, 3, seed=4), values(2 * directions, 2, 4, seed=5)]
        cases.module("LSTM", [5, 4], options, [sequence], state=state)
    cases.module("LSTM", [5, 4], {"num_layers": 3, "dropout": 0.4}, [values(3, 2, 5)])
    cases.module("LSTM", [5, 4], {"num_layers": 3, "dropout": 0.4}, [values(3, 2, 5)], train=False)
    cases.module("LSTM", [5, 4], {"num_layers": 2, "dropout": 0.5, "bidirectional": True}, [values(6, 3, 5)])
    cases.module("LSTM", [5, 4], {}, [values(3, 5)])
    cases.module("LSTM", [5, 4], {"batch_first": True, "bidirectional": True}, [values(3, 5)])
    state = [values(1, 4, seed=4), values(1, 4, seed=5)]
    cases.module("LSTM", [5, 4], {}, [values(3, 5)], state=state)
    cases.module("LSTM", [5, 64], {"num_layers": 2, "batch_first": True}, [values(4, 10, 5)])
    cases.module("LSTM", [5, 4], {"dtype": torch.float64}, [values(3, 2, 5).double()])


def dense(cases):
    cases.module("Linear", [5, 3], {}, [values(2, 5)])
    cases.module("Linear", [5, 3], {"bias": False}, [values(2, 4, 5)])
    cases.module("Linear", [5, 3], {}, [values(5)])
    indices = integers(6, 2, 4)
    cases.module("Embedding", [6, 3], {}, [indices])
    cases.module("Embedding", [6, 3], {"padding_idx": 2}, [indices])
    cases.module("Embedding", [6, 3], {"padding_idx": -1}, [indices])
    cases.module("Embedding", [6, 3], {"max_norm": 1.0}, [indices])
    cases.module("Embedding", [6, 3], {"max_norm": 0.7, "norm_type": 1.0}, [indices])
    cases.module("Embedding", [6, 3], {"scale_grad_by_freq": True}, [indices])
    for size in ((6, 3), (4, 3, 5)):
        for train in (True, False):
            cases.module("BatchNorm1d", [3], {}, [values(*size)], train=train)
        cases.module("BatchNorm1d", [3], {"momentum": None}, [values(*size)], calls=3)
        cases.module("BatchNorm1d", [3], {"affine": False, "momentum": 0.3}, [values(*size)], calls=2)
        cases.module("BatchNorm1d", [3], {"track_running_stats": False, "eps": 1e-3}, [values(*size)])
        cases.module("BatchNorm1d", [3], {"track_running_stats": False}, [values(*size)], train=False)
    for p in (0.0, 0.2, 0.5, 1.0):
        cases.module("Dropout", [], {"p": p}, [values(5, 7)])
    cases.module("Dropout", [], {}, [values(5, 7)], train=False)


def activations(cases):
    for name, options in (
        ("ReLU", {}),
        ("ReLU6", {}),
        ("LeakyReLU", {}),
        ("LeakyReLU", {"negative_slope": 0.2}),
        ("PReLU", {}),
        ("PReLU", {"num_parameters": 4, "init": 0.1}),
        ("ELU", {}),
        ("ELU", {"alpha": 0.5}),
        ("SELU", {}),
        ("CELU", {"alpha": 0.7}),
        ("GELU", {}),
        ("GELU", {"approximate": "tanh"}),
        ("SiLU", {}),
        ("Mish", {}),
        ("Sigmoid", {}),
        ("LogSigmoid", {}),
        ("Tanh", {}),
        ("Hardtanh", {"min_val": -0.5, "max_val": 0.7}),
        ("Hardswish", {}),
        ("Hardsigmoid", {}),
        ("Softplus", {}),
        ("Softplus", {"beta": 2.0, "threshold": 1.0}),
        ("Softsign", {}),
        ("Softshrink", {"lambd": 0.3}),
        ("Hardshrink", {}),
        ("Tanhshrink", {}),
        ("Threshold", {"threshold": 0.1, "value": 5.0}),
        ("GLU", {"dim": 1}),
        ("Softmax", {"dim": 1}),
        ("Softmin", {"dim": 0}),
        ("LogSoftmax", {"dim": -1}),
        ("Identity", {}),
        ("Flatten", {}),
    ):
        cases.module(name, [], options, [values(3, 4)])


class Losses:
    def __init__(self, cases):
        self.cases, self.list = cases, []

    def add(self, name, options, prediction, target, **tensors):
        prefix = f"loss.{len(self.list)}"
        prediction = prediction.clone().requires_grad_()
        loss = getattr(nn, name)(**options, **tensors)(prediction, target)
        cotangent = op_samples.cotangent(loss, 0)
        (gradient,) = torch.autograd.grad(loss, prediction, cotangent)
        for key, value in (
            {"prediction": prediction, "target": target, "loss": loss, "cotangent": cotangent, "gradient": gradient}
            | tensors
        ).items():
            self.cases.put(f"{prefix}.{key}", value)
        self.list.append(
            {"prefix": prefix, "loss": name, "options": options, "tensors": sorted(tensors)}
        )


def losses(cases):
    all_losses = Losses(cases)
    binary = (values(4, 3, seed=6) > 0).float()
    classes = integers(5, 4, seed=8)
    for reduction in ("mean", "sum", "none"):
        option = {"reduction": reduction}
        all_losses.add("MSELoss", option, values(4, 3), values(4, 3, seed=9))
        all_losses.add("BCEWithLogitsLoss", option, values(4, 3), binary)
        all_losses.add("BCEWithLogitsLoss", option, values(4, 3), binary, weight=values(3, seed=2).abs())
        all_losses.add("BCEWithLogitsLoss", option, values(4, 3), binary, pos_weight=values(3, seed=2).abs())
        all_losses.add(
            "BCEWithLogitsLoss", option, values(4, 3), binary,
            weight=values(4, 1, seed=1).abs(), pos_weight=values(3, seed=2).abs(),
        )  # fmt: skip
        weight = values(5, seed=2).abs()
        for smoothing in (0.0, 0.1):
            smooth = option | {"label_smoothing": smoothing}
            all_losses.add("CrossEntropyLoss", smooth, values(4, 5), classes)
            all_losses.add("CrossEntropyLoss", smooth, values(4, 5), classes, weight=weight)
            all_losses.add("CrossEntropyLoss", smooth | {"ignore_index": int(classes[0])}, values(4, 5), classes)
            all_losses.add("CrossEntropyLoss", smooth, values(4, 5), values(4, 5, seed=9).softmax(1))
            all_losses.add("CrossEntropyLoss", smooth, values(4, 5), values(4, 5, seed=9).softmax(1), weight=weight)
            all_losses.add("CrossEntropyLoss", smooth, values(2, 5, 3), integers(5, 2, 3))
        all_losses.add("CrossEntropyLoss", option, values(5), integers(5, seed=4))
        all_losses.add("L1Loss", option, values(4, 3), values(4, 3, seed=9))
        all_losses.add("BCELoss", option, values(4, 3).sigmoid(), binary)
        all_losses.add("BCELoss", option, values(4, 3).sigmoid(), binary, weight=values(3, seed=2).abs())
        logs = values(4, 5).log_softmax(1)
        all_losses.add("NLLLoss", option, logs, classes)
        all_losses.add("NLLLoss", option | {"ignore_index": int(classes[0])}, logs, classes, weight=weight)
    return all_losses.list


INITIALISERS = [
    ("uniform_", [6, 5], {}),
    ("uniform_", [6, 5], {"a": -2.0, "b": 3.0}),
    ("normal_", [6, 5], {}),
    ("normal_", [2, 3], {"mean": 1.0, "std": 0.5}),
    ("trunc_normal_", [6, 5], {}),
    ("trunc_normal_", [6, 5], {"mean": 0.5, "std": 2.0, "a": -1.0, "b": 1.0}),
    ("constant_", [3], {"val": 0.3}),
    ("ones_", [3], {}),
    ("zeros_", [3], {}),
    ("eye_", [4, 3], {}),
    ("dirac_", [4, 2, 3], {}),
    ("dirac_", [4, 2, 3], {"groups": 2}),
    ("xavier_uniform_", [6, 5], {}),
    ("xavier_uniform_", [6, 5, 3], {"gain": 1.4}),
    ("xavier_normal_", [6, 5], {}),
    ("xavier_normal_", [6, 5], {"gain": 2.0}),
    ("kaiming_uniform_", [6, 5], {}),
    ("kaiming_uniform_", [6, 5], {"a": 0.2, "mode": "fan_out"}),
    ("kaiming_uniform_", [6, 5], {"nonlinearity": "relu"}),
    ("kaiming_normal_", [6, 5], {}),
    ("kaiming_normal_", [6, 5, 3], {"mode": "fan_out", "nonlinearity": "tanh"}),
    ("orthogonal_", [5, 5], {}),
    ("orthogonal_", [3, 5], {"gain": 2.0}),
    ("orthogonal_", [5, 3], {}),
    ("sparse_", [6, 5], {"sparsity": 0.4}),
    ("sparse_", [6, 5], {"sparsity": 0.4, "std": 0.5}),
]


def initialisers(cases):
    result = []
    for number, (name, size, options) in enumerate(INITIALISERS):
        torch.manual_seed(BUILD_SEED)
        tensor = getattr(nn.init, name)(torch.empty(size), **options)
        cases.put(f"init.{number}", tensor)
        result.append({"tensor": f"init.{number}", "init": name, "size": size, "options": options})
    gains = [
        {"nonlinearity": n, "param": p, "gain": nn.init.calculate_gain(n, p)}
        for n, p in (
            ("linear", None), ("conv1d", None), ("sigmoid", None), ("tanh", None), ("relu", None),
            ("leaky_relu", None), ("leaky_relu", 0.2), ("selu", None),
        )
    ]  # fmt: skip
    return {"cases": result, "gains": gains}


def constructors(cases):
    """Several layers built one after the other from one seed: the draws come in the order of construction."""
    torch.manual_seed(BUILD_SEED)
    model = nn.Module()
    model.first = nn.Linear(3, 4)
    model.lstm = nn.LSTM(4, 5, 2, bidirectional=True)
    model.embedding = nn.Embedding(7, 2, padding_idx=1)
    model.norm = nn.BatchNorm1d(4)
    model.last = nn.Linear(4, 2, bias=False)
    after = torch.rand(3)
    for key, value in model.state_dict().items():
        cases.put(f"constructors.{key}", value)
    cases.put("constructors.after", after)
    return {"stateDictKeys": list(model.state_dict())}


def clipping(cases):
    result = []
    for size_scale in (1.0, 0.01):
        for norm_type in (1.0, 2.0, 3.0, float("inf")):
            result.append(clip_norm(cases, len(result), size_scale, norm_type))
    for clip_value in (0.5, 0.01):
        prefix = f"clip.value.{clip_value}"
        parameters = gradients(cases, prefix, 1.0)
        nn.utils.clip_grad_value_(parameters, clip_value)
        for i, p in enumerate(parameters):
            cases.put(f"{prefix}.after.{i}", p.grad)
        result.append({"prefix": prefix, "clip": "value", "value": clip_value})
    return result


def gradients(cases, prefix, scale):
    parameters = [nn.Parameter(values(3, 4)), nn.Parameter(values(5)), nn.Parameter(values(2))]
    for i, p in enumerate(parameters[:2]):  # the last has no gradient
        p.grad = values(*p.shape, seed=20 + i) * scale
        cases.put(f"{prefix}.before.{i}", p.grad)
    return parameters[:2]


def clip_norm(cases, number, scale, norm_type):
    prefix = f"clip.norm.{number}"
    parameters = gradients(cases, prefix, scale)
    norm = nn.utils.clip_grad_norm_(parameters, 1.0, norm_type)
    cases.put(f"{prefix}.norm", norm)
    for i, p in enumerate(parameters):
        cases.put(f"{prefix}.after.{i}", p.grad)
    return {"prefix": prefix, "clip": "norm", "maxNorm": 1.0, "normType": store.float_json(norm_type)}


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10, 4, padding_idx=0)
        self.encoder = nn.LSTM(4, 8, 2, batch_first=True, dropout=0.1)
        self.head = nn.Sequential(nn.Linear(8, 8, bias=False), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 1))
        self.register_buffer("scale", torch.ones(3))


class Empty(nn.Module):
    pass


class WithExtra(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(1, 1)

    def extra_repr(self):
        return "depth=3,\nwide=True"


def reprs():
    models = {
        "Classifier": Classifier(),
        "LSTMModel": training.LSTMModel(5, 64, 2, 1),
        "Empty": Empty(),
        "WithExtra": WithExtra(),
        "Sequential": nn.Sequential(),
        "SequentialOfTwo": nn.Sequential(nn.Linear(2, 3), nn.Sigmoid()),
        "Repeated": nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2)),
    }
    return {
        name: {"repr": repr(m), "stateDictKeys": list(m.state_dict()), "modules": [n for n, _ in m.named_modules()]}
        for name, m in models.items()
    }


def write(folder):
    cases = Cases()
    recurrent(cases)
    dense(cases)
    activations(cases)
    description = {
        "buildSeed": BUILD_SEED,
        "runSeed": RUN_SEED,
        "modules": cases.cases,
        "losses": losses(cases),
        "init": initialisers(cases),
        "constructors": constructors(cases),
        "clipping": clipping(cases),
        "reprs": reprs(),
    }
    training.write_json(folder / "layers.json", description)
    training.write_tensors(folder / "layers.safetensors", cases.tensors)
