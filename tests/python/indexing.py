"""Indexing fixtures: Python's indexing expressions, taken apart into what they hold, with results.

Each index item is one of {"int": 1}, {"slice": [start, stop, step]} (null = left out), "ellipsis", "none", {"bool": true},
{"tensor": spec}; the expression is the Python text for messages.
"""

import torch

import store
import training



def expressions():
    mask = torch.tensor([True, False, True])
    mask2 = torch.arange(12).reshape(3, 4) % 3 == 0
    t = torch.tensor
    return [
        (1,),
        (-1,),
        (0, 2),
        (0, 2, -3),
        (slice(None),),
        (slice(1, None),),
        (slice(None, -1),),
        (slice(0, 3, 2),),
        (slice(5, 9),),
        (slice(2, 1),),
        (slice(-2, None), slice(None), slice(1, 4)),
        (slice(None), 1),
        (slice(None), slice(None, None, 3), slice(4, None)),
        (Ellipsis,),
        (Ellipsis, 2),
        (1, Ellipsis),
        (0, Ellipsis, slice(None, None, 2)),
        (Ellipsis, slice(0, 0)),
        (None,),
        (None, 1),
        (slice(None), None, 2),
        (Ellipsis, None),
        (None, Ellipsis, None),
        (True,),
        (False,),
        (slice(None), True),
        (mask,),
        (mask2,),
        (mask, 1),
        (mask, slice(1, 3)),
        (slice(None), t([True, False, False, True])),
        (Ellipsis, t([True, False, False, True, True])),
        (t([0, 2]),),
        (t([-1, 0, -1]),),
        (t(1),),
        (t([], dtype=torch.int64),),
        (t([[0, 1], [2, 0]]),),
        (t([0, 2]), t([1, 3])),
        (t([[0], [2]]), t([1, 3])),
        (slice(None), t([3, 0])),
        (t([0, 2]), slice(None), t([4, 1])),
        (slice(None), t([0, 1]), t([4, 1])),
        (t([0, 2]), None, t([1, 3])),
        (1, t([1, 3]), slice(0, 2)),
        (1, slice(0, 2), t([1, 3])),
        (Ellipsis, t([0, 1]), t([2, 2])),
        (mask, t([1, 3])),
        (t([2, 0], dtype=torch.int32),),
        (t([False, True, True]), 0),
    ]


def item(value, pool):
    if value is Ellipsis:
        return "ellipsis"
    if value is None:
        return "none"
    if isinstance(value, bool):
        return {"bool": value}
    if isinstance(value, int):
        return {"int": value}
    if isinstance(value, slice):
        return {"slice": [value.start, value.stop, value.step]}
    return {"tensor": store.describe_input(value, pool)}


def text(index):
    def one(value):
        if value is Ellipsis:
            return "..."
        if isinstance(value, slice):
            parts = [value.start, value.stop] + ([value.step] if value.step is not None else [])
            return ":".join("" if p is None else str(p) for p in parts)
        if isinstance(value, torch.Tensor):
            return str(value.tolist())
        return str(value)

    return "x[" + ", ".join(one(v) for v in index) + "]"


def write(folder):
    pool, cases = store.Pool(), []
    for index in expressions():
        x = torch.arange(60).reshape(3, 4, 5)
        result = x[index]
        case = {
            "expression": text(index),
            "index": [item(v, pool) for v in index],
            "value": store.describe_value(result, pool),
            "assigned": [],
        }
        sources = {"number": -1, "tensor": torch.arange(100, 100 + result.numel()).reshape(result.shape)}
        sources["broadcast"] = torch.tensor(-7)
        for kind, source in sources.items():
            target = x.clone()
            target[index] = source
            case["assigned"].append(
                {
                    "source": kind,
                    "from": source if kind == "number" else store.describe_input(source, pool),
                    "value": store.describe_value(target, pool),
                }
            )
        cases.append(case)
    training.write_json(
        folder / "indexing.json",
        {"x": store.describe_input(torch.arange(60).reshape(3, 4, 5).clone(), pool), "cases": cases, "errors": errors()},
    )
    training.write_tensors(
        folder / "indexing.safetensors", {"data": torch.frombuffer(pool.data, dtype=torch.uint8)}
    )


def errors():
    """What Python says about indices that cannot be."""
    x = torch.arange(60).reshape(3, 4, 5)
    pool = store.Pool()
    found = []
    for index in (
        (3,),
        (-4,),
        (0, 4),
        (0, 0, 0, 0),
        (slice(0, 2, 0),),
        (slice(0, 2, -1),),
        (slice(None), slice(None), slice(None), 0),
    ):
        try:
            x[index]
            raise AssertionError(f"no error for {text(index)}")
        except (IndexError, ValueError) as error:
            found.append(
                {
                    "expression": text(index),
                    "index": [item(v, pool) for v in index],
                    "kind": type(error).__name__,
                    "message": str(error),
                }
            )
    return found
