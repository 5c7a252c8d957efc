"""TorchScript files, scripted and traced, with what they compute, and calls of quantized operators with packed weights."""

import enum
import io
from typing import Dict, List, NamedTuple, Optional, Tuple

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

import training


class LSTMModel(training.LSTMModel):
    def __init__(self):
        super().__init__(5, 4, 2, 1)


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(3, 4, 3, padding=1)
        self.norm = nn.BatchNorm1d(4)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(4, 2)

    def forward(self, x):
        x = torch.relu(self.norm(self.conv(x))).mean(2)
        return self.fc(self.drop(x))


class Point(NamedTuple):
    x: Tensor
    label: str


class Color(enum.Enum):
    RED = 1
    BLUE = 2


@torch.jit.script
class Counter:
    def __init__(self, start: int):
        self.count = start

    def add(self, n: int) -> int:
        self.count += n
        return self.count


class Kinds(nn.Module):
    """A method for each kind of value."""

    limit: int
    names: List[str]
    steps: torch.jit.Final[int]

    def __init__(self):
        super().__init__()
        self.limit = 3
        self.names = ["a", "b"]
        self.steps = 7
        self.color = Color.RED
        self.register_buffer("total", torch.zeros(()))

    def forward(self, x: Tensor, scale: float = 2.0, bias: Optional[Tensor] = None) -> Tensor:
        y = x * scale
        return y if bias is None else y + bias

    @torch.jit.export
    def scalars(self, i: int, f: float, b: bool, s: str) -> Tuple[int, float, bool, str]:
        return i + 1, f * 2, not b, s + "!"

    @torch.jit.export
    def containers(self, xs: List[Tensor], d: Dict[str, int]) -> Tuple[Tensor, Dict[str, int], List[int]]:
        doubled = {k: 2 * v for k, v in d.items()}
        return torch.stack(xs).sum(0), doubled, list(d.values())

    @torch.jit.export
    def pair(self, p: Tuple[int, Tensor]) -> Tuple[Tensor, int]:
        return p[1], p[0]

    @torch.jit.export
    def point(self, p: Point) -> Point:
        return Point(p.x + 1, p.label + "'")

    @torch.jit.export
    def other_color(self, c: Color) -> Color:
        return Color.BLUE if c == Color.RED else Color.RED

    @torch.jit.export
    def maybe(self, n: Optional[int]) -> Optional[int]:
        return None if n is None else n + self.limit

    @torch.jit.export
    def complex_number(self, z: complex) -> complex:
        return z * 1j

    @torch.jit.export
    def place(self, x: Tensor) -> torch.device:
        return x.device

    @torch.jit.export
    def counted(self, start: int) -> Counter:
        return Counter(start)

    @torch.jit.export
    def accumulate(self, x: Tensor) -> Tensor:
        self.total = self.total + x.sum()
        return self.total

    @torch.jit.export
    def later(self, x: Tensor) -> torch.jit.Future[Tensor]:
        return torch.jit.fork(torch.neg, x)

    @torch.jit.export
    def checked(self, n: int) -> int:
        if n > self.limit:
            raise ValueError(f"{n} is more than {self.limit}")
        return n

    @torch.jit.export
    def mistaken(self, x: Tensor) -> Tensor:
        return x.view(7)


def save(module, path, **options):
    """Saves without the records that name files of this machine."""
    buffer = io.BytesIO()
    torch.jit.save(module, buffer, **options)
    buffer.seek(0)
    reader = torch._C.PyTorchFileReader(buffer)
    writer = torch._C.PyTorchFileWriter(str(path))
    for name in reader.get_all_records():
        # The writer makes these two by itself.
        if not name.endswith(".debug_pkl") and name not in ("version", ".data/serialization_id"):
            content = reader.get_record(name)
            writer.write_record(name, content, len(content))
    writer.write_end_of_file()


def write(folder):
    scripts = folder / "scripts"
    scripts.mkdir(exist_ok=True)
    tensors = {}
    torch.manual_seed(11)
    lstm = LSTMModel().eval()
    x = torch.randn(3, 6, 5)
    traced = torch.jit.trace(lstm, x)
    save(traced, scripts / "lstm_traced.pt", _extra_files={"about.txt": "traced in Python"})
    tensors |= {"lstm.x": x, "lstm.y": traced(x).detach(), "lstm.other_x": torch.randn(2, 9, 5)}
    tensors["lstm.other_y"] = traced(tensors["lstm.other_x"]).detach()

    net = ConvNet()
    x = torch.randn(4, 3, 8)
    scripted = torch.jit.script(net)
    save(scripted, scripts / "conv_scripted.pt")
    scripted.eval()
    tensors |= {"conv.x": x, "conv.eval": scripted(x).detach()}
    scripted.train()
    torch.manual_seed(12)
    tensors["conv.train"] = scripted(x).detach()
    tensors["conv.running_mean"] = scripted.norm.running_mean.clone()
    # Three steps of training as Java repeats them.
    scripted = torch.jit.load(scripts / "conv_scripted.pt")
    optimizer = torch.optim.SGD(scripted.parameters(), lr=0.1)
    torch.manual_seed(13)
    for _ in range(3):
        optimizer.zero_grad()
        loss = scripted(x).square().mean()
        loss.backward()
        optimizer.step()
    tensors |= {f"trained.{name}": value.detach().clone() for name, value in scripted.state_dict().items()}

    save(torch.jit.script(Kinds()), scripts / "kinds_scripted.pt")

    torch.manual_seed(14)
    weight = torch.quantize_per_tensor(torch.randn(3, 4), 0.05, 0, torch.qint8)
    bias, x = torch.randn(3), torch.randn(2, 4)
    packed = torch.ops.quantized.linear_prepack(weight, bias)
    tensors |= {
        "quantized.weight": weight.int_repr(),
        "quantized.bias": bias,
        "quantized.x": x,
        "quantized.y": torch.ops.quantized.linear_dynamic(x, packed, True),
    }
    save_file({name: value.contiguous() for name, value in tensors.items()}, folder / "script_modules.safetensors")
