"""What the observers of torch.ao.quantization see, and what eager mode makes of layers and models: their state, their text and what
they compute, for each engine."""

import json
import warnings

import torch
from safetensors.torch import save_file
from torch import nn
from torch.ao import quantization
from torch.ao.nn.quantized import FloatFunctional
from torch.ao.quantization import (
    DeQuantStub,
    FixedQParamsObserver,
    HistogramObserver,
    MinMaxObserver,
    MovingAverageMinMaxObserver,
    MovingAveragePerChannelMinMaxObserver,
    PerChannelMinMaxObserver,
    QuantStub,
    QuantWrapper,
    convert,
    fuse_modules,
    prepare,
)
from torch.ao.quantization.observer import (
    per_channel_weight_observer_range_neg_127_to_127,
    weight_observer_range_neg_127_to_127,
)
from torch.ao.quantization.qconfig import (
    QConfig,
    default_qconfig,
    get_default_qconfig,
)

SYMMETRIC, AFFINE = torch.per_tensor_symmetric, torch.per_tensor_affine
CHANNELS, CHANNELS_SYMMETRIC = torch.per_channel_affine, torch.per_channel_symmetric
FLOAT_QPARAMS = torch.per_channel_affine_float_qparams

OBSERVERS = {
    "min_max": lambda: MinMaxObserver(),
    "min_max_symmetric": lambda: MinMaxObserver(dtype=torch.qint8, qscheme=SYMMETRIC),
    "min_max_symmetric_unsigned": lambda: MinMaxObserver(qscheme=SYMMETRIC),
    "min_max_symmetric_range": lambda: MinMaxObserver(qscheme=SYMMETRIC, quant_min=0, quant_max=127),
    "min_max_reduced": lambda: MinMaxObserver(reduce_range=True),
    "min_max_range_reduced": lambda: MinMaxObserver(dtype=torch.qint8, quant_min=-100, quant_max=101, reduce_range=True),
    "min_max_wide": lambda: MinMaxObserver(dtype=torch.qint32),
    "min_max_eps": lambda: MinMaxObserver(eps=1.0),
    "moving": lambda: MovingAverageMinMaxObserver(),
    "moving_signed": lambda: MovingAverageMinMaxObserver(averaging_constant=0.3, dtype=torch.qint8),
    "channels": lambda: PerChannelMinMaxObserver(),
    "channels_symmetric": lambda: PerChannelMinMaxObserver(ch_axis=1, dtype=torch.qint8, qscheme=CHANNELS_SYMMETRIC),
    "channels_float": lambda: PerChannelMinMaxObserver(qscheme=FLOAT_QPARAMS),
    "channels_float_4bit": lambda: PerChannelMinMaxObserver(dtype=torch.quint4x2, qscheme=FLOAT_QPARAMS),
    "moving_channels": lambda: MovingAveragePerChannelMinMaxObserver(averaging_constant=0.1, ch_axis=2),
    "histogram": lambda: HistogramObserver(),
    "histogram_reduced": lambda: HistogramObserver(reduce_range=True),
    "histogram_signed": lambda: HistogramObserver(bins=64, dtype=torch.qint8, qscheme=SYMMETRIC),
    "fixed": lambda: FixedQParamsObserver(2 / 256, 128),
}

X86 = get_default_qconfig("x86")


class WithOne(MinMaxObserver):
    """The kernel of PReLU multiplies positive numbers by a quantized 1, which has to be in the range of the slopes."""

    def forward(self, x_orig):
        super().forward(torch.ones(1))
        return super().forward(x_orig)

# Layers, what is fused, the shape of an input, how it is quantized.
LAYERS = {
    "linear": (lambda: [nn.Linear(6, 4)], None, (3, 6), X86),
    "linear_plain": (lambda: [nn.Linear(6, 4, bias=False)], None, (2, 3, 6), X86),
    "linear_relu": (lambda: [nn.Linear(6, 4), nn.ReLU()], [["0", "1"]], (3, 6), X86),
    "linear_bn": (lambda: [nn.Linear(6, 4, bias=False), nn.BatchNorm1d(4)], [["0", "1"]], (3, 6), X86),
    "linear_tensor": (lambda: [nn.Linear(6, 4)], None, (3, 6), default_qconfig),
    "linear_tensor_range": (lambda: [nn.Linear(6, 4)], None, (3, 6), QConfig(X86.activation, weight_observer_range_neg_127_to_127)),
    "linear_channels_range": (
        lambda: [nn.Linear(6, 4)],
        None,
        (3, 6),
        QConfig(X86.activation, per_channel_weight_observer_range_neg_127_to_127),
    ),
    "conv1d": (lambda: [nn.Conv1d(3, 4, 3, stride=2, padding=1)], None, (2, 3, 9), X86),
    "conv1d_reflect": (lambda: [nn.Conv1d(3, 4, 3, padding=2, padding_mode="reflect")], None, (2, 3, 9), X86),
    "conv1d_bn_relu": (lambda: [nn.Conv1d(3, 4, 3), nn.BatchNorm1d(4), nn.ReLU()], [["0", "1", "2"]], (2, 3, 9), X86),
    "conv2d": (lambda: [nn.Conv2d(4, 6, 3, stride=(2, 1), padding=(1, 0), groups=2)], None, (2, 4, 7, 6), X86),
    "conv2d_reflect": (lambda: [nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect", bias=False)], None, (2, 3, 5, 6), X86),
    "conv2d_relu": (lambda: [nn.Conv2d(3, 4, 3, dilation=2), nn.ReLU()], [["0", "1"]], (2, 3, 7, 7), X86),
    "conv2d_bn": (lambda: [nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)], [["0", "1"]], (2, 3, 7, 7), X86),
    "conv3d": (lambda: [nn.Conv3d(3, 4, 2)], None, (2, 3, 4, 3, 4), X86),
    "conv3d_bn_relu": (lambda: [nn.Conv3d(3, 4, 2, bias=False), nn.BatchNorm3d(4), nn.ReLU()], [["0", "1", "2"]], (2, 3, 4, 3, 4), X86),
    "conv_transpose1d": (lambda: [nn.ConvTranspose1d(3, 4, 3, stride=2)], None, (2, 3, 5), default_qconfig),
    "conv_transpose2d_bn": (lambda: [nn.ConvTranspose2d(3, 4, 3, output_padding=1, stride=2), nn.BatchNorm2d(4)], [["0", "1"]], (2, 3, 4, 5), default_qconfig),
    "conv_transpose3d": (lambda: [nn.ConvTranspose3d(3, 4, 2)], None, (2, 3, 3, 2, 3), default_qconfig),
    "batch_norm2d": (lambda: [nn.BatchNorm2d(4, eps=1e-3)], None, (2, 4, 3, 5), X86),
    "batch_norm2d_relu": (lambda: [nn.BatchNorm2d(4), nn.ReLU()], [["0", "1"]], (2, 4, 3, 5), X86),
    "batch_norm3d": (lambda: [nn.BatchNorm3d(4)], None, (2, 4, 3, 2, 3), X86),
    "batch_norm3d_relu": (lambda: [nn.BatchNorm3d(4), nn.ReLU()], [["0", "1"]], (2, 4, 3, 2, 3), X86),
    "group_norm": (lambda: [nn.GroupNorm(2, 4)], None, (2, 4, 5), X86),
    "layer_norm": (lambda: [nn.LayerNorm([3, 5])], None, (2, 3, 5), X86),
    "instance_norm1d": (lambda: [nn.InstanceNorm1d(4, affine=True)], None, (2, 4, 5), X86),
    "instance_norm2d": (lambda: [nn.InstanceNorm2d(4)], None, (2, 4, 5, 3), X86),
    "instance_norm3d": (lambda: [nn.InstanceNorm3d(4)], None, (2, 4, 2, 5, 3), X86),
    "elu": (lambda: [nn.ELU(0.5)], None, (3, 6), X86),
    "hardswish": (lambda: [nn.Hardswish()], None, (3, 6), X86),
    "leaky_relu": (lambda: [nn.LeakyReLU(0.2)], None, (3, 6), X86),
    "relu6": (lambda: [nn.ReLU6()], None, (3, 6), X86),
    "prelu": (lambda: [nn.PReLU(4, init=0.3)], None, (3, 4, 2), QConfig(HistogramObserver, WithOne)),
    "dropout": (lambda: [nn.Linear(6, 4), nn.Dropout(0.4)], None, (3, 6), X86),
    "plain": (
        lambda: [nn.ReLU(), nn.MaxPool2d(2), nn.Sigmoid(), nn.AdaptiveAvgPool2d(2), nn.Tanh(), nn.Hardtanh(), nn.AvgPool2d(2), nn.Flatten()],
        None,
        (2, 3, 8, 8),
        X86,
    ),
}


class Functions(nn.Module):
    """Each function of FloatFunctional, one after the other."""

    def __init__(self):
        super().__init__()
        self.quant = QuantStub()
        self.add, self.mul, self.add_relu, self.cat, self.matmul = (FloatFunctional() for _ in range(5))
        self.dequant = DeQuantStub()

    def forward(self, x):
        x = self.quant(x)
        y = self.mul.mul(self.add.add(x, x), x)
        y = self.cat.cat([y, self.add_relu.add_relu(y, x)], dim=1)
        y = self.matmul.matmul(y, y.transpose(0, 1))
        return self.dequant(self.add.mul_scalar(self.add.add_scalar(y, 0.5), 2.0))


class Net(nn.Module):
    """A small network for images."""

    def __init__(self):
        super().__init__()
        self.quant = QuantStub()
        self.conv = nn.Conv2d(1, 8, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(8)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.branch = nn.Conv2d(8, 8, 3, padding=1)
        self.branch_relu = nn.ReLU()
        self.add = FloatFunctional()
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(128, 16)
        self.fc_relu = nn.ReLU()
        self.head = nn.Linear(16, 3)
        self.dequant = DeQuantStub()

    def forward(self, x):
        x = self.pool(self.relu(self.bn(self.conv(self.quant(x)))))
        x = self.add.add(x, self.branch_relu(self.branch(x)))
        return self.dequant(self.head(self.fc_relu(self.fc(self.flatten(x)))))


NET_FUSED = [["conv", "bn", "relu"], ["branch", "branch_relu"], ["fc", "fc_relu"]]


def randomize(model):
    """Norms that do something."""
    for module in model.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm, nn.GroupNorm)):
            with torch.no_grad():
                module.weight.uniform_(0.5, 1.5)
                module.bias.normal_()


def quantized(model, fused, qconfig, batches):
    model.eval()
    if fused:
        fuse_modules(model, fused, inplace=True)
    model.qconfig = qconfig
    prepare(model, inplace=True)
    with torch.no_grad():
        for batch in batches:
            model(batch)
    convert(model, inplace=True)
    return model


def batches_of(shape):
    """The last one is larger than what was seen before."""
    return [torch.randn(shape), torch.randn(shape) * 0.5, torch.randn(shape) * 2 + 0.3]


def state_of(prefix, model):
    """Scales, zero points and bytes, flat: the layouts of Python's packed weights are its own."""
    found = {}
    for name, module in model.named_modules():
        if hasattr(module, "scale"):
            found[f"{prefix}.{name}.scale"] = torch.as_tensor(module.scale, dtype=torch.float64)
            found[f"{prefix}.{name}.zero_point"] = torch.as_tensor(module.zero_point, dtype=torch.int64)
        weight = module.weight() if callable(getattr(module, "weight", None)) else None
        if weight is not None:
            found[f"{prefix}.{name}.weight"] = weight.int_repr()
    return found


def observers():
    tensors = {}
    seen = [torch.randn(3, 4, 5), torch.randn(3, 4, 5) * 3, torch.randn(3, 4, 5) - 1]
    seen[2][0, 0, 0] = 40.0
    for i, tensor in enumerate(seen):
        tensors[f"seen.{i}"] = tensor
    for name, make in OBSERVERS.items():
        observer = make()
        for tensor in seen:
            observer(tensor)
        scale, zero_point = observer.calculate_qparams()
        tensors[f"observer.{name}.scale"] = scale
        tensors[f"observer.{name}.zero_point"] = zero_point
        tensors |= {f"observer.{name}.state.{key}": value.clone() for key, value in observer.state_dict().items()}
    return tensors


def write(folder):
    warnings.simplefilter("ignore")
    torch.manual_seed(31)
    tensors, text = observers(), {}
    for name, (make, fused, shape, qconfig) in LAYERS.items():
        model = QuantWrapper(nn.Sequential(*make()))
        randomize(model)
        batches = batches_of(shape)
        tensors |= {f"layer.{name}.batch.{i}": batch for i, batch in enumerate(batches)}
        tensors |= {f"layer.{name}.float.{key}": value.clone() for key, value in model.state_dict().items()}
        paths = [["module." + part for part in group] for group in fused] if fused else None
        engine = torch.backends.quantized.engine
        # oneDNN, which x86 takes where the processor has VNNI, returns something else for these.
        torch.backends.quantized.engine = "fbgemm" if name.startswith("conv_transpose") else engine
        model = quantized(model, paths, qconfig, batches)
        with torch.no_grad():
            tensors[f"layer.{name}.y"] = model(batches[0])
        torch.backends.quantized.engine = engine
        tensors |= state_of(f"layer.{name}.state", model)
        text[name] = repr(model.module)
    x = batches_of((4, 4))
    tensors |= {f"functions.batch.{i}": batch for i, batch in enumerate(x)}
    functions = quantized(Functions(), None, X86, x)
    tensors["functions.y"] = functions(x[0])
    tensors |= state_of("functions.state", functions)
    x = batches_of((4, 1, 8, 8))
    tensors |= {f"net.batch.{i}": batch for i, batch in enumerate(x)}
    net = Net()
    randomize(net)
    state = {key: value.clone() for key, value in net.state_dict().items()}
    tensors |= {f"net.float.{key}": value for key, value in state.items()}
    engine = torch.backends.quantized.engine
    for name in ["x86", "fbgemm", "onednn", "qnnpack"]:
        torch.backends.quantized.engine = name
        net = Net()
        net.load_state_dict(state)
        net = quantized(net, NET_FUSED, get_default_qconfig(name), x)
        with torch.no_grad():
            tensors[f"net.{name}.y"] = net(x[0])
        if name == "x86":
            tensors |= state_of("net.x86.state", net)
            torch.save(net.state_dict(), folder / "static_quantization.pt")
    torch.backends.quantized.engine = engine
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "static_quantization.safetensors")
    with open(folder / "static_quantization.json", "w") as file:
        json.dump({"names": sorted(quantization.__all__), "repr": text}, file, indent=1)
        file.write("\n")
