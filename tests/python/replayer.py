"""Replays recorded samples in Python: the reference reading of the fixture format, and the self-check of the recorder."""

import torch

import schemas
import store

torch_dtype = {store.dtype_name(d): d for d in schemas.DTYPES.values()}
torch_layout = {
    "strided": torch.strided,
    "sparse_coo": torch.sparse_coo,
    "sparse_csr": torch.sparse_csr,
    "sparse_csc": torch.sparse_csc,
    "sparse_bsr": torch.sparse_bsr,
    "sparse_bsc": torch.sparse_bsc,
    "mkldnn": torch._mkldnn,
}
torch_memory_format = {
    str(f).removeprefix("torch."): f for f in schemas.MEMORY_FORMATS.values()
}


def dtype_of(name):
    return torch_dtype[name] if name in torch_dtype else getattr(torch, name)


def dense(pool, dtype, count, at):
    if count == 0:
        return torch.empty(0, dtype=dtype)
    content = bytearray(pool.get(at, count * dtype.itemsize))
    return torch.frombuffer(content, dtype=torch.uint8).clone().view(dtype)


def build(spec, pool, variables=None):
    """The tensor a specification describes."""
    dtype = dtype_of(spec["dtype"])
    if spec.get("layout") == "nested":
        return torch._nested_tensor_from_tensor_list([build(part, pool) for part in spec["parts"]])
    size = spec["size"]
    if spec.get("device") == "meta":
        return torch.empty_strided(
            size, spec.get("stride", store.contiguous_strides(size)), dtype=dtype, device="meta"
        )
    if "layout" in spec:
        return build_layout(spec, pool, dtype)
    count = 1
    for n in size:
        count *= n
    if "quantized" in spec:
        return build_quantized(spec, pool, dtype, count)
    if "sharesStorageWith" in spec:
        other = variables[spec["sharesStorageWith"]]
        tensor = torch.empty(0, dtype=dtype).set_(
            other.untyped_storage(), spec.get("offset", 0), size, spec.get("stride", store.contiguous_strides(size))
        )
    elif "storage" in spec:
        base = dense(pool, dtype, spec["storage"], spec["at"])
        tensor = torch.empty(0, dtype=dtype).set_(base.untyped_storage(), spec["offset"], size, spec["stride"])
    else:
        # set_ rather than view: an in-place operator may refuse a view of something else.
        base = dense(pool, dtype, count, spec["at"])
        tensor = torch.empty(0, dtype=dtype).set_(
            base.untyped_storage(), 0, size, spec.get("stride", store.contiguous_strides(size))
        )
    if spec.get("neg"):
        tensor = torch._neg_view(tensor)
    if spec.get("conj"):
        tensor = tensor.conj()
    return tensor


def build_quantized(spec, pool, dtype, count):
    plain = {torch.qint8: torch.int8, torch.quint8: torch.uint8, torch.qint32: torch.int32}[dtype]
    ints = dense(pool, plain, count, spec["at"]).view(spec["size"])
    quantized = spec["quantized"]
    if "scale" in quantized:
        return torch._make_per_tensor_quantized_tensor(ints, quantized["scale"], quantized["zeroPoint"])
    return torch._make_per_channel_quantized_tensor(
        ints, build(quantized["scales"], pool), build(quantized["zeroPoints"], pool), quantized["axis"]
    )


def build_layout(spec, pool, dtype):
    layout = spec["layout"]
    values = build(spec["values"], pool)
    if layout == "mkldnn":
        return values.to_mkldnn()
    if layout == "sparse_coo":
        return torch.sparse_coo_tensor(
            build(spec["indices"], pool), values, spec["size"], is_coalesced=spec["coalesced"]
        )
    return torch.sparse_compressed_tensor(
        build(spec["compressed"], pool), build(spec["plain"], pool), values, spec["size"], layout=torch_layout[layout]
    )


def number(text):
    return float(text)


def argument(spec, variables):
    if spec is None:
        return None
    ((kind, value),) = spec.items()
    if kind == "tensor":
        return variables[value]
    if kind == "tensors":
        return [None if v is None else variables[v] for v in value]
    if kind == "float":
        return number(value)
    if kind == "floats":
        return [number(v) for v in value]
    if kind == "complex":
        return complex(number(value[0]), number(value[1]))
    if kind == "scalars":
        return [argument(v, variables) for v in value]
    if kind == "dtype":
        return dtype_of(value)
    if kind == "layout":
        return torch_layout[value]
    if kind == "memoryFormat":
        return torch_memory_format[value]
    if kind == "device":
        return torch.device(value)
    if kind == "generator":
        return torch.Generator().manual_seed(value)
    return value


class Mismatch(Exception):
    pass


def same_values(a, b, dtype, relative):
    if a == b:
        return True
    if dtype.is_floating_point or dtype.is_complex:
        # A NaN's sign and payload are not part of the result.
        real = {torch.complex32: torch.float16, torch.complex64: torch.float32, torch.complex128: torch.float64}
        part = real.get(dtype, dtype)
        x = torch.frombuffer(bytearray(a), dtype=part)
        y = torch.frombuffer(bytearray(b), dtype=part)
        if relative:
            return torch.allclose(x, y, rtol=0, atol=relative * float(x.abs().max()), equal_nan=True)
        integer = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[part.itemsize]
        return bool(((x.view(integer) == y.view(integer)) | (x.isnan() & y.isnan())).all())
    return False


def expect(spec, tensor, pool, what, relative=0):
    """Compares a tensor with the recorded value, to the bit, or within ``relative`` of the largest element."""
    fresh = store.Pool()
    found = store.describe_form(tensor) if spec.get("unspecified") else store.describe_value(tensor, fresh)
    expect_spec(spec, found, pool, fresh, what, relative)
    if bool(spec.get("requiresGrad")) != tensor.requires_grad and "requiresGrad" in spec:
        raise Mismatch(f"{what}: requires_grad differs")


def expect_spec(spec, found, pool, fresh, what, relative):
    for key in ("dtype", "size", "stride", "layout", "coalesced", "device"):
        if spec.get(key) != found.get(key):
            raise Mismatch(f"{what}: {key} {found.get(key)}, recorded {spec.get(key)}")
    if spec.get("unspecified"):
        return
    for i, (part, other) in enumerate(zip(spec.get("parts", ()), found.get("parts", ()), strict=True)):
        expect_spec(part, other, pool, fresh, f"{what}[{i}]", relative)
    for key in ("indices", "values", "compressed", "plain"):
        if key in spec:
            expect_spec(spec[key], found[key], pool, fresh, f"{what}.{key}", relative)
    if "at" in spec:
        dtype = dtype_of(spec["dtype"])
        count = 1
        for n in spec["size"]:
            count *= n
        length = count * dtype.itemsize
        if not same_values(pool.get(spec["at"], length), fresh.get(found["at"], length), dtype, relative):
            raise Mismatch(f"{what}: values differ")


def replay(sample, pool):
    """Runs the calls of a sample and compares everything; raises Mismatch."""
    variables = {}
    for key, spec in sample["inputs"].items():
        variables[int(key)] = build(spec, pool, variables)
    # After all are built, so that a shared storage is not a leaf's view.
    for key, spec in sample["inputs"].items():
        if spec.get("requiresGrad"):
            variables[int(key)].requires_grad_(True)
    torch.manual_seed(sample["seed"])
    relative = sample.get("tolerance", {}).get("relative", 0)
    for i, call in enumerate(sample["calls"]):
        overload = schemas.find_overload(call["op"])
        schema = schemas.schema_of(overload)
        positional, keywords = [], {}
        for a, spec in zip(schema.arguments, call["args"]):
            value = argument(spec, variables)
            if a.kwarg_only:
                keywords[a.name] = value
            else:
                positional.append(value)
        if "seed" in call:
            torch.manual_seed(call["seed"])
        result = overload(*positional, **keywords)
        results = [] if not schema.returns else [result] if len(schema.returns) == 1 else list(result)
        where = f"call {i} {call['op']}"
        for spec, value in zip(call["results"], results):
            check_result(spec, value, variables, pool, where, relative)
        for key, spec in call.get("changed", {}).items():
            expect(spec, variables[int(key)], pool, f"{where}, argument changed", relative)
    if "grad" in sample:
        replay_gradients(sample["grad"], variables, pool, relative)


def check_result(spec, value, variables, pool, where, relative):
    if "tensors" in spec:
        if len(spec["tensors"]) != len(value):
            raise Mismatch(f"{where}: {len(value)} tensors, recorded {len(spec['tensors'])}")
        for s, v in zip(spec["tensors"], value):
            check_result(s, v, variables, pool, where, relative)
    elif "tensor" in spec:
        if (spec["tensor"] is None) != (value is None):
            raise Mismatch(f"{where}: undefined or not")
        if value is not None:
            variables[spec["tensor"]] = value
            expect(spec["value"], value, pool, where, relative)
    elif "dtype" in spec:
        found = store.dtype_name(schemas.DTYPES[value] if isinstance(value, int) else value)
        if found != spec["dtype"]:
            raise Mismatch(f"{where}: {found}, recorded {spec['dtype']}")
    else:
        ((kind, recorded),) = spec.items()
        found = store.scalar_json(float(value) if kind == "float" else value)
        if found != spec:
            raise Mismatch(f"{where}: {found}, recorded {spec}")


def replay_gradients(grad, variables, pool, relative):
    gradients = torch.autograd.grad(
        [variables[n] for n in grad["outputs"]],
        [variables[n] for n in grad["inputs"]],
        [build(c, pool) for c in grad["cotangents"]],
        allow_unused=True,
    )
    for n, spec, gradient in zip(grad["inputs"], grad["gradients"], gradients):
        if (spec is None) != (gradient is None):
            raise Mismatch(f"gradient of input {n}: present or not")
        if spec is not None:
            expect(spec, gradient, pool, f"gradient of input {n}", relative)
