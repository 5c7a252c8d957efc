"""Parametrizations: values, gradients and states over steps of training, and what Python prints and refuses."""

import torch
from torch import nn
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import orthogonal, spectral_norm, weight_norm

from training import SEED, write_json, write_tensors

STEPS = 3


class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).mT

    def right_inverse(self, value):
        return value.triu()


class Doubled(nn.Module):
    def forward(self, x):
        return 2 * x

    def right_inverse(self, value):
        return value / 2


def chain():
    layer = nn.Linear(4, 4)
    parametrize.register_parametrization(layer, "weight", Symmetric())
    return parametrize.register_parametrization(layer, "weight", Doubled())


def shape(*size):
    return lambda: torch.randn(*size)


IMAGE = shape(2, 4, 5, 5)
SERIES = shape(2, 3, 5)
ROWS = shape(3, 4)

# Name, module, input.
CASES = [
    ("weight_norm linear", lambda: weight_norm(nn.Linear(4, 6)), ROWS),
    ("weight_norm whole", lambda: weight_norm(nn.Linear(4, 6), dim=None), ROWS),
    ("weight_norm columns", lambda: weight_norm(nn.Linear(4, 6), dim=1), ROWS),
    ("weight_norm bias", lambda: weight_norm(weight_norm(nn.Linear(4, 6)), "bias", None), ROWS),
    ("weight_norm conv", lambda: weight_norm(nn.Conv2d(4, 2, 3)), IMAGE),
    ("weight_norm middle", lambda: weight_norm(nn.Conv2d(4, 2, 3), dim=2), IMAGE),
    ("weight_norm embedding", lambda: weight_norm(nn.Embedding(7, 3)), lambda: torch.randint(0, 7, (2, 5))),
    ("weight_norm lstm", lambda: weight_norm(nn.LSTM(5, 4), "weight_hh_l0"), SERIES),
    ("spectral_norm linear", lambda: spectral_norm(nn.Linear(4, 6)), ROWS),
    ("spectral_norm iterations", lambda: spectral_norm(nn.Linear(4, 6), n_power_iterations=3, eps=1e-6, dim=1), ROWS),
    ("spectral_norm bias", lambda: spectral_norm(nn.Linear(4, 6), "bias"), ROWS),
    ("spectral_norm conv", lambda: spectral_norm(nn.Conv2d(4, 2, 3)), IMAGE),
    ("spectral_norm transposed", lambda: spectral_norm(nn.ConvTranspose2d(4, 2, 3)), IMAGE),
    ("spectral_norm lstm cached", lambda: spectral_norm(nn.LSTM(5, 4), "weight_hh_l0"), SERIES),
    ("orthogonal square", lambda: orthogonal(nn.Linear(4, 4)), ROWS),
    ("orthogonal wide", lambda: orthogonal(nn.Linear(4, 3)), ROWS),
    ("orthogonal tall", lambda: orthogonal(nn.Linear(4, 6)), ROWS),
    ("orthogonal exp wide", lambda: orthogonal(nn.Linear(4, 3), orthogonal_map="matrix_exp"), ROWS),
    ("orthogonal cayley", lambda: orthogonal(nn.Linear(4, 6), orthogonal_map="cayley"), ROWS),
    (
        "orthogonal reflections",
        lambda: orthogonal(nn.Linear(4, 6), orthogonal_map="householder", use_trivialization=False),
        ROWS,
    ),
    ("orthogonal plain exp", lambda: orthogonal(nn.Linear(4, 4), use_trivialization=False), ROWS),
    ("orthogonal lstm", lambda: orthogonal(nn.LSTM(5, 4), "weight_hh_l0"), SERIES),
    ("chain", chain, ROWS),
]


def output(name, module, x):
    if name.endswith("cached"):
        with parametrize.cached():
            result = module(x)
    else:
        result = module(x)
    return result[0] if isinstance(result, tuple) else result


def train(tensors, name, make, make_input):
    torch.manual_seed(SEED)
    module = make()
    x = make_input()
    repr_before = repr(module)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    for step in range(STEPS):
        optimizer.zero_grad()
        y = output(name, module, x)
        y.square().mean().backward()
        tensors[f"{name}.{step}.output"] = y
        tensors |= {f"{name}.{step}.grad.{k}": p.grad.clone() for k, p in module.named_parameters()}
        optimizer.step()
        tensors |= {f"{name}.{step}.state.{k}": v.clone() for k, v in module.state_dict().items()}
    module.eval()
    tensors[f"{name}.eval"] = output(name, module, x)
    keys = list(module.state_dict())
    for tensor_name in list(module.parametrizations):
        parametrize.remove_parametrizations(module, tensor_name)
    tensors |= {f"{name}.removed.{k}": v.clone() for k, v in module.state_dict().items()}
    return {"name": name, "repr": repr_before, "keys": keys, "removed": list(module.state_dict())}


def message(action):
    try:
        action()
    except Exception as error:  # the text is the fixture
        return str(error)
    raise AssertionError("expected an error")


class Shorter(nn.Module):
    def forward(self, x):
        return x[:-1]


class Wider(nn.Module):
    def forward(self, x):
        return x.double()


class WiderInverse(nn.Module):
    def forward(self, x):
        return x

    def right_inverse(self, value):
        return value.double()


class ShorterInverse(nn.Module):
    def forward(self, x):
        return x

    def right_inverse(self, value):
        return value[:-1]


def register(parametrization, times=1):
    layer = nn.Linear(2, 3)
    if times == 2:
        parametrize.register_parametrization(layer, "weight", Doubled())
    return parametrize.register_parametrization(layer, "weight", parametrization)


def assigned(layer):
    layer.weight = torch.ones(3, 2)


def messages():
    plain = nn.Linear(2, 3)
    return {
        "missing": message(lambda: parametrize.register_parametrization(plain, "wait", Doubled())),
        "shape": message(lambda: register(Shorter())),
        "dtype": message(lambda: register(Wider())),
        "inverse dtype": message(lambda: register(WiderInverse())),
        "second shape": message(lambda: register(Shorter(), 2)),
        "second dtype": message(lambda: register(Wider(), 2)),
        "second inverse dtype": message(lambda: register(WiderInverse(), 2)),
        "second inverse shape": message(lambda: register(ShorterInverse(), 2)),
        "not parametrized": message(lambda: parametrize.remove_parametrizations(plain, "weight")),
        "several": message(
            lambda: parametrize.remove_parametrizations(weight_norm(nn.Linear(2, 3)), "weight", leave_parametrized=False)
        ),
        "weight_norm missing": message(lambda: weight_norm(plain, "wait")),
        "spectral_norm missing": message(lambda: spectral_norm(plain, "wait")),
        "spectral_norm iterations": message(lambda: spectral_norm(plain, n_power_iterations=0)),
        "spectral_norm dim": message(lambda: spectral_norm(plain, dim=2)),
        "orthogonal vector": message(lambda: orthogonal(plain, "bias")),
        "orthogonal complex": message(
            lambda: orthogonal(nn.Linear(2, 3, dtype=torch.complex64), orthogonal_map="householder")
        ),
        "orthogonal shape": message(
            lambda: orthogonal(nn.Linear(2, 3)).parametrizations.weight[0].right_inverse(torch.ones(2, 2))
        ),
        "orthogonal assignment": message(
            lambda: assigned(orthogonal(nn.Linear(2, 3), orthogonal_map="cayley", use_trivialization=False))
        ),
        "no inverse": message(
            lambda: assigned(parametrize.register_parametrization(nn.Linear(2, 3), "weight", nn.Softplus()))
        ),
        "load": message(lambda: weight_norm(nn.Linear(2, 3)).load_state_dict({})),
    }


def write(folder):
    tensors = {}
    cases = [train(tensors, *case) for case in CASES]
    write_json(folder / "parametrizations.json", {"seed": SEED, "steps": STEPS, "cases": cases, "messages": messages()})
    write_tensors(folder / "parametrizations.safetensors", tensors)
