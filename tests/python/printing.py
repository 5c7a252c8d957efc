"""Printing fixtures: str(tensor) for many tensors, to be matched to the letter."""

import torch

import store
import training

NAN, INF = float("nan"), float("inf")


def plain():
    yield torch.tensor([])
    yield torch.empty(0, 3)
    yield torch.empty(2, 0, 3)
    yield torch.empty(0, dtype=torch.int64)
    yield torch.tensor(3.0)
    yield torch.tensor(0.1)
    yield torch.tensor(-7)
    yield torch.tensor(True)
    yield torch.tensor(1e-10)
    yield torch.tensor(123456789.0)
    yield torch.tensor(NAN)
    yield torch.tensor(-INF)
    yield torch.tensor([1.0, 2.0, 3.0])
    yield torch.tensor([1.0, 2.5, -3.125])
    yield torch.tensor([0.1, 0.12345678, 100.0])
    yield torch.tensor([1e-5, 1.0])
    yield torch.tensor([1e5, 1.0])
    yield torch.tensor([99999.0, 1.5])
    yield torch.tensor([1e8, 1.0])
    yield torch.tensor([1e9, 2e9])
    yield torch.tensor([1000.5, 0.001])
    yield torch.tensor([1e-3, 9e-4])
    yield torch.tensor([1e-7, 2e-7])
    yield torch.tensor([0.0, -0.0])
    yield torch.tensor([1.0, NAN, INF, -INF])
    yield torch.tensor([1.5, NAN, INF, -INF])
    yield torch.tensor([NAN, INF])
    yield torch.tensor([1e10, NAN])
    yield torch.tensor([-1.5, 22.25])
    yield torch.tensor([123456.0, 1.25])
    yield torch.tensor([16777216.0, 1.0])
    yield torch.arange(6).reshape(2, 3)
    yield torch.arange(24).reshape(2, 3, 4)
    yield torch.arange(24.0).reshape(2, 3, 4) / 7
    yield torch.arange(16).reshape(2, 2, 2, 2)
    yield torch.tensor([[-1, 200], [3, -40000]])
    yield torch.tensor([[True, False], [False, True]])
    yield torch.tensor([9223372036854775807, -9223372036854775808])


def dtypes():
    for dtype in (
        torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16,
        torch.float64, torch.bool,
    ):  # fmt: skip
        yield torch.tensor([1, 0, 3]).to(dtype)
        yield torch.tensor(1).to(dtype)
        yield torch.empty(0, dtype=dtype)
    yield torch.tensor([0.1, 1.234567891], dtype=torch.float64)
    yield torch.tensor([0.1, 1.234567891], dtype=torch.float16)
    yield torch.tensor([65504.0, 0.001], dtype=torch.float16)
    yield torch.tensor([1 + 2j, -3.5j])
    yield torch.tensor([1.25 + 2j, -3.5j], dtype=torch.complex128)
    yield torch.tensor(1 - 1j)
    yield torch.tensor([[1 + 2j], [100 - 0.5j]])
    yield torch.tensor([complex(NAN, INF), 1 + 1j])
    yield torch.tensor([1e10 + 1j, 1e-10j])
    yield torch.tensor([0.5, -2.0]).to(torch.float8_e5m2)
    yield torch.tensor([0.5, -2.0]).to(torch.float8_e4m3fn)


def long_ones():
    yield torch.arange(1000)
    yield torch.arange(1001)
    yield torch.arange(2000.0)
    yield torch.arange(10000).reshape(100, 100)
    yield torch.arange(3000.0).reshape(3, 1000) / 8
    yield torch.arange(8000).reshape(20, 20, 20)
    yield torch.zeros(7, 200)
    yield torch.arange(40)
    yield torch.arange(40.0) / 3
    yield torch.arange(60).reshape(2, 30) * 100000
    yield torch.arange(30.0).reshape(1, 30) * 1e-6
    yield torch.zeros(40, dtype=torch.bool)
    yield torch.complex(torch.arange(12.0), -torch.arange(12.0))


def views():
    yield torch.arange(12).reshape(3, 4).t()
    yield torch.arange(12.0)[::3]
    yield torch.tensor([1 + 2j]).conj()
    yield torch.zeros(2, 3).expand(2, 2, 3)


def with_gradients():
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    yield "leaf", x, x
    yield "mul", x, x * x
    yield "sum", x, x.sum()
    yield "sigmoid", x, x.sigmoid()
    yield "detach", x, x.detach()
    yield "select", x, x[0]
    yield "pow", x, x**2
    yield "double", x, x.double()
    yield "reshape", x, x.reshape(3, 1)
    yield "add_", x, (x * x).add_(x)


def options():
    x = torch.tensor([1.0 / 3, 1e-6, 12345.678])
    for arguments in (
        {"precision": 2},
        {"precision": 8},
        {"sci_mode": True},
        {"sci_mode": False},
        {"linewidth": 20},
        {"threshold": 2, "edgeitems": 1},
        {"profile": "short"},
        {"profile": "full"},
    ):
        torch.set_printoptions(**arguments)
        yield arguments, x, str(x)
        torch.set_printoptions(profile="default", sci_mode=None)


def write(folder):
    tensors, cases, pool = {}, [], store.Pool()
    for group in (plain, dtypes, long_ones, views):
        for i, tensor in enumerate(group()):
            spec = store.describe_input(tensor, pool)
            cases.append({"name": f"{group.__name__}.{i}", "value": spec, "text": str(tensor)})
    gradients = [
        {"name": name, "leaf": store.describe_input(x, pool), "text": str(result)}
        for name, x, result in with_gradients()
    ]
    option_cases = [
        {"options": a, "value": store.describe_input(x, pool), "text": text} for a, x, text in options()
    ]
    default_dtype = []
    torch.set_default_dtype(torch.float64)
    for tensor in (torch.tensor([1.0]), torch.tensor([1.0], dtype=torch.float32), torch.tensor([1j])):
        default_dtype.append({"value": store.describe_input(tensor, pool), "text": str(tensor)})
    torch.set_default_dtype(torch.float32)
    training.write_json(
        folder / "printing.json",
        {"cases": cases, "gradients": gradients, "options": option_cases, "defaultFloat64": default_dtype},
    )
    tensors["data"] = torch.frombuffer(pool.data, dtype=torch.uint8)
    training.write_tensors(folder / "printing.safetensors", tensors)
