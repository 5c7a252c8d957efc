"""How tensors and arguments are written down.

Tensor data lives in one pool of bytes (saved as the uint8 tensor ``data`` of a safetensors file); JSON refers to it by byte
offset (``at``). Equal bytes are stored once. What JSON says is explicit in kind: a reader never guesses a type.
"""

import ctypes
import hashlib
import math

import torch

import schemas

ALIGNMENT = 16


class Unsupported(Exception):
    """A value the fixture format does not carry; the message is the reason a sample is left out."""


class Pool:
    def __init__(self):
        self.data = bytearray()
        self.offsets = {}

    def put(self, content):
        key = hashlib.sha1(content).digest()
        if key not in self.offsets:
            self.data.extend(b"\0" * (-len(self.data) % ALIGNMENT))
            self.offsets[key] = len(self.data)
            self.data.extend(content)
        return self.offsets[key]

    def get(self, at, length):
        return bytes(self.data[at : at + length])

    def rollback(self, mark):
        """Forgets what was put after ``mark = len(pool.data)``."""
        del self.data[mark:]
        self.offsets = {k: v for k, v in self.offsets.items() if v < mark}


def dtype_name(dtype):
    return str(dtype).removeprefix("torch.")


def contiguous_strides(size):
    strides, step = [], 1
    for n in reversed(size):
        strides.append(step)
        step *= max(n, 1)
    return strides[::-1]


def raw_bytes(tensor):
    """The bytes of a dense contiguous tensor."""
    if tensor.numel() == 0:
        return b""
    return ctypes.string_at(tensor.data_ptr(), tensor.numel() * tensor.element_size())


@torch.no_grad()
def resolved(tensor):
    """Contiguous values of a dense tensor with lazy conjugation, negation and zeros carried out."""
    tensor = tensor.detach()
    if torch._is_zerotensor(tensor):
        tensor = tensor.clone()  # autograd's zeros have no memory
    return tensor.resolve_conj().resolve_neg().contiguous()


def check_plain(tensor):
    if type(tensor) not in (torch.Tensor, torch.nn.Parameter):
        raise Unsupported(f"tensor subclass {type(tensor).__name__}")
    if tensor.is_nested and tensor.layout != torch.strided:
        raise Unsupported("jagged nested tensor")
    if tensor.device.type not in ("cpu", "meta"):
        raise Unsupported(f"device {tensor.device}")


def describe_form(tensor):
    """Everything about a tensor but its values."""
    spec = {"dtype": dtype_name(tensor.dtype), "size": list(tensor.shape)}
    if tensor.device.type == "meta":
        spec["device"] = "meta"
    if tensor.layout == torch.strided and list(tensor.stride()) != contiguous_strides(tensor.shape):
        spec["stride"] = list(tensor.stride())
    return spec


@torch.no_grad()
def describe_value(tensor, pool):
    """A result or gradient: dtype, size, stride where not contiguous, and the values in row-major order."""
    check_plain(tensor)
    tensor = tensor.detach()
    if tensor.is_nested:
        parts = [describe_value(part, pool) for part in tensor.unbind()]
        return {"dtype": dtype_name(tensor.dtype), "layout": "nested", "parts": parts}
    spec = describe_form(tensor)
    if tensor.device.type == "meta":
        return spec
    if tensor.layout == torch.strided:
        if tensor.is_quantized:
            return spec | describe_quantized(tensor, pool)
        return spec | {"at": pool.put(raw_bytes(resolved(tensor)))}
    return spec | describe_other_layout(tensor, pool)


def describe_quantized(tensor, pool):
    spec = {"at": pool.put(raw_bytes(tensor.int_repr().contiguous()))}
    if tensor.qscheme() == torch.per_tensor_affine:
        return spec | {"quantized": {"scale": tensor.q_scale(), "zeroPoint": tensor.q_zero_point()}}
    return spec | {
        "quantized": {
            "axis": tensor.q_per_channel_axis(),
            "scales": describe_value(tensor.q_per_channel_scales(), pool),
            "zeroPoints": describe_value(tensor.q_per_channel_zero_points(), pool),
        }
    }


def describe_other_layout(tensor, pool):
    layout = str(tensor.layout).removeprefix("torch.")
    if tensor.layout == torch.sparse_coo:
        return {
            "layout": layout,
            "coalesced": tensor.is_coalesced(),
            "indices": describe_value(tensor._indices(), pool),
            "values": describe_value(tensor._values(), pool),
        }
    if tensor.layout in (torch.sparse_csr, torch.sparse_bsr):
        compressed, plain = tensor.crow_indices(), tensor.col_indices()
    elif tensor.layout in (torch.sparse_csc, torch.sparse_bsc):
        compressed, plain = tensor.ccol_indices(), tensor.row_indices()
    elif tensor.layout == torch._mkldnn:
        return {"layout": "mkldnn", "values": describe_value(tensor.to_dense(), pool)}
    else:
        raise Unsupported(f"layout {layout}")
    return {
        "layout": layout,
        "compressed": describe_value(compressed, pool),
        "plain": describe_value(plain, pool),
        "values": describe_value(tensor.values(), pool),
    }


@torch.no_grad()
def describe_input(tensor, pool):
    """A tensor to be rebuilt: like a value, but a view of a larger or permuted storage keeps storage, stride and offset."""
    check_plain(tensor)
    spec = {}
    requires_grad = tensor.requires_grad
    tensor = tensor.detach()
    if tensor.device.type == "cpu" and tensor.layout == torch.strided and not (
        tensor.is_quantized or tensor.is_nested
    ):
        if tensor.is_conj():
            spec["conj"] = True
            tensor = tensor.conj()
        if tensor.is_neg():
            spec["neg"] = True
            tensor = torch._neg_view(tensor)
        storage_bytes = tensor.untyped_storage().nbytes()
        whole = (
            tensor.is_contiguous()
            and tensor.storage_offset() == 0
            and storage_bytes == tensor.numel() * tensor.element_size()
            and list(tensor.stride()) == contiguous_strides(tensor.shape)
        )
        if not whole:
            content = ctypes.string_at(tensor.untyped_storage().data_ptr(), storage_bytes) if storage_bytes else b""
            spec |= {
                "dtype": dtype_name(tensor.dtype),
                "size": list(tensor.shape),
                "stride": list(tensor.stride()),
                "offset": tensor.storage_offset(),
                "at": pool.put(content),
                "storage": storage_bytes // tensor.element_size(),
            }
    if "dtype" not in spec:
        spec |= describe_value(tensor, pool)
    if requires_grad:
        spec["requiresGrad"] = True
    return spec


def float_json(value):
    value = float(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def scalar_json(value):
    if isinstance(value, bool):
        return {"bool": value}
    if isinstance(value, int):
        return {"int": value}
    if isinstance(value, float):
        return {"float": float_json(value)}
    if isinstance(value, complex):
        return {"complex": [float_json(value.real), float_json(value.imag)]}
    raise Unsupported(f"{type(value).__name__} as a scalar")


def generator_json(generator):
    fresh = torch.Generator().manual_seed(generator.initial_seed())
    if not torch.equal(fresh.get_state(), generator.get_state()):
        raise Unsupported("a generator that was used before the call")
    return {"generator": generator.initial_seed()}


def enum_json(kind, value):
    if kind == "ScalarType":
        return {"dtype": dtype_name(schemas.DTYPES[value] if isinstance(value, int) else value)}
    if kind == "Layout":
        layout = schemas.LAYOUTS[value] if isinstance(value, int) else value
        return {"layout": str(layout).removeprefix("torch.").removeprefix("_")}
    if kind == "MemoryFormat":
        memory_format = schemas.MEMORY_FORMATS[value] if isinstance(value, int) else value
        return {"memoryFormat": str(memory_format).removeprefix("torch.")}
    return {"device": str(value)}


def argument_json(argument, value, variable):
    """One argument; ``variable`` maps a tensor to its number in the sample."""
    if value is None:
        return None
    kind, element = argument.base, argument.element
    if kind == "Tensor":
        return {"tensor": variable(value)}
    if kind in ("int", "SymInt"):
        return {"int": int(value)}
    if kind == "bool":
        return {"bool": bool(value)}
    if kind == "float":
        return {"float": float_json(value)}
    if kind == "Scalar":
        return scalar_json(value)
    if kind == "str":
        return {"string": value}
    if kind in ("ScalarType", "Layout", "MemoryFormat", "Device"):
        return enum_json(kind, value)
    if kind == "Generator":
        return generator_json(value)
    if element is None:
        raise Unsupported(f"argument type {argument.type}")
    if not isinstance(value, (list, tuple)):
        value = [value] * (argument.fixed_length or 1)
    if element in ("Tensor", "Tensor?"):
        return {"tensors": [None if t is None else variable(t) for t in value]}
    if element in ("int", "SymInt"):
        return {"ints": [int(v) for v in value]}
    if element == "bool":
        return {"bools": [bool(v) for v in value]}
    if element == "float":
        return {"floats": [float_json(v) for v in value]}
    if element == "Scalar":
        return {"scalars": [scalar_json(v) for v in value]}
    raise Unsupported(f"argument type {argument.type}")
