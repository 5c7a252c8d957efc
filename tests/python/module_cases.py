"""Module fixtures: the inputs that PyTorch itself tests its modules with (module_db), what they give, and how modules print.

Each case: the seed is set, the module is built, the seed is set again, forward runs, and fixed gradients go back. Arguments are
bound to Python's parameter names, so that the reader needs to know nothing about single modules.
"""

import inspect
import json
import random

import torch
from torch import nn
from torch.utils import _pytree as pytree

import nn_cases
import op_samples
import store
import testing_imports
import training

BUILD_SEED = 7
RUN_SEED = 11
SAMPLES = 6
MANY_SAMPLES = 16  # of modules whose options say more than their numbers
MANY = {"MultiheadAttention", "TransformerEncoderLayer", "TransformerDecoderLayer", "Transformer", "TransformerEncoder",
        "CrossEntropyLoss", "LinearCrossEntropyLoss", "NLLLoss", "RNN", "LSTM", "GRU"}  # fmt: skip
LARGEST = 1_000  # elements of a case's inputs
RECURRENT = ["input_size", "hidden_size", "num_layers", "nonlinearity", "bias", "batch_first", "dropout", "bidirectional",
             "proj_size"]  # fmt: skip

# Where parameters are, and of what dtype, is not module_db's subject; size_average and reduce are deprecated; return_indices is a
# method of its own in Java.
NOT_IN_JAVA = ("self", "device", "dtype", "size_average", "reduce", "return_indices")
ACTIVATIONS = (nn.ReLU, nn.GELU, nn.PReLU, nn.SiLU)  # with their defaults
FLOAT64 = {"FractionalMaxPool2d", "FractionalMaxPool3d"}  # module_db gives them float64 samples whatever the input is


class Case:
    def __init__(self, pool):
        self.pool, self.tensors, self.numbers = pool, [], {}

    def value(self, value):
        """An argument as JSON; tensors are numbered, so that one passed twice stays one."""
        if value is None:
            return None
        if isinstance(value, torch.Tensor):
            if id(value) not in self.numbers:
                self.numbers[id(value)] = len(self.tensors)
                self.tensors.append(value)
            return {"tensor": self.numbers[id(value)]}
        if isinstance(value, (list, tuple, torch.Size)):
            return {"list": [self.value(v) for v in value]}
        if isinstance(value, (bool, int, float)):
            return store.scalar_json(value)
        if isinstance(value, str):
            return {"string": value}
        if isinstance(value, (nn.TransformerEncoderLayer, nn.TransformerDecoderLayer)):
            return {"module": transformer_layer(self, value)}
        if isinstance(value, (nn.LayerNorm, nn.RMSNorm)):
            kind = type(value)
            return {"module": {"name": kind.__name__, "arguments": self.bind(parameters(kind), value.normalized_shape, {})}}
        if isinstance(value, ACTIVATIONS):
            return {"module": {"name": type(value).__name__, "arguments": []}}
        if isinstance(value, nn.LinearCrossEntropyOptions):
            names = parameters(type(value).__init__)
            return {"module": {"name": type(value).__name__, "arguments": self.bind(names, [], {n: getattr(value, n) for n, _ in names})}}
        if callable(value):
            return {"function": getattr(value, "__name__", type(value).__name__)}
        raise store.Unsupported(type(value).__name__)

    def bind(self, names, args, kwargs):
        """Parameters in Python's order, up to the last that matters: name, value, whether it has no default, whether it was given."""
        bound = []
        args = list(args)
        for name, default in names:
            given = bool(args) or name in kwargs
            value = args.pop(0) if args else kwargs.get(name, default)
            required = default is inspect.Parameter.empty
            same = not required and type(value) is type(default) and not isinstance(value, torch.Tensor) and value == default
            described = self.value(value) if given else None if callable(value) else self.value(value)
            bound.append({"name": name, "value": described})
            bound[-1] |= {"required": True} if required else {"given": True} if given and not same else {}
        while len(bound) > 3 and not bound[-1].keys() & {"required", "given"}:
            bound.pop()
        return bound


def transformer_layer(case, layer):
    return {
        "name": type(layer).__name__,
        "arguments": case.bind(
            parameters(type(layer).__init__),
            [],
            {
                "d_model": layer.self_attn.embed_dim,
                "nhead": layer.self_attn.num_heads,
                "dim_feedforward": layer.linear1.out_features,
                "dropout": layer.dropout.p,
                "activation": layer.activation if isinstance(layer.activation, nn.Module) else layer.activation.__name__,
                "layer_norm_eps": layer.norm1.eps,
                "batch_first": layer.self_attn.batch_first,
                "norm_first": layer.norm_first,
                "bias": layer.linear1.bias is not None,
            },
        ),
    }


def parameters(function):
    found = inspect.signature(function).parameters.values()
    named = [p for p in found if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return [(p.name.lstrip("_"), p.default) for p in named if p.name not in NOT_IN_JAVA]


def floats(names, args, kwargs):
    """Integers become floats where the default is one: Java's parameter has a type, and repr shows the difference."""
    defaults = dict(names)

    def typed(name, value):
        return float(value) if type(defaults.get(name)) is float and type(value) is int else value

    return [typed(n, v) for (n, _), v in zip(names, args)], {k: typed(k, v) for k, v in kwargs.items()}


def constructor_parameters(module_class):
    if issubclass(module_class, nn.RNNBase):
        defaults = [inspect.Parameter.empty] * 2 + [1, "tanh", True, False, 0.0, False, 0]
        names = zip(RECURRENT, defaults)
        left_out = {nn.RNN: {"proj_size"}, nn.GRU: {"proj_size", "nonlinearity"}}.get(module_class, {"nonlinearity"})
        return [n for n in names if n[0] not in left_out]
    return parameters(module_class.__init__)


def leaf(value):
    if isinstance(value, torch.Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    return value


def leaves_of(*trees):
    """Leaves in the place of tensors; one tensor passed twice stays one."""
    made = {}
    return pytree.tree_map(lambda v: made.setdefault(id(v), leaf(v)) if isinstance(v, torch.Tensor) else v, trees)


def state(module, pool):
    return {k: store.describe_value(v, pool) for k, v in module.state_dict().items()}


def java_kwargs(kwargs):
    """Without device and dtype, which Case.bind leaves out; private ones by the name that is public in Java."""
    return {k.lstrip("_"): v for k, v in kwargs.items() if k not in NOT_IN_JAVA}


def record(info, sample, train, gradients, pool):
    case = Case(pool)
    built, given = sample.constructor_input, sample.forward_input
    kwargs = {k: v for k, v in built.kwargs.items() if k not in ("device", "dtype")}
    args, kwargs, forward_args, forward_kwargs = leaves_of(built.args, kwargs, given.args, given.kwargs)
    names = constructor_parameters(info.module_cls)
    args, kwargs = floats(names, args, kwargs)
    torch.manual_seed(BUILD_SEED)
    if info.module_cls in (nn.TransformerEncoder, nn.TransformerDecoder):  # Java builds the layer too, so it has to be drawn in this case
        spec = transformer_layer(case, args[0])["arguments"]
        layer = {a["name"]: next(iter(a["value"].values())) for a in spec if "given" in a or "required" in a}
        if isinstance(args[0].activation, nn.Module):
            layer["activation"] = args[0].activation
        args = (type(args[0])(**layer), *args[1:])
    module = info.module_cls(*args, **kwargs).train(train)
    described = {
        "module": info.module_cls.__name__,
        "train": train,
        "gradients": gradients,
        "arguments": case.bind(names, args, java_kwargs(kwargs)),
        "indices": bool(kwargs.get("return_indices")),
        "forward": case.bind(parameters(info.module_cls.forward), forward_args, forward_kwargs),
        "repr": repr(module),
        "initial": state(module, pool),
    }
    described["tensors"] = [store.describe_input(t, pool) for t in case.tensors]
    torch.manual_seed(RUN_SEED)
    with torch.set_grad_enabled(gradients):
        outputs = op_samples.leaves(module(*forward_args, **forward_kwargs))
    described["outputs"] = [store.describe_value(o, pool) for o in outputs]
    differentiable = [o for o in outputs if o.requires_grad]
    cotangents = [op_samples.cotangent(o, i) for i, o in enumerate(differentiable)]
    if differentiable:
        torch.autograd.backward(differentiable, cotangents)
    described["cotangents"] = [store.describe_value(c, pool) for c in cotangents]
    described["inputGradients"] = [None if t.grad is None else store.describe_value(t.grad, pool) for t in case.tensors]
    described["parameterGradients"] = {
        k: store.describe_value(p.grad, pool) for k, p in module.named_parameters() if p.grad is not None
    }
    final = state(module, pool)
    described["final"] = None if final == described["initial"] else final
    return described


def size(sample):
    trees = (sample.forward_input.args, sample.forward_input.kwargs)
    return sum(t.numel() for t in op_samples.leaves(trees))


def samples(info, train):
    torch.manual_seed(BUILD_SEED)
    random.seed(BUILD_SEED)
    dtype = torch.float64 if info.module_cls.__name__ in FLOAT64 else torch.float32
    found = list(info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=True, training=train))
    found = [s for s in found if s.forward_input is not None]
    found = [s for s in found if size(s) <= LARGEST] or sorted(found, key=size)[:4]
    wanted = MANY_SAMPLES if info.module_cls.__name__ in MANY else SAMPLES
    if len(found) <= wanted:
        return found
    return [found[i] for i in sorted(random.Random(BUILD_SEED).sample(range(len(found)), wanted))]


def record_error(info, sample, pool):
    """What Python answers to wrong settings or inputs, its very words."""
    case = Case(pool)
    built, given = sample.module_error_input.constructor_input, sample.module_error_input.forward_input
    bound = inspect.signature(info.module_cls).bind(*built.args, **built.kwargs).arguments
    if isinstance(bound.get("bias"), str):  # the nonlinearity in the wrong place, which Python takes for true
        raise store.Unsupported("a type that Java's compiler refuses")
    forward_args, forward_kwargs = (given.args, given.kwargs) if given is not None else ((), {})
    described = {
        "module": info.module_cls.__name__,
        "arguments": case.bind(constructor_parameters(info.module_cls), built.args, java_kwargs(built.kwargs)),
        "forward": case.bind(parameters(info.module_cls.forward), forward_args, forward_kwargs) if given is not None else None,
    }
    described["tensors"] = [store.describe_input(t, pool) for t in case.tensors]
    try:
        info.module_cls(*built.args, **built.kwargs)(*forward_args, **forward_kwargs)
    except TypeError as error:
        raise store.Unsupported("a type that Java's compiler refuses") from error
    except Exception as error:  # any: this is what is recorded
        return described | {"error": str(error)}
    raise AssertionError(f"Python refuses nothing in {described}")


def errors(info, pool):
    if info.module_error_inputs_func is None:
        return
    torch.manual_seed(BUILD_SEED)
    for sample in info.module_error_inputs_func(info, device="cpu", dtype=torch.float32, requires_grad=False, training=True):
        mark = len(pool.data)
        try:
            yield record_error(info, sample, pool)
        except store.Unsupported:
            pool.rollback(mark)


def write(folder):
    pool, cases, refused, left_out, lazy = store.Pool(), [], [], {}, []
    inventory = testing_imports.import_inventories()[2]
    for info in [*inventory, *nn_cases.entries()]:
        name = info.module_cls.__name__
        if issubclass(info.module_cls, nn.modules.lazy.LazyModuleMixin):
            lazy.append(name)
            continue
        refused += errors(info, pool)
        attention = name.startswith("Transformer") or name == "MultiheadAttention"
        modes = [(True, True), (False, True)] if info.train_and_eval_differ or attention else [(True, True)]
        for train, gradients in [*modes, *([(False, False)] if attention else [])]:
            for sample in samples(info, train):
                mark = len(pool.data)
                try:
                    case = record(info, sample, train, gradients, pool)
                    cases.append(case | ({} if info in inventory else {"own": True}))
                except (store.Unsupported, RuntimeError) as reason:  # module_db holds some that Python refuses
                    pool.rollback(mark)
                    left_out[name] = str(reason)
    description = {"buildSeed": BUILD_SEED, "runSeed": RUN_SEED}
    with open(folder / "modules.json", "w") as file:
        file.write(json.dumps(description | {"leftOut": left_out, "lazy": lazy})[:-1] + ', "cases": [\n')
        file.write(",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + '\n], "errors": [\n')
        file.write(",\n".join(json.dumps(c, separators=(",", ":")) for c in refused) + "\n]}\n")
    data = torch.frombuffer(pool.data, dtype=torch.uint8)
    training.write_tensors(folder / "modules.safetensors", {"data": data})
