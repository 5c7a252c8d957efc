"""Samples for the overloads that op_db's Python functions do not reach directly.

Three sources, in this order: calls seen below autograd while PyTorch's own op_db, module_db and optim_db samples run forward
and backward; recorded calls carried over to a sibling overload (``add.Tensor`` to ``add_.Tensor``, ``relu`` to ``relu_``,
``select.int`` to ``select_copy.int``); and the hand-written table in op_table.py. Arguments may come from there, values
always come from Python.
"""

import contextlib

import torch
from torch._dispatch.python import enable_python_dispatcher
from torch.utils._python_dispatch import TorchDispatchMode

import op_samples
import op_table
import recorder
import replayer
import schemas
import store

PER_OVERLOAD = 2


def record_overload(sample_id, overload, args, kwargs, pool, seed=1000, gradients=True):
    """A sample of one call of one overload, verified by replaying it. Raises with the reason when there is none."""
    function = overload
    job = op_samples.Job(sample_id, "", 0, function, args, kwargs, gradients)
    trace = recorder.Trace(pool)
    args, kwargs = op_samples.copied((args, kwargs))
    tensors = op_samples.leaves(args, kwargs)
    for tensor in tensors:
        trace.input(tensor)
    op_samples.seed_all(seed)
    result = recorder.record_call(trace, overload, args, kwargs)
    if trace.calls[-1]["op"] != schemas.qualified(overload):
        raise store.Unsupported("became " + trace.calls[-1]["op"])
    sample = {
        "id": sample_id,
        "entry": sample_id.rpartition("/")[0],
        "dtype": next((store.dtype_name(t.dtype) for t in tensors), "float32"),
        "seed": seed,
        "inputs": trace.inputs,
        "calls": trace.calls,
    }
    inputs = [t for t in tensors if op_samples.differentiable(t)]
    outputs = [o for o in op_samples.leaves(result) if op_samples.differentiable(o) and o.grad_fn is not None]
    if inputs and outputs:
        cotangents, found = job.differentiate(outputs, inputs)
        if cotangents and all(g is None or g.layout == torch.strided for g in found):
            sample["grad"] = {
                "outputs": [trace.number_of(o) for o in outputs],
                "cotangents": [store.describe_value(c, pool) for c in cotangents],
                "inputs": [trace.number_of(t) for t in inputs],
                "gradients": [None if g is None else store.describe_value(g, pool) for g in found],
            }
    replayer.replay(sample, pool)
    return sample


def attempt_overload(sample_id, name, args, kwargs, pool, limit=op_samples.LARGE_SAMPLE):
    return op_samples.attempt_recording(
        lambda: record_overload(sample_id, schemas.find_overload(name), args, kwargs, pool), pool, limit
    )


class SeenCalls:
    """The smallest calls seen of each wanted overload."""

    def __init__(self, wanted):
        self.wanted = wanted
        self.calls = {}  # name -> list of (size, args, kwargs), smallest first

    @contextlib.contextmanager
    def watching(self):
        """Watches the dispatcher above autograd, where composite operators are whole, and below it, where backward is."""
        with BelowAutograd(self), enable_python_dispatcher(), AboveAutograd(self):
            yield

    def see(self, func, args, kwargs):
        name = schemas.qualified(func)
        if name in self.wanted and name not in op_table.REASONS:
            self.remember(name, args, kwargs)

    def remember(self, name, args, kwargs):
        tensors = op_samples.leaves(args, kwargs)
        size = sum(t.numel() * t.element_size() for t in tensors)
        empty = any(t.numel() == 0 for t in tensors)
        kept = self.calls.setdefault(name, [])
        if len(kept) < 2 * PER_OVERLOAD or (empty, size) < kept[-1][0]:
            try:
                detached = torch.utils._pytree.tree_map(
                    lambda t: t.detach() if isinstance(t, torch.Tensor) else t, (args, kwargs)
                )
                kept.append(((empty, size), *op_samples.copied(detached)))
            except Exception:  # a tensor that cannot be written down; another call will do
                return
            kept.sort(key=lambda entry: entry[0])
            del kept[2 * PER_OVERLOAD :]


class BelowAutograd(TorchDispatchMode):
    def __init__(self, seen):
        super().__init__()
        self.seen = seen

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.seen.see(func, args, kwargs or {})
        return func(*args, **(kwargs or {}))


class AboveAutograd(recorder.PreDispatchMode):
    def __init__(self, seen):
        super().__init__()
        self.seen = seen

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if func is torch.ops.aten.lift_fresh.default:
            return args[0]
        if func is torch.ops.aten.detach_.default:
            return args[0]
        self.seen.see(func, args, kwargs or {})
        with torch._C._DisablePythonDispatcher():
            return func(*args, **(kwargs or {}))


def run_op_db(op_db, seen):
    dtypes = (torch.float32, torch.complex64, torch.int64, torch.bool, torch.bfloat16)
    for op in op_db:
        for dtype in dtypes:
            if dtype not in op.supported_dtypes("cpu"):
                continue
            try:
                jobs = op_samples.jobs_of(op, dtype)
            except Exception:  # an entry without samples here has been reported by the operator section
                continue
            for job in jobs if dtype == torch.float32 else jobs[:5]:
                try:
                    with seen.watching():
                        job.run_plain()
                except Exception:  # likewise
                    continue


def run_module_db(module_db, seen):
    for info in module_db:
        for training in (True, False):
            op_samples.seed_all(0)
            try:
                inputs = info.module_inputs_func(
                    info, device="cpu", dtype=torch.float32, requires_grad=True, training=training
                )
            except Exception:  # not for this mode
                continue
            for sample in inputs:
                try:
                    module = info.module_cls(*sample.constructor_input.args, **sample.constructor_input.kwargs)
                    module.train(training)
                    with seen.watching():
                        outputs = module(*sample.forward_input.args, **sample.forward_input.kwargs)
                        differentiable = [o for o in op_samples.leaves(outputs) if o.requires_grad]
                        if differentiable:
                            sum(o.sum() for o in differentiable).abs().backward()
                except Exception:  # error-input samples and the like
                    continue


def run_optim_db(optim_db, seen):
    for info in optim_db:
        for sample in info.optim_inputs_func(device="cpu", dtype=torch.float32):
            for implementation in ({"foreach": False}, {"foreach": True}, {"fused": True}):
                op_samples.seed_all(0)
                parameters = [torch.randn(2, 3, requires_grad=True), torch.randn(3, requires_grad=True)]
                try:
                    optimizer = info.optim_cls(parameters, **(sample.kwargs | implementation))
                    with seen.watching():
                        for _ in range(2):
                            optimizer.zero_grad()
                            sum((p * p).sum() for p in parameters).backward()
                            optimizer.step(lambda: torch.ones(()))
                except Exception:  # an implementation this optimizer does not have
                    continue


def seen_samples(wanted, inventories, pool):
    """Samples from the calls PyTorch's inventories make below autograd."""
    op_db, foreach_db, module_db, optim_db = inventories
    seen = SeenCalls(wanted)
    run_op_db([*op_db, *foreach_db], seen)
    run_module_db(module_db, seen)
    run_optim_db(optim_db, seen)
    samples = []
    for name in sorted(seen.calls):
        found = 0
        for _, args, kwargs in seen.calls[name]:
            if found == PER_OVERLOAD:
                break
            sample, _ = attempt_overload(f"seen/{name}/{found}", name, args, kwargs, pool)
            if sample:
                samples.append(sample)
                found += 1
    return samples


def root_names(name):
    """The operator names a sibling's arguments may come from: of ``add_.Scalar`` "add" and "add_"."""
    base = name.split("::")[1].split(".")[0]
    names = {base}
    for suffix in ("_", "_copy", "_backward"):
        if suffix != "_backward" and base.endswith(suffix):
            names.add(base.removesuffix(suffix))
    for prefix in ("special_", "linalg_", "unsafe_", "_foreach_", "_sparse_", "_unsafe_", "_"):
        if base.startswith(prefix):
            names.add(base.removeprefix(prefix))
    names |= {n + "_" for n in list(names)} | {"special_" + n for n in list(names)} | {"linalg_" + n for n in list(names)}
    return names | {a for n in names for a in ALIASES.get(n.removesuffix("_"), ())}


# Operators that do the same as another under an older or newer name.
ALIASES = {
    "absolute": ["abs"],
    "arccos": ["acos"],
    "arccosh": ["acosh"],
    "arcsin": ["asin"],
    "arcsinh": ["asinh"],
    "arctan": ["atan"],
    "arctanh": ["atanh"],
    "clip": ["clamp"],
    "concat": ["cat"],
    "concatenate": ["cat"],
    "det": ["linalg_det"],
    "divide": ["div"],
    "fix": ["trunc"],
    "ger": ["outer"],
    "greater": ["gt"],
    "greater_equal": ["ge"],
    "inverse": ["linalg_inv"],
    "less": ["lt"],
    "less_equal": ["le"],
    "moveaxis": ["movedim"],
    "multiply": ["mul"],
    "negative": ["neg"],
    "not_equal": ["ne"],
    "orgqr": ["linalg_householder_product"],
    "row_stack": ["vstack"],
    "special_expit": ["sigmoid"],
    "special_gammaln": ["lgamma"],
    "special_psi": ["digamma"],
    "subtract": ["sub"],
    "swapaxes": ["transpose"],
    "swapdims": ["transpose"],
    "true_divide": ["div"],
    "unsafe_chunk": ["chunk"],
    "unsafe_split": ["split"],
    "__and__": ["bitwise_and"],
    "__iand__": ["bitwise_and"],
    "__or__": ["bitwise_or"],
    "__ior__": ["bitwise_or"],
    "__xor__": ["bitwise_xor"],
    "__ixor__": ["bitwise_xor"],
    "__lshift__": ["bitwise_left_shift"],
    "__ilshift__": ["bitwise_left_shift"],
    "__rshift__": ["bitwise_right_shift"],
    "__irshift__": ["bitwise_right_shift"],
}


def convert(argument, value):
    """Carries an argument over to a sibling's argument of another type; raises Unsupported when it cannot be."""
    if value is None:
        if argument.optional:
            return None
        raise store.Unsupported("a required argument")
    kind, element = argument.base, argument.element
    if kind == "Tensor":
        return value if isinstance(value, torch.Tensor) else torch.tensor(value)
    if kind == "Scalar" and isinstance(value, torch.Tensor):
        return value.reshape(-1)[0].item()
    if element == "Tensor" and isinstance(value, torch.Tensor):
        return [value]
    if element == "Scalar" and not isinstance(value, (list, tuple)):
        return [value.reshape(-1)[0].item() if isinstance(value, torch.Tensor) else value]
    if kind in ("int", "SymInt", "float", "Scalar") and isinstance(value, (list, tuple)):
        if len(value) != 1:
            raise store.Unsupported("a list where one number goes")
        return value[0]
    return value


def sibling_samples(wanted, samples, pool):
    """Carries recorded calls over to overloads of the same or an equivalent name."""
    by_base = {}
    for sample in samples:
        if len(sample["calls"]) == 1 and "unspecified" not in sample:
            call = sample["calls"][0]
            by_base.setdefault(call["op"].split("::")[1].split(".")[0], []).append(sample)
    result, reasons = [], {}
    for name in sorted(wanted):
        candidates = [s for base in sorted(root_names(name)) for s in by_base.get(base, ())]
        found = 0
        for source in candidates[:40]:
            if found == PER_OVERLOAD:
                break
            try:
                args, kwargs = carried_over(name, source, pool)
            except Exception as error:  # the argument lists do not match
                reasons[name] = str(error)
                continue
            sample, reason = attempt_overload(f"sibling/{name}/{found}", name, args, kwargs, pool)
            if sample:
                result.append(sample)
                found += 1
            else:
                reasons[name] = reason
        if found:
            reasons.pop(name, None)
    return result, reasons


def carried_over(name, source, pool):
    variables = {}
    inplace = name.split("::")[1].split(".")[0].endswith("_")
    for key, spec in source["inputs"].items():
        variables[int(key)] = replayer.build(spec, pool, variables)
    for key, spec in source["inputs"].items():
        if spec.get("requiresGrad") and not inplace:
            variables[int(key)].requires_grad_(True)
    call = source["calls"][0]
    theirs = schemas.schema_of(schemas.find_overload(call["op"])).arguments
    given = {a.name: replayer.argument(v, variables) for a, v in zip(theirs, call["args"])}
    positional = list(given.values())
    ours = schemas.schema_of(schemas.find_overload(name)).arguments
    args, kwargs = [], {}
    for i, argument in enumerate(ours):
        if argument.name in given:
            value = convert(argument, given[argument.name])
        elif argument.has_default:
            value = argument.default
        elif i < len(positional):
            value = convert(argument, positional[i])
        elif argument.optional:
            value = None
        else:
            raise store.Unsupported(f"no value for {argument.name}")
        if argument.kwarg_only:
            kwargs[argument.name] = value
        else:
            args.append(value)
    return args, kwargs


def reason_of_python(name):
    """Why Python cannot call an overload on the CPU, in the dispatcher's words; None when it has a CPU kernel."""
    overload = schemas.find_overload(name)
    keys = ("CPU", "CompositeImplicitAutograd", "CompositeExplicitAutograd", "CompositeExplicitAutogradNonFunctional")
    if any(torch._C._dispatch_has_kernel_for_dispatch_key(name, key) for key in keys):
        return None
    if not any("Tensor" in a.type for a in schemas.schema_of(overload).arguments):
        return None
    # Only the dispatcher looks at these: there is no kernel that could.
    plain = {"Tensor": torch.ones(2), "int": 1, "SymInt": 1, "bool": False, "float": 1.0, "Scalar": 1, "str": ""}
    plain |= {"ScalarType": torch.float32, "Device": torch.device("cpu"), "Layout": torch.strided}
    args, kwargs = [], {}
    for argument in schemas.schema_of(overload).arguments:
        if argument.has_default:
            continue
        value = None if argument.optional else plain.get(argument.base)
        if argument.element and not argument.optional:
            value = [plain[argument.element.removesuffix("?")]] * (argument.fixed_length or 1)
        if argument.kwarg_only:
            kwargs[argument.name] = value
        else:
            args.append(value)
    try:
        overload(*args, **kwargs)
    except NotImplementedError as error:
        return str(error).split(". ")[0] + "."
    return None


def table_samples(wanted, table, pool):
    """Samples of the hand-written argument table: {name: [callable returning (args, kwargs), ...]}."""
    result, reasons = [], {}
    for name in sorted(table):
        for i, arguments in enumerate(table[name]):
            op_samples.seed_all(7)
            try:
                args, kwargs = arguments()
            except Exception as error:  # a call inside the table failed: its message is the reason
                reasons[name] = f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
                continue
            sample, reason = attempt_overload(f"table/{name}/{i}", name, args, kwargs, pool)
            if sample:
                result.append(sample)
            else:
                reasons[name] = reason
    return result, reasons


def program_samples(programs, pool):
    """Samples of functions that make several calls, for operators whose arguments only another operator makes."""
    result, reasons = [], {}
    for name, (function, arguments) in sorted(programs.items()):
        op_samples.seed_all(7)
        job = op_samples.Job(f"program/{name}", "float32", 0, function, *arguments(), False)
        sample, reason = op_samples.attempt(job, pool, op_samples.LARGE_SAMPLE)
        if sample:
            result.append(sample)
        else:
            reasons[name] = reason
    return result, reasons
