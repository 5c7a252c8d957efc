"""Makes calls of the operator fuzzer in Python, each in a process of its own: replay_fuzz.py SECONDS

Reads calls as CallRecipe.java writes them, one a line, and answers with a line: what came of the call, the signal that
ended its process, or "hung" if it took longer than the seconds. torch is imported once; the processes are forked.
"""

import contextlib
import json
import os
import signal
import sys

import torch

MAX_ELEMENTS = 5000
SCALE = 0.1


def elements(shape):
    count = 1
    for size in shape:
        count *= size
    return count


class Call:
    def __init__(self, call):
        self.call = call
        self.previous = None

    def doubles(self, recipe, shape):
        values = [float(v) for v in recipe["values"]]
        n = elements(shape)
        data = [values[i % len(values)] for i in range(n)]
        return torch.tensor(data, dtype=torch.float64).reshape(shape)

    def plain(self, recipe, shape):
        name = recipe["dtype"]
        dtype = getattr(torch, name)
        doubles = self.doubles(recipe, shape)
        if name in ("qint8", "quint8", "qint32"):
            zero = 0 if name == "qint8" else 1
            return torch.quantize_per_tensor(doubles.float(), SCALE, zero, dtype)
        if name.startswith(("bits", "float4", "quint")):
            return doubles.to(torch.int16 if name == "bits16" else torch.uint8).view(dtype)
        return doubles.to(dtype)

    def formed(self, recipe):
        shape, form = recipe["shape"], recipe["form"]
        dims = len(shape)
        plain = lambda s=shape: self.plain(recipe, s)
        if elements(shape) > MAX_ELEMENTS:
            one = plain([1] * dims)
            return (one.to("meta") if form == "meta" else one).expand(shape)
        if form == "transposed" and dims >= 2:
            return plain(shape[:-2] + [shape[-1], shape[-2]]).transpose(-1, -2)
        if form == "expanded":
            one = list(shape)
            if dims > 0:
                one[shape[0] % dims] = 1
            return plain(one).expand(shape)
        if form == "stepped" and dims > 0:
            return plain(shape[:-1] + [shape[-1] * 2])[..., ::2]
        if form == "offset":
            return plain([elements(shape) + 3]).narrow(0, 3, elements(shape)).view(shape)
        if form == "overlapping":
            return plain([sum(shape) + 1]).as_strided(shape, [1] * dims)
        if form == "channels_last":
            formats = {4: torch.channels_last, 5: torch.channels_last_3d}
            return plain().contiguous(memory_format=formats[dims]) if dims in formats else plain()
        if form == "conjugate":
            return torch.ops.aten._conj(plain())
        if form == "negative":
            return torch.ops.aten._neg_view(plain())
        if form == "sparse_coo":
            return plain().to_sparse()
        if form == "sparse_csr":
            return plain().to_sparse_csr()
        if form == "sparse_csc":
            return plain().to_sparse_csc()
        if form == "sparse_bsr":
            return plain().to_sparse_bsr([1, 1])
        if form == "mkldnn":
            return plain().to_mkldnn()
        if form == "meta":
            return plain().to("meta")
        if form == "inference":
            with torch.inference_mode():
                return plain()
        if form == "zero":
            return torch._efficientzerotensor(shape, dtype=getattr(torch, recipe["dtype"]))
        if form == "nested":
            part = plain()
            return torch.ops.aten._nested_tensor_from_tensor_list([part, part])
        if form == "per_channel" and recipe["dtype"].startswith("q") and dims > 0:
            scales = torch.full([shape[0]], SCALE)
            zeros = torch.zeros(shape[0], dtype=torch.int64)
            floats = self.doubles(recipe, shape).float()
            return torch.quantize_per_channel(floats, scales, zeros, 0, getattr(torch, recipe["dtype"]))
        if form == "same" and self.previous is not None:
            return self.previous
        if form == "view" and self.previous is not None and self.previous.dim() > 0:
            return self.previous[self.previous.size(0) // 2 :]
        if form == "undefined":
            return None
        return plain()

    def tensor(self, recipe):
        if recipe is None:
            return None
        try:
            made = self.formed(recipe)
        except (RuntimeError, NotImplementedError, IndexError, ValueError, TypeError):
            made = None if elements(recipe["shape"]) > MAX_ELEMENTS else self.plain(recipe, recipe["shape"])
        if made is not None and made is not self.previous and recipe.get("requiresGrad"):
            if made.is_floating_point() or made.is_complex():
                with contextlib.suppress(RuntimeError):
                    made.requires_grad_(True)
        self.previous = made
        return made

    def value(self, argument):
        if argument is None:
            return None
        kind, value = next(iter(argument.items()))
        if kind == "tensor":
            return self.tensor(value)
        if kind == "tensors":
            return [self.tensor(each) for each in value]
        if kind == "float":
            return float(value)
        if kind == "floats":
            return [float(each) for each in value]
        if kind == "complex":
            return complex(float(value[0]), float(value[1]))
        if kind == "scalars":
            return [self.value(each) for each in value]
        if kind in ("dtype", "layout", "memoryFormat"):
            return getattr(torch, value.removeprefix("torch."))
        if kind == "generator":
            return torch.Generator()
        return value

    def mode(self):
        name = self.call.get("mode")
        if name == "noGrad":
            return torch.no_grad()
        if name == "inference":
            return torch.inference_mode()
        if name == "autocast":
            return torch.autocast("cpu", torch.bfloat16)
        return contextlib.nullcontext()

    def run(self):
        torch.manual_seed(self.call["number"])
        namespace, name = self.call["op"].split("::")
        packet, _, overload = name.partition(".")
        op = getattr(getattr(getattr(torch.ops, namespace), packet), overload or "default")
        values = [self.value(argument) for argument in self.call["args"]]
        positional, keywords = [], {}
        for value, argument in zip(values, op._schema.arguments):
            if argument.kwarg_only:
                keywords[argument.name] = value
            else:
                positional.append(value)
        with self.mode():
            results = op(*positional, **keywords)
        flat = []
        collect(results, flat)
        if self.call.get("backward"):
            for result in flat:
                if result.requires_grad and not result.is_inference():
                    result.sum().backward()
        return "returned"


def collect(results, flat):
    if isinstance(results, torch.Tensor):
        flat.append(results)
    elif isinstance(results, (list, tuple)):
        for each in results:
            collect(each, flat)


def answer(line):
    try:
        return Call(json.loads(line)).run()
    except Exception as e:  # an exception is an answer
        return " ".join([type(e).__name__, *str(e).splitlines()[:1]])[:200]


def replay(line, seconds):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libtorch prints is no answer
        signal.setitimer(signal.ITIMER_REAL, seconds)
        os.write(writer, answer(line).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, errors="replace") as answered:
        said = answered.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code == 0:
        return said
    return "hung" if code == -signal.SIGALRM else signal.Signals(-code).name if code < 0 else f"exit {code}"


if __name__ == "__main__":
    for call in sys.stdin:
        print(replay(call, float(sys.argv[1])), flush=True)
