"""Operator samples from PyTorch's own op_db: what each sample does, recorded as ATen calls with values and gradients."""

import random

import numpy
import torch
from torch.utils import _pytree as pytree

import recorder
import replayer
import store

SMALL_TENSOR = 4096
SMALL_SAMPLE = 3 * SMALL_TENSOR
# For the few entries of op_db that have no small sample.
LARGE_SAMPLE = 300_000


# Operators that do not give the same bits twice in one process, with the reason.
TOLERANCES = {
    "aten::linalg_lstsq": {
        "relative": 1e-4,
        "reason": "libtorch hands LAPACK's gelsy driver an uninitialised array of pivots, so the last bits vary from call to call",
    },
}


def seed_all(seed):
    torch.manual_seed(seed)
    random.seed(seed)
    numpy.random.seed(seed)


def cotangent(tensor, index):
    """The gradient fed into output ``index``: multiples of 1/64 in [-0.75, 0.8], exact in every floating type."""
    count = tensor.numel()
    values = (torch.arange(count, dtype=torch.int64) * 37 + 11 * index) % 101
    values = values.to(torch.float64) / 64 - 0.75
    if tensor.dtype.is_complex:
        values = torch.complex(values, values.flip(0))
    return values.to(tensor.dtype).reshape(tensor.shape)


def leaves(*trees):
    return [t for t in pytree.tree_leaves(trees) if isinstance(t, torch.Tensor)]


def differentiable(tensor):
    return isinstance(tensor, torch.Tensor) and tensor.requires_grad and tensor.layout == torch.strided


def copied(tree):
    """A copy that a call may change, with strides and requires_grad kept."""
    memo = {}

    def copy(value):
        if not isinstance(value, torch.Tensor):
            return value
        if id(value) not in memo:
            scratch = store.Pool()
            tensor = replayer.build(store.describe_input(value, scratch), scratch)
            memo[id(value)] = tensor.requires_grad_(value.requires_grad)
        return memo[id(value)]

    return pytree.tree_map(copy, tree)


class Job:
    """One thing to record: a callable and its arguments."""

    def __init__(self, entry, dtype, index, function, args, kwargs, gradients):
        self.id = f"{entry}/{dtype}/{index}"
        self.entry, self.dtype, self.index = entry, dtype, index
        self.function, self.args, self.kwargs = function, args, kwargs
        self.gradients = gradients
        self.seed = 1000 + index

    def size(self):
        """Bytes of the largest input."""
        return max((t.numel() * t.element_size() for t in leaves(self.args, self.kwargs)), default=0)

    def run_plain(self):
        """Runs without recording.

        Returns the flattened tensor outputs, the gradients fed into them and those of the inputs (None without), and why
        there are no gradients where Python refuses them.
        """
        args, kwargs = copied((self.args, self.kwargs))
        seed_all(self.seed)
        outputs = leaves(self.function(*args, **kwargs))
        inputs = [t for t in leaves(args, kwargs) if differentiable(t)]
        try:
            return outputs, *self.differentiate(outputs, inputs), None
        except RuntimeError as error:
            return outputs, None, None, str(error).splitlines()[0]

    def differentiate(self, outputs, inputs):
        outputs = [o for o in outputs if differentiable(o)]
        if not (self.gradients and outputs and inputs):
            return None, None
        cotangents = [cotangent(o, i) for i, o in enumerate(outputs)]
        return cotangents, torch.autograd.grad(outputs, inputs, cotangents, allow_unused=True)


def record(job, pool):
    """Records a job and verifies the record; returns the sample as JSON. Raises Unsupported or Mismatch with the reason."""
    expected, cotangents, gradients, no_gradients = job.run_plain()
    args, kwargs = copied((job.args, job.kwargs))
    trace = recorder.Trace(pool)
    for tensor in leaves(args, kwargs):
        trace.input(tensor)
    inputs = [t for t in leaves(args, kwargs) if differentiable(t)]
    seed_all(job.seed)
    with recorder.recording(trace):
        outputs = leaves(job.function(*args, **kwargs))
    if not trace.calls:
        raise store.Unsupported("no ATen call")
    sample = {
        "id": job.id,
        "entry": job.entry,
        "dtype": job.dtype,
        "seed": job.seed,
        "inputs": trace.inputs,
        "calls": trace.calls,
    }
    for call in trace.calls:
        if call["op"] in TOLERANCES:
            sample["tolerance"] = TOLERANCES[call["op"]]
    unspecified = any(r.get("value", {}).get("unspecified") for c in trace.calls for r in c["results"])
    check_outputs(expected, outputs, unspecified, sample.get("tolerance", {}).get("relative", 0))
    if no_gradients:
        sample["gradientsLeftOut"] = no_gradients
    if gradients is not None:
        if any(g is not None and g.layout != torch.strided for g in gradients):
            sample["gradientsLeftOut"] = "a sparse gradient"
        else:
            sample["grad"] = {
                "outputs": [trace.number_of(o) for o in outputs if differentiable(o)],
                "cotangents": [store.describe_value(c, pool) for c in cotangents],
                "inputs": [trace.number_of(t) for t in inputs],
                "gradients": [None if g is None else store.describe_value(g, pool) for g in gradients],
            }
    replayer.replay(sample, pool)
    return sample


def check_outputs(expected, outputs, unspecified, relative):
    if len(expected) != len(outputs):
        raise replayer.Mismatch("recording changed the number of outputs")
    for e, o in zip(expected, outputs):
        scratch = store.Pool()
        spec = store.describe_value(e, scratch)
        if unspecified:
            spec["unspecified"] = True
        replayer.expect(spec, o, scratch, "recorded output", relative)


def entry_name(op):
    return op.name + (f".{op.variant_test_name}" if op.variant_test_name else "")


def jobs_of(op, dtype, function=None, suffix=""):
    """The jobs of one op_db entry in one dtype, in op_db's order, with inputs drawn from a fixed seed.

    Some entries have other samples when gradients are wanted. Then both lists are there, the second with ".requires_grad" in the
    name; otherwise one list serves for values and gradients.
    """
    gradients = op.supports_autograd and dtype in op.supported_backward_dtypes("cpu")
    call, name = function or op.op, entry_name(op) + suffix
    plain = draw_jobs(op, dtype, False, call, name)
    if not gradients:
        return plain
    with_gradients = draw_jobs(op, dtype, True, call, name)
    if len(plain) == len(with_gradients):
        return with_gradients
    return plain + draw_jobs(op, dtype, True, call, name + ".requires_grad")


def draw_jobs(op, dtype, gradients, call, name):
    seed_all(0)
    result = []
    for index, sample in enumerate(op.sample_inputs("cpu", dtype, requires_grad=gradients)):
        args = (sample.input, *sample.args)
        result.append(Job(name, store.dtype_name(dtype), index, call, args, dict(sample.kwargs), gradients))
    return result


def inplace(function):
    """An in-place variant, applied to a copy since a leaf that requires grad may not be written."""

    def call(first, *args, **kwargs):
        if isinstance(first, (list, tuple)):
            copies = [t.clone() for t in first]
            function(copies, *args, **kwargs)
            return copies
        return function(first.clone(), *args, **kwargs)

    return call


def attempt(job, pool, limit):
    """(sample, None) or (None, reason); leaves the pool as it was when there is no sample."""
    return attempt_recording(lambda: record(job, pool), pool, limit)


def attempt_recording(recording, pool, limit):
    mark = len(pool.data)
    try:
        sample = recording()
        if limit and len(pool.data) - mark > limit:
            raise store.Unsupported("large")
        return sample, None
    except Exception as error:  # every failure is a reason to report
        pool.rollback(mark)
        lines = str(error).strip().splitlines()
        return None, f"{type(error).__name__}: {lines[0] if lines else ''}"


def shape_signature(job):
    """Tells samples apart that exercise different things: argument kinds, ranks and keyword names."""

    def kind(value):
        if isinstance(value, torch.Tensor):
            return ("tensor", value.dim(), value.dtype)
        return type(value).__name__ if not isinstance(value, (bool, str)) else value

    return str(pytree.tree_map(kind, (job.args, sorted(job.kwargs.items()))))


def small_jobs(jobs, wanted):
    """Up to ``4 * wanted`` small jobs, different in kind first, then by size; inputs without elements last."""
    ordered = sorted(jobs, key=lambda j: (any(t.numel() == 0 for t in leaves(j.args, j.kwargs)), j.size(), j.index))
    ordered = [j for j in ordered if j.size() <= SMALL_TENSOR]
    seen, first, later = set(), [], []
    for job in ordered:
        signature = shape_signature(job)
        (later if signature in seen else first).append(job)
        seen.add(signature)
    return (first + later)[: 4 * wanted]


def choose(jobs, wanted, pool, covered):
    """Records up to ``wanted`` of the small jobs; a job that reaches an overload not yet covered is preferred."""
    chosen, reasons, spare = [], [], []
    for job in small_jobs(jobs, wanted):
        if len(chosen) == wanted:
            break
        mark = len(pool.data)
        sample, reason = attempt(job, pool, SMALL_SAMPLE)
        if sample is None:
            reasons.append(f"{job.id}: {reason}")
            continue
        reached = {c["op"] for c in sample["calls"]}
        if reached - covered or not chosen:
            covered |= reached
            chosen.append(sample)
        else:
            pool.rollback(mark)
            spare.append(job)
    for job in spare:
        if len(chosen) >= wanted:
            break
        sample, _ = attempt(job, pool, SMALL_SAMPLE)
        if sample is not None:
            chosen.append(sample)
    if not chosen:
        for job in sorted(jobs, key=Job.size)[:2]:
            sample, reason = attempt(job, pool, LARGE_SAMPLE)
            if sample is not None:
                covered |= {c["op"] for c in sample["calls"]}
                return [sample], reasons
            reasons.append(f"{job.id}: {reason}")
    return chosen, reasons
