"""What torch.nn and torch.nn.functional have, and how containers print and name what is in them."""

import inspect
import json
import types

import torch
import torch.nn.functional as F
from torch import nn


def classes():
    return [n for n in dir(nn) if inspect.isclass(getattr(nn, n))]


def functions():
    """Public functions that are of the module: not those that it imports to define others."""
    kinds = (types.FunctionType, types.BuiltinFunctionType)
    found = [n for n in dir(F) if not n.startswith("_") and isinstance(getattr(F, n), kinds)]
    return [n for n in found if getattr(F, n).__module__ not in ("torch.overrides", "torch._jit_internal")]


def methods():
    return [n for n in dir(nn.Module) if not n.startswith("_") and callable(getattr(nn.Module, n))]


def containers():
    """Each: how it prints and the keys of its state, after the changes that the Java test makes too."""
    linears = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 3)])
    linears.insert(1, nn.Linear(2, 4))
    linears.append(nn.Linear(3, 3))
    del linears[0]
    linears[-1] = nn.Linear(5, 5, bias=False)
    chain = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    chain.insert(1, nn.Tanh())
    chain.extend([nn.Linear(2, 1), nn.Sigmoid()])
    chain.pop(2)
    heads = nn.ModuleDict({"b": nn.Linear(2, 1), "a": nn.Linear(2, 2)})
    heads.update({"c": nn.ModuleList([nn.ReLU(), nn.ReLU()]), "b": nn.Linear(2, 3)})
    heads.pop("a")
    parameters = nn.ParameterList([torch.zeros(2, 3), torch.zeros(())])
    parameters.append(torch.zeros(1, dtype=torch.float64))
    parameters[0] = torch.zeros(4)
    named = nn.ParameterDict({"b": torch.zeros(2), "a": torch.zeros(1, dtype=torch.bfloat16)})
    named["c"] = torch.zeros(2, 2)
    named.popitem()
    one = nn.ParameterDict({"a": torch.zeros(2)})
    whole = nn.ModuleDict({"layers": linears, "list": parameters, "dict": named})
    found = {"linears": linears, "chain": chain, "heads": heads, "parameters": parameters, "named": named, "one": one, "whole": whole}
    empty = {type(m).__name__: type(m)() for m in (linears, chain, heads, parameters, named)}
    return {k: {"repr": repr(m), "keys": list(m.state_dict())} for k, m in (found | empty).items()}


def write(folder):
    lists = {"classes": classes(), "functions": functions(), "methods": methods(), "containers": containers()}
    (folder / "nn.json").write_text(json.dumps(lists, indent=1) + "\n")
