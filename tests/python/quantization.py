"""What torch.ao.quantization.quantize_dynamic makes of layers: their quantized weights, their text and what they compute."""

import json
import warnings

import torch
from safetensors.torch import save_file
from torch import nn
from torch.ao.quantization import quantize_dynamic
from torch.nn.utils.rnn import pack_padded_sequence

from testing_imports import provide_expecttest

DTYPES = {"qint8": torch.qint8, "float16": torch.float16}
LENGTHS = [3, 6, 4]


class Model(nn.Module):
    """One of each, under names that say what it is fed."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(5, 3)
        self.plain = nn.Linear(5, 3, bias=False)
        self.lstm = nn.LSTM(5, 4, 2, batch_first=True)
        self.lstm_both = nn.LSTM(5, 4, bidirectional=True)
        self.gru = nn.GRU(5, 4, 2, batch_first=True)
        self.rnn = nn.RNN(5, 4, batch_first=True)
        self.lstm_cell = nn.LSTMCell(5, 4)
        self.gru_cell = nn.GRUCell(5, 4)
        self.tanh_cell = nn.RNNCell(5, 4)
        self.relu_cell = nn.RNNCell(5, 4, nonlinearity="relu")


class Rows(nn.Module):
    """Embeddings."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(7, 6)
        self.bag = nn.EmbeddingBag(7, 6, mode="sum")
        self.last = nn.EmbeddingBag(7, 6, mode="sum", include_last_offset=True)


def rows(model, given):
    indices, line = given["indices"], given["indices"].reshape(-1)
    return {
        "embedding": model.embedding(indices),
        "bag": model.bag(indices),
        "bag_weighted": model.bag(line, given["offsets"], given["sample_weights"]),
        "last": model.last(line, given["ends"]),
    }


def embeddings():
    tensors, text = {}, {}
    torch.manual_seed(22)
    model = Rows()
    with torch.no_grad():
        model.embedding.weight[3] = 0.5  # all elements are equal, so that the range is empty
    tensors |= {"state." + name: value.clone() for name, value in model.state_dict().items()}
    given = {"indices": torch.randint(0, 7, (4, 3)), "offsets": torch.tensor([0, 2, 2, 7]), "ends": torch.tensor([0, 2, 2, 7, 12])}
    given["sample_weights"] = torch.rand(12)
    tensors |= {"given." + name: value for name, value in given.items()}
    for name, dtype in {"quint8": torch.quint8, "quint4x2": torch.quint4x2}.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quantized = quantize_dynamic(model, dtype=dtype)
        text[name] = repr(quantized)
        for key, output in rows(quantized, given).items():
            tensors[f"{name}.{key}.0"] = output.detach()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Python's module for half bytes calls the operator for bytes, which refuses them.
        packed = quantize_dynamic(model, {nn.Embedding}, dtype=torch.quint4x2).embedding._packed_params._packed_weight
    tensors["quint4x2.embedding.0"] = torch.ops.quantized.embedding_4bit(packed, given["indices"])
    return tensors, text


def weight_only():
    """Linear layers by the functions that PyTorch's own tests of the operators quantize weights with."""
    provide_expecttest()
    from torch.testing._internal.common_quantization import _dynamically_quantize_per_channel, _group_quantize_tensor

    tensors = {}
    torch.manual_seed(23)
    linear = nn.Linear(64, 32)
    x = torch.randn(3, 64)
    tensors |= {"only.weight": linear.weight.detach(), "only.bias": linear.bias.detach(), "only.x": x}
    for name, dtype in {"float32": torch.float32, "bfloat16": torch.bfloat16}.items():
        weight, bias, given = linear.weight.detach().to(dtype), linear.bias.detach().to(dtype), x.to(dtype)
        numbers, scales, _ = _dynamically_quantize_per_channel(weight, -128, 127, torch.int8)
        tensors[f"only.{name}.8"] = torch.ops.aten._weight_int8pack_mm(given, numbers, scales) + bias
        tensors[f"only.{name}.8.weight"] = numbers
        numbers, scales = _group_quantize_tensor(weight.t(), n_bit=4, q_group_size=32)
        packed = torch.ops.aten._convert_weight_to_int4pack_for_cpu(numbers, 1)
        tensors[f"only.{name}.4"] = torch.ops.aten._weight_int4pack_mm_for_cpu(given, packed, 32, scales) + bias
        tensors[f"only.{name}.4.weight"] = (numbers[:, ::2] | numbers[:, 1::2] << 4).to(torch.uint8)
    return tensors


def flat(output):
    if isinstance(output, torch.Tensor):
        return [output]
    return [tensor for part in output for tensor in flat(part)]


def sequences(model, given):
    x = given["x"]
    packed = pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
    lstm_state, gru_state = (given["h"], given["c"]), given["h"]
    (lstm_packed, lstm_last) = model.lstm(packed, lstm_state)
    (gru_packed, gru_last) = model.gru(packed, gru_state)
    return {
        "lstm": model.lstm(x),
        "lstm_state": model.lstm(x, lstm_state),
        "lstm_packed": [lstm_packed.data, lstm_last],
        "lstm_both": model.lstm_both(x),
        "gru": model.gru(x),
        "gru_state": model.gru(x, gru_state),
        "gru_packed": [gru_packed.data, gru_last],
        "rnn": model.rnn(x),
    }


def cells(model, given):
    step, h, c = given["step"], given["h"][0], given["c"][0]
    return {
        "linear": model.linear(given["x"]),
        "plain": model.plain(given["x"]),
        "lstm_cell": model.lstm_cell(step, (h, c)),
        "gru_cell": model.gru_cell(step, h),
        "tanh_cell": model.tanh_cell(step, h),
        "relu_cell": model.relu_cell(step),
    }


def weights(model):
    """The quantized weights by the names that the float layers have."""
    for name, module in model.named_children():
        if isinstance(module, nn.RNN):
            continue
        found = {"weight": module.weight()} if hasattr(module, "in_features") else module.get_weight()
        for weight_name, weight in found.items():
            yield f"{name}.{weight_name}", weight


def write(folder):
    tensors, text = {}, {}
    torch.manual_seed(21)
    model = Model()
    tensors |= {"state." + name: value.clone() for name, value in model.state_dict().items()}
    given = {"x": torch.randn(3, 6, 5), "step": torch.randn(3, 5), "h": torch.randn(2, 3, 4), "c": torch.randn(2, 3, 4)}
    tensors |= {"given." + name: value for name, value in given.items()}
    for dtype_name, dtype in DTYPES.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quantized = quantize_dynamic(model, dtype=dtype)
        text[dtype_name] = repr(quantized)
        with torch.no_grad():
            outputs = sequences(quantized, given) | cells(quantized, given)
        for name, output in outputs.items():
            for i, tensor in enumerate(flat(output)):
                tensors[f"{dtype_name}.{name}.{i}"] = tensor.clone()
        if dtype == torch.qint8:
            for name, weight in weights(quantized):
                tensors[f"weight.{name}"] = weight.int_repr()
                tensors[f"scale.{name}"] = torch.tensor(weight.q_scale(), dtype=torch.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text["spec"] = repr(quantize_dynamic(model, {nn.LSTM, "linear"}, dtype=torch.qint8))
    found, texts = embeddings()
    tensors |= found | weight_only()
    text |= texts
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "quantization.safetensors")
    with open(folder / "quantization.json", "w") as file:
        json.dump({"engine": torch.backends.quantized.engine, "repr": text}, file, indent=1)
        file.write("\n")
