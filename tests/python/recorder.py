"""Records what a Python call does as a sequence of ATen operator calls.

The mode sits at the PreDispatch key, above autograd: it sees exactly the overloads that Python's argument parser chose, with
composite operators (``linear``, ``cross_entropy_loss``, ``lstm``) as themselves, which an ordinary TorchDispatchMode sees
only taken apart.
"""

import contextlib

import torch
from torch._dispatch.python import enable_python_dispatcher
from torch._subclasses.schema_check_mode import SchemaCheckMode
from torch.utils._python_dispatch import TorchDispatchMode

import schemas
import store

# Results of these hold whatever the memory held before; only dtype, size and stride mean something. Of some operators it is
# one result only: a workspace, or the unused corner of a table.
ALL = range(8)
UNINITIALISED = {
    "empty": ALL,
    "empty_like": ALL,
    "empty_permuted": ALL,
    "empty_strided": ALL,
    "new_empty": ALL,
    "new_empty_strided": ALL,
    "_empty_affine_quantized": ALL,
    "_empty_per_channel_affine_quantized": ALL,
    "empty_quantized": ALL,
    "resize_": ALL,
    "resize_as_": ALL,
    "resize": ALL,
    "resize_as": ALL,
    # Results that are handles on packed C++ objects, without elements to compare.
    "fbgemm_pack_gemm_matrix_fp16": ALL,
    "fbgemm_pack_quantized_matrix": ALL,
    "_wrapped_linear_prepack": ALL,
    "_ctc_loss": (1,),
    "mkldnn_rnn_layer": (3,),
}


class Trace:
    """The variables and calls of one sample."""

    def __init__(self, pool):
        self.pool = pool
        self.numbers = {}
        self.tensors = []  # keeps every tensor alive: identity is what names a variable
        self.inputs = {}
        self.calls = []
        self.seed = None  # set by torch.manual_seed since the last call

    def input(self, tensor):
        """The number of a tensor that exists before the calls; its value is written down at first sight."""
        if id(tensor) in self.numbers:
            return self.numbers[id(tensor)]
        spec = store.describe_input(tensor, self.pool)
        spec |= self.shared_storage(tensor)
        number = self.define(tensor)
        self.inputs[str(number)] = spec
        return number

    def shared_storage(self, tensor):
        def plain(t):
            return t.layout == torch.strided and t.device.type == "cpu" and not t.is_nested and t.numel() > 0

        if not plain(tensor):
            return {}
        for number in self.inputs:
            other = self.tensors[int(number)]
            if plain(other):
                if other.untyped_storage().data_ptr() == tensor.untyped_storage().data_ptr():
                    return {"sharesStorageWith": int(number)}
        return {}

    def define(self, tensor):
        number = len(self.tensors)
        self.tensors.append(tensor)
        self.numbers[id(tensor)] = number
        return number

    def output(self, tensor):
        number = self.numbers.get(id(tensor))
        return self.define(tensor) if number is None else number

    def number_of(self, tensor):
        if id(tensor) not in self.numbers:
            raise store.Unsupported("an output that no recorded call produced")
        return self.numbers[id(tensor)]


def substitute_numbers(overload, values):
    """Replaces Python numbers in Tensor arguments.

    Python's parser turns a number into a "wrapped number" tensor, which only exists inside C++. The overload with a Scalar
    in that place means the same; where there is none, a 0-dim tensor of the other operand's type serves. Callers verify
    that the outcome is the same.
    """
    schema = schemas.schema_of(overload)
    numbers = [
        i
        for i, (a, v) in enumerate(zip(schema.arguments, values))
        if a.base == "Tensor" and isinstance(v, (bool, int, float, complex))
    ]
    if not numbers:
        return overload, values
    packet = overload.overloadpacket
    for name in packet.overloads():
        other = getattr(packet, name)
        candidate = schemas.schema_of(other)
        if len(candidate.arguments) < len(schema.arguments):
            continue
        names = [a.name for a in candidate.arguments[: len(schema.arguments)]]
        rest = candidate.arguments[len(schema.arguments) :]
        if names == [a.name for a in schema.arguments] and all(a.has_default for a in rest) and schemas.qualified(
            other
        ) in schemas.header_overloads():
            wanted = ["Scalar" if i in numbers else a.base for i, a in enumerate(schema.arguments)]
            if [a.base for a in candidate.arguments[: len(wanted)]] == wanted:
                return other, list(values) + [a.default for a in rest]
    dtypes = [v.dtype for v in values if isinstance(v, torch.Tensor)]
    replaced = list(values)
    for i in numbers:
        dtype = dtypes[0] if dtypes else None
        if dtype is not None and not isinstance(values[i], bool):
            if isinstance(values[i], float) and not (dtype.is_floating_point or dtype.is_complex):
                dtype = None
            elif isinstance(values[i], complex) and not dtype.is_complex:
                dtype = None
        replaced[i] = torch.tensor(values[i], dtype=dtype)
    return overload, replaced


def full_arguments(overload, args, kwargs):
    """All arguments in schema order, defaults filled in."""
    values = []
    for i, argument in enumerate(schemas.schema_of(overload).arguments):
        if i < len(args):
            values.append(args[i])
        elif argument.name in kwargs:
            values.append(kwargs[argument.name])
        elif argument.has_default:
            values.append(argument.default)
        elif argument.optional:
            values.append(None)
        else:
            raise store.Unsupported(f"{schemas.qualified(overload)}: no value for {argument.name}")
    return values


def call_overload(overload, values):
    positional, keywords = [], {}
    for argument, value in zip(schemas.schema_of(overload).arguments, values):
        if argument.base == "ScalarType" and isinstance(value, int):
            value = schemas.DTYPES[value]
        if argument.kwarg_only:
            keywords[argument.name] = value
        else:
            positional.append(value)
    return overload(*positional, **keywords)


def tensors_in(values):
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from (v for v in value if isinstance(v, torch.Tensor))


@torch.no_grad()
def fingerprint(tensor):
    """Size, stride and bytes of a dense tensor: tells whether a call changed it."""
    if tensor.layout != torch.strided or tensor.device.type != "cpu" or tensor.is_quantized or tensor.is_nested:
        return None
    return tuple(tensor.shape), tensor.stride(), store.raw_bytes(store.resolved(tensor))


def record_call(trace, overload, args, kwargs):
    """Runs one overload and appends it to the trace; returns what the overload returned."""
    if overload.namespace != "aten":
        raise store.Unsupported(f"calls {overload}, an operator that is written in Python")
    values = full_arguments(overload, args, kwargs)
    overload, values = substitute_numbers(overload, values)
    schema = schemas.schema_of(overload)
    arguments = [store.argument_json(a, v, trace.input) for a, v in zip(schema.arguments, values)]
    before = [(t, fingerprint(t)) for t in tensors_in(values)]
    # Python decompositions registered for tracing must not stand in for the operator itself.
    with torch._C._DisablePythonDispatcher():
        result = call_overload(overload, values)
    results = [] if not schema.returns else [result] if len(schema.returns) == 1 else list(result)
    unspecified = UNINITIALISED.get(overload._schema.name.split("::")[1], ())
    call = {
        "op": schema.name,
        "args": arguments,
        "results": [
            result_json(trace, kind, r, i in unspecified) for i, (kind, r) in enumerate(zip(schema.returns, results))
        ],
    }
    returned = {id(t) for t in tensors_in(results)} | {id(t) for r in results for t in tensors_in([r])}
    changed = {}
    for tensor, print_before in before:
        if id(tensor) not in returned and print_before != fingerprint(tensor):
            changed[str(trace.numbers[id(tensor)])] = store.describe_value(tensor, trace.pool)
    if changed:
        call["changed"] = changed
    if trace.seed is not None:
        call["seed"] = trace.seed
        trace.seed = None
    trace.calls.append(call)
    return result


def result_json(trace, kind, value, unspecified):
    if kind == "Tensor":
        return tensor_result(trace, value, unspecified)
    if kind == "Tensor[]":
        return {"tensors": [tensor_result(trace, t, unspecified) for t in value]}
    if kind == "ScalarType":
        return {"dtype": store.dtype_name(schemas.DTYPES[value] if isinstance(value, int) else value)}
    if kind in ("int", "SymInt", "bool", "float", "Scalar"):
        if kind == "float":
            value = float(value)
        return store.scalar_json(value)
    raise store.Unsupported(f"result type {kind}")


def tensor_result(trace, tensor, unspecified):
    if tensor is None:
        return {"tensor": None}
    if unspecified:
        value = store.describe_form(tensor) | {"unspecified": True}
    else:
        value = store.describe_value(tensor, trace.pool)
    if tensor.requires_grad:
        value["requiresGrad"] = True
    return {"tensor": trace.output(tensor), "value": value}


class PreDispatchMode(SchemaCheckMode):
    """A mode above autograd. PreDispatch accepts no other class of mode; nothing of SchemaCheckMode's behaviour is used."""

    def __init__(self):
        TorchDispatchMode.__init__(self, _dispatch_key=torch._C.DispatchKey.PreDispatch)


class RecordMode(PreDispatchMode):
    """Feeds every ATen call into a trace."""

    def __init__(self, trace):
        super().__init__()
        self.trace = trace

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func is torch.ops.aten.lift_fresh.default:
            return args[0]
        if func is torch.ops.aten.detach_.default and id(args[0]) not in self.trace.numbers:
            return args[0]  # torch.tensor(...) at work: the constant is written down where it is used
        return record_call(self.trace, func, args, kwargs or {})


@contextlib.contextmanager
def recording(trace):
    """Records the calls of the block, and where it seeds the default generator."""
    manual_seed = torch.manual_seed

    def noting_seed(seed):
        trace.seed = int(seed)
        return manual_seed(seed)

    torch.manual_seed = noting_seed
    try:
        with enable_python_dispatcher(), RecordMode(trace):
            yield
    finally:
        torch.manual_seed = manual_seed
