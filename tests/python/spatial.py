"""Fixtures of the layers for channels and places: convolution, pooling, padding, normalisation, dropout, resizing, folding, bags,
distances; and of the functions that are more than an operator.

A module case is one of layers.py's, with any number of inputs, of which some may be absent. A function case names a function of
torch.nn.functional, its arguments in order, tensors among them by number, and has values and gradients.
"""

import torch
from torch import nn

import layers
import op_samples
import store
import training
from layers import integers, values


class Cases(layers.Cases):
    def add(self, name, args, options, *inputs, train=True, calls=1, gradients=True):
        """One module; ``inputs`` are tensors, None, or a tuple for an output size."""
        prefix = f"module.{len(self.cases)}"
        torch.manual_seed(layers.BUILD_SEED)
        module = getattr(nn, name)(*args, **options)
        module.train(train)
        for key, value in module.state_dict().items():
            self.put(f"{prefix}.initial.{key}", value)
        given = [self.given(f"{prefix}.input.{i}", t) for i, t in enumerate(inputs)]
        torch.manual_seed(layers.RUN_SEED)
        for _ in range(calls):
            # In-place layers refuse a leaf that records gradients.
            arguments = [t * 1 if options.get("inplace") else t for t in given]
            outputs = op_samples.leaves(module(*arguments))
        for i, o in enumerate(outputs):
            self.put(f"{prefix}.output.{i}", o)
        if gradients:
            self.differentiate(prefix, module, outputs, [t if isinstance(t, torch.Tensor) else torch.empty(0) for t in given])
        for key, value in module.named_buffers():
            self.put(f"{prefix}.final.{key}", value)
        self.cases.append(
            {
                "prefix": prefix,
                "module": name,
                "args": [plain(a) for a in args],
                "options": {k: plain(v) for k, v in options.items()},
                "train": train,
                "calls": calls,
                "gradients": gradients,
                "inputs": ["tensor" if isinstance(t, torch.Tensor) else t for t in inputs],
                "outputs": len(outputs),
                "stateDictKeys": list(module.state_dict()),
                "repr": repr(module),
            }
        )

    def given(self, name, value):
        if not isinstance(value, torch.Tensor):
            return value
        value = value.clone().requires_grad_(value.is_floating_point())
        self.put(name, value)
        return value


def plain(value):
    return store.float_json(value) if isinstance(value, float) else value


# The spatial sizes of an input, by the number of dimensions.
PLACES = {1: (7,), 2: (5, 4), 3: (4, 3, 4)}


def convolutions(cases):
    for d in (1, 2, 3):
        places = PLACES[d]
        kernel = (2, 3, 1)[:d] if d > 1 else 3
        for options in (
            {},
            {"bias": False, "stride": 2},
            {"padding": 1, "dilation": 2 if d < 3 else 1},
            {"groups": 2, "padding": tuple(range(1, d + 1))},
            {"padding": "same"},
            {"padding": "valid"},
            {"padding": 1, "padding_mode": "reflect"},
            {"padding": 1, "padding_mode": "replicate", "stride": 2},
            {"padding": 1, "padding_mode": "circular"},
            {"padding": "same", "padding_mode": "circular"},
            {"padding": "valid", "padding_mode": "reflect"},
        ):
            cases.add(f"Conv{d}d", [2, 4, kernel], options, values(1, 2, *places))
        cases.add(f"Conv{d}d", [2, 2, 2], {}, values(2, *places))
        transposed = f"ConvTranspose{d}d"
        for options in (
            {},
            {"stride": 2, "output_padding": 1, "padding": 1},
            {"groups": 2, "bias": False},
            {"dilation": 2},
        ):
            cases.add(transposed, [2, 4, kernel], options, values(1, 2, *(3,) * d))
        cases.add(transposed, [2, 3, 2], {}, values(2, *(2,) * d))
        cases.add(transposed, [1, 2, 3], {"stride": 2, "padding": 1}, values(2, 1, *(3,) * d), (6,) * d)
        cases.add(transposed, [1, 2, 3], {"stride": 2, "padding": 1}, values(1, 1, *(3,) * d), (1, 2, *(5,) * d))


def pools(cases):
    for d in (1, 2, 3):
        places = PLACES[d]
        x = values(1, 2, *places)
        each = tuple(2 + i % 2 for i in range(d))
        cases.add(f"MaxPool{d}d", [2], {}, x)
        cases.add(f"MaxPool{d}d", [2], {}, values(2, *places))
        cases.add(f"MaxPool{d}d", [3], {"stride": 2, "padding": 1, "ceil_mode": True}, x)
        cases.add(f"MaxPool{d}d", [2], {"stride": 1, "dilation": 2, "return_indices": True}, x)
        cases.add(f"AvgPool{d}d", [2], {}, x)
        cases.add(f"AvgPool{d}d", [3], {"stride": 2, "padding": 1, "count_include_pad": False, "ceil_mode": True}, x)
        cases.add(f"LPPool{d}d", [2, 3], {"stride": 2}, x)
        cases.add(f"LPPool{d}d", [1.5, 2], {"ceil_mode": True}, x.abs() + 0.1)
        cases.add(f"LPPool{d}d", [float("inf"), 2], {}, x)
        if d > 1:
            cases.add(f"MaxPool{d}d", [each], {"stride": (2,) * d, "padding": (1,) * d, "return_indices": True}, x)
            cases.add(f"AvgPool{d}d", [each], {"divisor_override": 3, "padding": (1,) * d}, x)
            cases.add(f"LPPool{d}d", [2, each], {}, x)
        for kind in ("Avg", "Max"):
            name = f"Adaptive{kind}Pool{d}d"
            cases.add(name, [3], {}, x)
            cases.add(name, [2], {}, values(2, *places))
            if d > 1:
                cases.add(name, [(2, 3, 1)[:d]], {}, x)
                cases.add(name, [(None, 3, 2)[:d]], {}, x)
            if kind == "Max":
                cases.add(name, [3], {"return_indices": True}, x)
        for size in (None, (1, 1, *(6,) * d), (7,) * d):
            even = values(1, 1, *(6 if size is None or len(size) > d else 7,) * d)
            pooled, indices = getattr(nn.functional, f"max_pool{d}d")(even, 2, return_indices=True)
            cases.add(f"MaxUnpool{d}d", [2], {}, pooled, indices, *(() if size is None else (size,)))
        if d > 1:
            name = f"FractionalMaxPool{d}d"
            cases.add(name, [2], {"output_ratio": 0.5}, x)
            cases.add(name, [2], {"output_size": (2, 1, 2)[:d], "return_indices": True}, x)
            cases.add(name, [(2, 1, 2)[:d]], {"output_ratio": (0.5, 0.6, 0.7)[:d]}, values(2, *places))


def pads(cases):
    for d in (1, 2, 3):
        sides = (1, 2, 2, 1, 1, 2)[: 2 * d]
        for kind in ("Constant", "Zero", "Reflection", "Replication", "Circular"):
            value = [3.5] if kind == "Constant" else []
            cases.add(f"{kind}Pad{d}d", [1, *value], {}, values(1, 1, *PLACES[d]))
            cases.add(f"{kind}Pad{d}d", [sides, *value], {}, values(2, *PLACES[d]))
        cases.add(f"ConstantPad{d}d", [(-1, 2) + sides[2:], 2], {}, values(1, 1, *PLACES[d]))


def norms(cases):
    for d in (1, 2, 3):
        x = values(2, 2, *PLACES[d])
        for train in (True, False):
            cases.add(f"BatchNorm{d}d", [2], {}, x, train=train)
            cases.add(f"InstanceNorm{d}d", [2], {}, x, train=train)
            cases.add(f"InstanceNorm{d}d", [2], {"affine": True, "track_running_stats": True}, x, train=train, calls=2)
        cases.add(f"BatchNorm{d}d", [2], {"momentum": None}, x, calls=3)
        cases.add(f"BatchNorm{d}d", [2], {"affine": False, "eps": 1e-3, "track_running_stats": False}, x, train=False)
        cases.add(f"BatchNorm{d}d", [2], {"bias": False, "momentum": 0.3}, x)
        cases.add(f"InstanceNorm{d}d", [2], {"affine": True, "bias": False}, values(2, *PLACES[d]))
        cases.add(f"InstanceNorm{d}d", [3], {}, values(2, *PLACES[d]))
    x = values(2, 6, 4)
    for shape in (4, (4,), (6, 4)):
        cases.add("LayerNorm", [shape], {}, x)
        cases.add("RMSNorm", [shape], {}, x)
    cases.add("LayerNorm", [4], {"elementwise_affine": False, "eps": 1e-3}, x)
    cases.add("LayerNorm", [4], {"bias": False}, x)
    cases.add("RMSNorm", [4], {"elementwise_affine": False, "eps": 1e-3}, x)
    cases.add("GroupNorm", [3, 6], {}, x)
    cases.add("GroupNorm", [1, 6], {"affine": False}, x)
    cases.add("GroupNorm", [6, 6], {"bias": False, "eps": 1e-3}, values(2, 6, 3, 2))
    for options in ({}, {"alpha": 0.1, "beta": 0.5, "k": 2}):
        # Python's gradient of this one is not the derivative of its output (gradcheck refuses it): see CrossMapLRN2d.java.
        for size in (2, 3, 5):
            cases.add("CrossMapLRN2d", [size], options, values(1, 6, 2, 2), gradients=False)
    for size in ((2, 6, 4), (2, 6, 3, 3), (1, 6, 2, 2, 2)):
        cases.add("LocalResponseNorm", [3], {}, values(*size))
        cases.add("LocalResponseNorm", [2], {"alpha": 0.1, "beta": 0.5, "k": 2.0}, values(*size))


def dropouts(cases):
    for name, size in (
        ("Dropout", (3, 4)),
        ("Dropout1d", (2, 6, 4)),
        ("Dropout1d", (6, 4)),
        ("Dropout2d", (2, 6, 2, 2)),
        ("Dropout2d", (2, 6, 3)),
        ("Dropout3d", (2, 6, 2, 2, 1)),
        ("Dropout3d", (6, 2, 2, 1)),
        ("AlphaDropout", (5, 7)),
        ("FeatureAlphaDropout", (2, 6, 2, 2)),
    ):
        cases.add(name, [], {}, values(*size))
        cases.add(name, [], {"p": 0.3, "inplace": True}, values(*size))
        cases.add(name, [], {"p": 0.3}, values(*size), train=False)


def bags(cases):
    flat, square = integers(6, 9), integers(6, 3, 4)
    offsets = torch.tensor([0, 3, 3, 7])
    for mode in ("sum", "mean", "max"):
        cases.add("EmbeddingBag", [6, 3], {"mode": mode}, square)
        cases.add("EmbeddingBag", [6, 3], {"mode": mode, "padding_idx": -2}, flat, offsets)
        cases.add("EmbeddingBag", [6, 3], {"mode": mode, "include_last_offset": True}, flat, torch.tensor([0, 4, 9]))
    cases.add("EmbeddingBag", [6, 3], {}, flat.int(), offsets.int())
    cases.add("EmbeddingBag", [6, 3], {"max_norm": 1.0, "norm_type": 1.0}, flat, offsets)
    cases.add("EmbeddingBag", [6, 3], {"scale_grad_by_freq": True}, flat, offsets)
    cases.add("EmbeddingBag", [6, 3], {"mode": "sum"}, flat, offsets, values(9))
    cases.add("EmbeddingBag", [6, 3], {"mode": "sum", "padding_idx": 1}, square, None, values(3, 4))


def others(cases):
    for options in ({}, {"bias": False}):
        cases.add("Bilinear", [3, 4, 5], options, values(6, 3), values(6, 4, seed=4))
    cases.add("Bilinear", [3, 4, 5], {}, values(3), values(4, seed=4))
    a, b = values(4, 5), values(4, 5, seed=4)
    for options in ({}, {"dim": 0, "eps": 1e-3}):
        cases.add("CosineSimilarity", [], options, a, b)
    for options in ({}, {"p": 1.0, "keepdim": True}, {"p": float("inf"), "eps": 0.1}):
        cases.add("PairwiseDistance", [], options, a, b)
    cases.add("PixelShuffle", [2], {}, values(2, 8, 3, 2))
    cases.add("PixelUnshuffle", [2], {}, values(2, 2, 6, 4))
    cases.add("ChannelShuffle", [2], {}, values(2, 6, 3, 2))
    cases.add("Softmax2d", [], {}, values(2, 3, 2, 2))
    cases.add("Softmax2d", [], {}, values(3, 2, 2))
    cases.add("Unflatten", [1, (2, 3)], {}, values(2, 6, 4))
    cases.add("Unflatten", [-1, (2, -1)], {}, values(2, 6))
    for inplace in (True, False):
        cases.add("CELU", [], {"alpha": 0.7, "inplace": inplace}, values(3, 4))
        cases.add("Threshold", [0.1, 5.0], {"inplace": inplace}, values(3, 4))
    for train in (True, False):
        cases.add("RReLU", [], {}, values(3, 4), train=train)
        cases.add("RReLU", [], {"lower": 0.1, "upper": 0.2, "inplace": True}, values(3, 4), train=train)
    cases.add("Unfold", [2], {}, values(2, 3, 5, 6))
    cases.add("Unfold", [(2, 3)], {"dilation": (1, 2), "padding": 1, "stride": 2}, values(3, 5, 6))
    cases.add("Fold", [4, 2], {"stride": 2}, values(2, 12, 4))
    cases.add("Fold", [(4, 5), (2, 2)], {}, values(12, 12))
    for options, size in (
        ({"scale_factor": 2.0}, (2, 3, 4)),
        ({"size": 5}, (2, 3, 4)),
        ({"size": (5, 7)}, (2, 3, 4, 3)),
        ({"scale_factor": (1.5, 2.5), "mode": "nearest-exact"}, (2, 3, 4, 3)),
        ({"size": 5, "mode": "nearest-exact"}, (2, 3, 4, 3, 2)),
        ({"size": 6, "mode": "nearest-exact"}, (2, 3, 4)),
        ({"scale_factor": 1.7, "mode": "linear"}, (2, 3, 4)),
        ({"scale_factor": 1.7, "mode": "linear", "align_corners": True}, (2, 3, 4)),
        ({"scale_factor": 1.7, "mode": "bilinear", "recompute_scale_factor": True}, (2, 3, 4, 3)),
        ({"size": (3, 2), "mode": "bicubic", "align_corners": True}, (2, 3, 4, 3)),
        ({"size": (3, 2, 4), "mode": "trilinear", "align_corners": False}, (2, 3, 4, 3, 2)),
        ({"scale_factor": 2.0}, (1, 2, 2, 3, 2)),
        ({"size": 2, "mode": "area"}, (2, 3, 5)),
        ({"scale_factor": 0.6, "mode": "area"}, (2, 3, 5, 4)),
        ({"size": 2, "mode": "area"}, (1, 2, 3, 5, 4)),
    ):
        cases.add("Upsample", [], options, values(*size))
    cases.add("UpsamplingNearest2d", [], {"scale_factor": 2.0}, values(1, 2, 3, 2))
    cases.add("UpsamplingBilinear2d", [], {"size": (5, 4)}, values(1, 2, 3, 2))


def functions(cases):
    result = []

    def add(function, tensors, call, **settings):
        prefix = f"function.{len(result)}"
        given = [cases.given(f"{prefix}.input.{i}", t) for i, t in enumerate(tensors)]
        output = call(*given)
        cases.put(f"{prefix}.output", output)
        cotangent = op_samples.cotangent(output, 0)
        cases.put(f"{prefix}.cotangent", cotangent)
        output.backward(cotangent)
        for i, t in enumerate(given):
            if t.grad is not None:
                cases.put(f"{prefix}.gradient.{i}", t.grad)
        result.append({"prefix": prefix, "function": function, "inputs": len(given)} | settings)

    image, volume = values(2, 3, 4, 5), values(1, 2, 3, 4, 3)
    for corners in (True, False):
        for mode in ("bilinear", "nearest", "bicubic"):
            for padding in ("zeros", "border", "reflection"):
                add(
                    "gridSample",
                    [image, values(2, 3, 2, 2, seed=4)],
                    lambda x, g, m=mode, p=padding, c=corners: nn.functional.grid_sample(x, g, m, p, c),
                    mode=mode, padding=padding, corners=corners,
                )  # fmt: skip
        add(
            "gridSample",
            [volume, values(1, 2, 2, 3, 3, seed=4)],
            lambda x, g, c=corners: nn.functional.grid_sample(x, g, "bilinear", "border", c),
            mode="bilinear", padding="border", corners=corners,
        )  # fmt: skip
        for theta, size in ((values(2, 2, 3), (2, 1, 3, 4)), (values(1, 3, 4), (1, 2, 2, 3, 2))):
            add(
                "affineGrid",
                [theta],
                lambda t, s=size, c=corners: nn.functional.affine_grid(t, list(s), c),
                size=size, corners=corners,
            )  # fmt: skip
    for mode in ("bilinear", "bicubic", "lanczos"):
        add(
            "interpolate",
            [values(1, 2, 9, 8)],
            lambda x, m=mode: nn.functional.interpolate(x, (4, 3), mode=m, antialias=True),
            mode=mode, size=(4, 3),
        )  # fmt: skip
    for p, dim in ((2.0, 1), (1.0, 0), (3.0, -1)):
        add("normalize", [image], lambda x, p=p, d=dim: nn.functional.normalize(x, p, d), p=p, dim=dim)
    F = nn.functional
    for function in ("sigmoid", "logsigmoid", "tanh", "tanhshrink", "softsign"):
        add(function, [values(3, 4)], getattr(F, function))
    add("softmin", [values(3, 4)], lambda x: F.softmin(x, 1), dim=1)
    add("channelShuffle", [values(1, 4, 2)], lambda x: F.channel_shuffle(x, 2), groups=2)
    add("convTbc", [values(5, 2, 3), values(2, 3, 4), values(4)], lambda x, w, b: F.conv_tbc(x, w, b, 1), pad=1)
    for hard in (True, False):
        torch.manual_seed(layers.RUN_SEED)
        add("gumbelSoftmax", [values(3, 4)], lambda x, h=hard: F.gumbel_softmax(x, 0.5, h, -1), tau=0.5, hard=hard, dim=-1)
    return result


def misuses():
    """What Python answers to wrong settings and wrong inputs, by size; None is an absent input, a tuple after one a size."""
    result = []

    def add(name, args, options, *sizes, dtype=torch.float32):
        try:
            module = getattr(nn, name)(*args, **options)
            module(*(torch.zeros(s, dtype=dtype) if isinstance(s, list) else s and list(s) for s in sizes))
        except (ValueError, RuntimeError, IndexError) as error:
            result.append(
                {
                    "module": name,
                    "args": [plain(a) for a in args],
                    "options": {k: plain(v) for k, v in options.items()},
                    "inputs": [{"size": s} if isinstance(s, list) else s for s in sizes],
                    "dtype": store.dtype_name(dtype),
                    "error": type(error).__name__,
                    "message": str(error),
                }
            )
        else:
            raise AssertionError(f"{name} {args} {options} accepts {sizes}")

    for d in (1, 2, 3):
        wrong = [2] * (d + 3)
        add(f"Conv{d}d", [4, 6, 3], {"groups": 3})
        add(f"Conv{d}d", [6, 4, 3], {"groups": 3})
        add(f"Conv{d}d", [6, 4, 3], {"groups": 0})
        add(f"Conv{d}d", [6, 4, 3], {"padding": "same", "stride": 2})
        add(f"Conv{d}d", [2, 4, 1], {}, wrong)
        add(f"Conv{d}d", [2, 4, 1], {}, [2, 3] + [4] * d)
        add(f"Conv{d}d", [2, 4, 5], {}, [2, 2] + [4] * d)
        add(f"Conv{d}d", [2, 4, 1], {}, [2, 2] + [4] * d, dtype=torch.float64)
        add(f"ConvTranspose{d}d", [2, 4, 3], {"padding_mode": "reflect"})
        add(f"ConvTranspose{d}d", [2, 4, 3], {"groups": 3})
        add(f"ConvTranspose{d}d", [2, 4, 3], {"stride": 2}, [1, 2] + [3] * d, (9,) * d)
        add(f"ConvTranspose{d}d", [2, 4, 3], {"stride": 2}, [1, 2] + [3] * d, (9,) * (d + 1))
        add(f"ConvTranspose{d}d", [2, 4, 3], {"output_padding": 1}, [1, 2] + [3] * d)
        add(f"MaxPool{d}d", [2], {"padding": 2}, [1, 2] + [4] * d)
        add(f"MaxPool{d}d", [5], {}, [1, 2] + [4] * d)
        add(f"MaxPool{d}d", [2], {}, wrong)
        add(f"AvgPool{d}d", [2], {"padding": 2}, [1, 2] + [4] * d)
        add(f"AvgPool{d}d", [5], {}, [1, 2] + [4] * d)
        add(f"MaxUnpool{d}d", [2], {}, [1, 1] + [2] * d, [1, 1] + [2] * d, (9,) * d)
        add(f"MaxUnpool{d}d", [2], {}, [1, 1] + [2] * d, [1, 1] + [2] * d, (9,) * (d + 1))
        add(f"ReflectionPad{d}d", [4], {}, [1, 1] + [4] * d)
        add(f"CircularPad{d}d", [1], {}, wrong)
        add(f"CircularPad{d}d", [5], {}, [1, 1] + [4] * d)
        add(f"BatchNorm{d}d", [2], {}, wrong)
        add(f"BatchNorm{d}d", [2], {}, [1, 2] + [1] * d)
        add(f"BatchNorm{d}d", [2], {}, [2, 3] + [2] * d)
        add(f"InstanceNorm{d}d", [2], {}, wrong)
        add(f"InstanceNorm{d}d", [2], {}, [1, 2] + [1] * d)
        add(f"InstanceNorm{d}d", [2], {"affine": True}, [2, 3] + [2] * d)
        add(f"Dropout{d}d", [], {"p": 1.5})
        if d > 1:
            add(f"AdaptiveAvgPool{d}d", [(2,) * d], {}, [2] * d)
            name = f"FractionalMaxPool{d}d"
            add(name, [2], {})
            add(name, [2], {"output_size": 2, "output_ratio": 0.5})
            add(name, [2], {"output_ratio": 1.5})
            add(name, [2], {"output_size": 4}, [1, 2] + [4] * d)
    add("FractionalMaxPool3d", [0], {"output_size": 4})
    add("Dropout1d", [], {}, [4])
    add("AlphaDropout", [], {"p": -0.5})
    add("GroupNorm", [3, 4], {})
    add("GroupNorm", [2, 4], {}, [4])
    add("GroupNorm", [4, 4], {}, [1, 4])
    add("GroupNorm", [2, 4], {}, [2, 5, 3])
    add("LayerNorm", [4], {}, [2, 3])
    add("RMSNorm", [4], {}, [2, 3])
    add("LocalResponseNorm", [2], {}, [2, 3])
    add("Softmax2d", [], {}, [2, 3])
    add("PixelShuffle", [2], {}, [1, 3, 4, 4])
    add("PixelUnshuffle", [2], {}, [1, 3, 3, 4])
    add("ChannelShuffle", [2], {}, [1, 3, 3, 4])
    add("Unflatten", [1, (2, 3)], {}, [2, 5])
    add("Bilinear", [0, 2, 3], {})
    add("Bilinear", [2, 2, 3], {}, [4, 2], [4, 3])
    add("CosineSimilarity", [], {}, [2, 3], [2, 4])
    add("PairwiseDistance", [], {}, [2, 3], [2, 4])
    add("Unfold", [2], {}, [2, 3])
    add("Fold", [4, 2], {}, [1, 3, 4])
    add("Upsample", [], {"size": 4, "mode": "nearest"}, [2, 3])
    add("Upsample", [], {"size": (4, 4)}, [2, 3, 4])
    add("Upsample", [], {"scale_factor": (2.0, 2.0)}, [2, 3, 4])
    add("Upsample", [], {}, [2, 3, 4])
    add("Upsample", [], {"size": 4, "scale_factor": 2.0}, [2, 3, 4])
    add("Upsample", [], {"size": 4, "align_corners": True}, [2, 3, 4])
    add("Upsample", [], {"size": 4, "recompute_scale_factor": True}, [2, 3, 4])
    for mode in ("linear", "bilinear", "trilinear", "bicubic", "lanczos"):
        for size in ([1, 1, 4], [1, 1, 4, 4], [1, 1, 4, 4, 4]):
            if len(size) != {"linear": 3, "trilinear": 5}.get(mode, 4) or mode == "lanczos":
                add("Upsample", [], {"size": 4, "mode": mode}, size)
    long = torch.int64
    add("EmbeddingBag", [4, 3], {}, [2], dtype=long)
    add("EmbeddingBag", [4, 3], {}, [2], [2, 1], dtype=long)
    add("EmbeddingBag", [4, 3], {}, [2, 2], [2], dtype=long)
    add("EmbeddingBag", [4, 3], {}, [2, 2, 2], dtype=long)
    add("EmbeddingBag", [4, 3], {"mode": "max", "sparse": True}, [2, 2], dtype=long)
    add("EmbeddingBag", [4, 3], {"mode": "max", "scale_grad_by_freq": True}, [2, 2], dtype=long)
    add("EmbeddingBag", [4, 3], {}, [2, 2], None, [2, 2], dtype=long)
    add("EmbeddingBag", [4, 3], {"mode": "sum"}, [2, 2], None, [2, 3], dtype=long)
    return result


def write(folder):
    cases = Cases()
    convolutions(cases)
    pools(cases)
    pads(cases)
    norms(cases)
    dropouts(cases)
    bags(cases)
    others(cases)
    description = {
        "buildSeed": layers.BUILD_SEED,
        "runSeed": layers.RUN_SEED,
        "modules": cases.cases,
        "functions": functions(cases),
        "misuses": misuses(),
    }
    training.write_json(folder / "spatial.json", description)
    training.write_tensors(folder / "spatial.safetensors", cases.tensors)
