"""Section checkpoints: files as Python programs write them, and what is in them.

Each file of `fixtures/checkpoints` stands in `checkpoints.json` with its value written out, or with the reason why it is refused.
`describe` writes values out; ../src/test/java/dev/pantorch/io/ValueText.java does the same for Java's.
"""

import collections
import json
import math
import struct

import numpy
import torch
from safetensors.torch import save_file
from torch import nn

import resume_training

# Values in writing.


def describe(value, storages=None):
    """A value as JSON: every kind, every bit, and which tensors share memory."""
    storages = {} if storages is None else storages
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, numpy.ndarray):
        tensor = torch.from_numpy(value.astype(value.dtype.newbyteorder("=")))
        # numpy gives arrays without elements strides of 0.
        return describe(tensor if value.size else torch.empty(tensor.shape, dtype=tensor.dtype), storages)
    if isinstance(value, numpy.generic):
        return describe(value.item(), storages)
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": number(value)}
    if isinstance(value, complex):
        return {"complex": [number(value.real), number(value.imag)]}
    if isinstance(value, str):
        return {"str": value}
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": value.hex()}
    if isinstance(value, torch.Size):
        return {"size": list(value)}
    if isinstance(value, (torch.dtype, torch.device, torch.layout)):
        return {type(value).__name__: str(value)}
    if isinstance(value, (list, tuple)):
        return {type(value).__name__: [describe(each, storages) for each in value]}
    if isinstance(value, set):
        return {"set": sorted((describe(each, storages) for each in value), key=compact)}
    if isinstance(value, dict):
        kind = "OrderedDict" if isinstance(value, collections.OrderedDict) else "dict"
        text = {kind: [[describe(key, storages), describe(each, storages)] for key, each in value.items()]}
        if getattr(value, "_metadata", None) is not None:
            text["metadata"] = describe(value._metadata, storages)
        return text
    if isinstance(value, torch.Tensor):
        return {"tensor": describe_tensor(value.detach(), value.requires_grad, storages)}
    raise TypeError(type(value))


def compact(text):
    return json.dumps(text, separators=(",", ":"))


def number(value):
    """All bits of a float."""
    return struct.pack(">d", value).hex()


def describe_tensor(tensor, requires_grad, storages):
    text = {"dtype": str(tensor.dtype), "requiresGrad": requires_grad}
    if tensor.is_nested:
        return text | {"nested": [describe_tensor(part, False, {}) for part in tensor.unbind()]}
    text["size"] = list(tensor.shape)
    if tensor.layout != torch.strided:
        return text | {"layout": str(tensor.layout), "dense": bits(tensor.to_dense())}
    text["stride"] = list(tensor.stride())
    if tensor.device.type == "meta":
        return text | {"device": "meta"}
    text["offset"] = tensor.storage_offset()
    storage = tensor.untyped_storage()
    # Kept alive, so that no other gets its address.
    text["storage"] = storages.setdefault(storage._cdata, (len(storages), storage))[0]
    text["storageBytes"] = storage.nbytes()
    text["conj"], text["neg"] = tensor.is_conj(), tensor.is_neg()
    if tensor.is_quantized:
        return text | {"quantizer": quantizer(tensor), "bits": bits(tensor.int_repr())}
    return text | {"bits": bits(tensor.resolve_conj().resolve_neg())}


def quantizer(tensor):
    if tensor.qscheme() == torch.per_tensor_affine:
        return [number(tensor.q_scale()), tensor.q_zero_point()]
    return [bits(tensor.q_per_channel_scales()), bits(tensor.q_per_channel_zero_points()), tensor.q_per_channel_axis()]


def bits(tensor):
    flat = tensor.contiguous().flatten()
    return bytes(flat.view(torch.uint8).tolist()).hex() if flat.numel() else ""


# Values to save.


class Weather(nn.Module):
    """The model of the course, with a norm whose state has a version and a counter."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, batch_first=True)
        self.norm = nn.BatchNorm1d(4)
        self.fc = nn.Linear(4, 1)

    def forward(self, x):
        return self.fc(self.norm(self.lstm(x)[0][:, -1]))


def trained():
    torch.manual_seed(0)
    model = Weather()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        loss = model(torch.randn(5, 6, 3)).square().mean()
        loss.backward()
        optimizer.step()
        scheduler.step()
        losses.append(loss.item())
    return model, optimizer, scheduler, losses


def checkpoint():
    model, optimizer, scheduler, losses = trained()
    return {
        "epoch": 3,
        "model_state_dict": model.state_dict(),
        "optimizer_state_dict": optimizer.state_dict(),
        "lr_scheduler": scheduler.state_dict(),
        "history": {"loss": losses, "best": (min(losses), losses.index(min(losses)))},
        "args": {"hidden": 4, "name": "weather", "resume": None, "amp": False},
        "rng": torch.get_rng_state(),
    }


DTYPES = """uint8 int8 int16 int32 int64 uint16 uint32 uint64 float16 bfloat16 float32 float64 complex32 complex64 complex128
    bool float8_e5m2 float8_e4m3fn float8_e5m2fnuz float8_e4m3fnuz float8_e8m0fnu float4_e2m1fn_x2 bits8 bits16""".split()

# What Python itself can read back from the older format.
LEGACY_DTYPES = """uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128 bool""".split()


def every_dtype(names=DTYPES):
    dtypes = [getattr(torch, name) for name in names]
    return {str(dtype): (torch.arange(32, dtype=torch.uint8) % 2 + 60).view(dtype) for dtype in dtypes}


def views():
    x = torch.arange(12.0)
    return {
        "base": x,
        "row": x.view(3, 4)[1],
        "transposed": x.view(3, 4).t(),
        "strided": x[1::3],
        "empty": x[:0],
        "expanded": x[:1].expand(3),
        "scalar": x[5],
        "other": torch.tensor(2.5),
    }


def special():
    square = torch.tensor([[1.0, 0, 2], [0, 0, 0], [3, 0, 0]])


    def complex_values():
        return torch.view_as_complex(torch.arange(6.0).view(3, 2))

    return {
        "parameter": nn.Parameter(torch.ones(2)),
        "frozen": nn.Parameter(torch.ones(2), requires_grad=False),
        "requires_grad": torch.ones(2, requires_grad=True),
        "conj": complex_values().conj(),
        "neg": complex_values().conj().imag,
        "coo": square.to_sparse(),
        "uncoalesced": torch.sparse_coo_tensor([[0, 0]], [1.0, 2.0], (2,)),
        "csr": square.to_sparse_csr(),
        "csc": square.to_sparse_csc(),
        "bsr": torch.eye(4).to_sparse_bsr((2, 2)),
        "bsc": torch.eye(4).to_sparse_bsc((2, 2)),
        "quint8": torch.quantize_per_tensor(torch.tensor([-0.5, 0.2, 9.0]), 0.1, 3, torch.quint8),
        "qint32": torch.quantize_per_tensor(torch.tensor([-0.5, 0.2]), 0.1, 0, torch.qint32),
        "per_channel": torch.quantize_per_channel(
            torch.ones(2, 3), torch.tensor([0.1, 0.2]), torch.tensor([0, 1]), 0, torch.qint8
        ),
        "meta": torch.empty(2, 3, device="meta"),
    }


def containers():
    shared = [1, 2]
    return {
        "none": None,
        "flags": [True, False],
        "ints": [0, 1, -1, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63 - 1, -(2**63), 2**64],
        "huge": -(2**2000),
        "floats": [0.1, -0.0, math.inf, -math.inf, math.nan, 5e-324],
        "complex": 1 - 2j,
        "texts": ["", "grüße", "\U0001f600 \x00", "x" * 300],
        "bytes": b"\x00\xffab",
        "bytearray": bytearray(b"xyz"),
        "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, (4, "five"))],
        "sets": [set(), {1, 2, "x", (1, 2)}],
        "keys": {0: "zero", -1: "minus", 2.5: "float", None: "none", ("a", 1): "tuple"},
        "shared": [shared, shared],
        "counter": collections.Counter("abca"),
        "ordered": collections.OrderedDict([("b", 1), ("a", 2)]),
        "size": torch.Size([2, 3]),
        "dtype": torch.bfloat16,
        "devices": [torch.device("cpu"), torch.device("cuda", 1), torch.device("meta")],
        "layout": torch.sparse_csr,
        "nested": {"list": [{"dict": [[[]]]}]},
    }


def numpy_values():
    return {
        "loss": numpy.float64(0.25),
        "float32": numpy.float32(0.5),
        "count": numpy.int64(-7),
        "byte": numpy.uint8(200),
        "flag": numpy.bool_(True),
        "complex": numpy.complex128(1 + 2j),
        "array": numpy.arange(6, dtype=numpy.int16).reshape(2, 3),
        "fortran": numpy.asfortranarray(numpy.arange(6.0).reshape(2, 3)),
        "big": numpy.arange(3, dtype=">f4"),
        "again": [numpy.float64(0.25), numpy.float64(0.5)],
    }


class Thing:
    pass


# numpy's files.

NUMPY_TYPES = "b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16".split()


def arrays():
    return {code: (numpy.arange(32, dtype="u1") % 2 + 60).view(code).reshape(2, -1) for code in NUMPY_TYPES}


def write_numpy(target, described):
    matrix = numpy.arange(6, dtype="f4").reshape(2, 3)
    readable = {
        "npy-c": matrix,
        "npy-fortran": numpy.asfortranarray(matrix),
        "npy-fortran-3d": numpy.asfortranarray(numpy.arange(24).reshape(2, 3, 4)),
        "npy-big": matrix.astype(">f4"),
        "npy-big-complex": numpy.array([1 + 2j], dtype=">c16"),
        "npy-scalar": numpy.array(2.5),
        "npy-vector": numpy.arange(5),
        "npy-empty": numpy.zeros((0, 3), dtype="i2"),
    }
    for name, array in readable.items():
        numpy.save(target / f"{name}.npy", array)
        described[name] = {"value": describe(array), "file": f"{name}.npy"}
    for version in ((2, 0), (3, 0)):
        name = f"npy-version-{version[0]}"
        with open(target / f"{name}.npy", "wb") as file:
            numpy.lib.format.write_array(file, matrix, version)
        described[name] = {"value": describe(matrix), "file": f"{name}.npy"}
    refused = {
        "npy-structured": (
            numpy.zeros(2, dtype=[("x", "f4"), ("y", "i4")]),
            "it has a structured type, [('x', '<f4'), ('y', '<i4')]",
        ),
        "npy-objects": (numpy.array([{}, 1], dtype=object), "numpy's type '|O' is Python objects, which are never read"),
        "npy-texts": (numpy.array(["a", "bc"]), "numpy's type '<U2' is text"),
        "npy-dates": (numpy.array(["2020-01-01"], dtype="M8[D]"), "numpy's type '<M8[D]' is dates or times"),
        "npy-long-double": (numpy.ones(1, dtype="f16"), "numpy's type '<f16' is a float of a width"),
    }
    for name, (array, why) in refused.items():
        numpy.save(target / f"{name}.npy", array, allow_pickle=True)
        described[name] = {"refused": why, "file": f"{name}.npy"}
    numpy.savez(target / "npz-types.npz", **arrays(), grüße=matrix)
    numpy.savez_compressed(target / "npz-compressed.npz", **arrays(), many=numpy.zeros((100, 1000)))
    for name in ("npz-types", "npz-compressed"):
        with numpy.load(target / f"{name}.npz") as file:
            described[name] = {"value": describe(dict(file)), "file": f"{name}.npz"}
    # Not a megabyte of zeros in writing.
    zeros = described["npz-compressed"]["value"]["dict"].pop()
    assert zeros[0] == {"str": "many"}


# safetensors in several files, as Hugging Face's libraries write them.


def write_sharded(target, described):
    tensors = {f"layer.{i}.weight": torch.arange(8.0) + i for i in range(5)}
    names = list(tensors)
    shards = [names[:2], names[2:4], names[4:]]
    weight_map = {}
    for index, shard in enumerate(shards):
        name = f"sharded-{index + 1:05}-of-{len(shards):05}.safetensors"
        save_file({key: tensors[key] for key in shard}, target / name, metadata={"format": "pt"})
        weight_map |= {key: name for key in shard}
    total = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    with open(target / "sharded.safetensors.index.json", "w") as file:
        file.write(json.dumps(index, indent=2, sort_keys=True) + "\n")
    described["sharded"] = {"value": describe(tensors), "file": "sharded.safetensors.index.json"}


def write(folder):
    target = folder / "checkpoints"
    target.mkdir(exist_ok=True)
    model, optimizer, _, _ = trained()
    # name: value, keywords of torch.save
    readable = {
        "state-dict": (model.state_dict(), {}),
        "optimizer": (optimizer.state_dict(), {}),
        "checkpoint": (checkpoint(), {}),
        "checkpoint-protocol-5": (checkpoint(), {"pickle_protocol": 5}),
        "checkpoint-legacy": (checkpoint(), {"_use_new_zipfile_serialization": False}),
        "dtypes": (every_dtype(), {}),
        "dtypes-legacy": (every_dtype(LEGACY_DTYPES), {"_use_new_zipfile_serialization": False}),
        "views": (views(), {}),
        "views-legacy": (views(), {"_use_new_zipfile_serialization": False}),
        "special": (special(), {}),
        "special-legacy": (special(), {"_use_new_zipfile_serialization": False}),
        "nested-tensor": (torch.nested.nested_tensor([torch.ones(2, 3), torch.zeros(1, 3)]), {}),
        "containers": (containers(), {}),
        "containers-legacy": (containers(), {"_use_new_zipfile_serialization": False}),
        **{f"containers-protocol-{p}": (containers(), {"pickle_protocol": p}) for p in (3, 4, 5)},
        "numpy": (numpy_values(), {}),
        "tensor": (torch.arange(5), {}),
        "number": (3.5, {}),
    }
    refused = {
        "whole-module": (model, {}, f"{__name__}.Weather"),
        "whole-module-legacy": (
            nn.Linear(1, 1),
            {"_use_new_zipfile_serialization": False},
            "torch.nn.modules.linear.Linear",
        ),
        "object": ({"a": [Thing()]}, {}, f"{__name__}.Thing"),
        "function": (print, {}, "builtins.print"),
    }
    described = {}
    for name, (value, keywords) in readable.items():
        torch.save(value, target / f"{name}.pt", **keywords)
        described[name] = {"value": describe(value), "file": f"{name}.pt"}
    for name, (value, keywords, named) in refused.items():
        torch.save(value, target / f"{name}.pt", **keywords)
        described[name] = {"names": named}
    # A file from a machine with GPUs.
    tag = torch.serialization.location_tag
    torch.serialization.location_tag = lambda _: "cuda:1"
    torch.save({"x": torch.arange(3.0)}, target / "from-cuda.pt")
    torch.serialization.location_tag = tag
    resume_training.begin(target / "trained-10.pt")
    resume_training.resume(target / "trained-10.pt", target / "trained-20.pt")
    write_numpy(target, described)
    write_sharded(target, described)
    with open(folder / "checkpoints.json", "w") as file:
        for index, (name, value) in enumerate(described.items()):
            file.write(("{\n" if index == 0 else ",\n") + json.dumps(name) + ": " + compact(value))
        file.write("\n}\n")
