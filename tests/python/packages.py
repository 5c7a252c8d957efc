"""Models for dev.pantorch.export.

    python packages.py FOLDER

compiles packages for this machine, which takes a C++ compiler and about a minute, and writes NAME.pt2 with what it computes
to NAME.safetensors: inputs x0, x1, ..., outputs y0, y1, ..., and those of the same model with other weights.

The section `packages` of make_fixtures.py writes what does not depend on the machine: a program of torch.export.save, and
the part of the source in a package that says what the model takes.
"""

import pathlib
import re
import sys
import tempfile
import warnings
import zipfile

import torch
from safetensors.torch import save_file
from torch import nn
from torch.export import Dim, export
from torch.export.pt2_archive._package import package_pt2

import script_modules

COMPILE = torch._inductor.aoti_compile_and_package


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 20)

    def forward(self, x, scale):
        return torch.relu(self.fc(x)) * scale


class LSTMModel(script_modules.LSTMModel):
    def forward(self, x):
        out, _ = self.lstm(x)
        return {"y": self.fc(out[:, -1]), "ends": (out[:, 0], out[:, -1])}


class Nested(nn.Module):
    def forward(self, inputs, pair, *, scale, times=3):
        return {"sum": inputs["x"] + inputs[7], "rest": [pair[0] * scale, (pair[1] + 1, None)], "times": inputs["x"] * times}


class Scores(nn.Module):
    """Sizes that depend on each other, strides that depend on sizes."""

    def forward(self, query, key):
        return (query @ key.transpose(1, 2)).relu()


class Doubled(nn.Module):
    def forward(self, x):
        return x * 2


class Normed(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(30, 20)
        self.norm = nn.BatchNorm1d(20)
        self.register_buffer("mean", torch.randn(30))

    def forward(self, x):
        return self.norm(self.fc(x - self.mean))


class Itself(nn.Module):
    """Outputs that are weights and inputs."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(100))

    def forward(self, x):
        return x + self.weight, self.weight, self.weight.view(10, 10), x


def scaled(dynamic):
    torch.manual_seed(1)
    batch = Dim("batch", min=2, max=64)
    shapes = ({0: batch}, {0: batch}) if dynamic else None
    return export(Scaled().eval(), (torch.randn(4, 3), torch.randn(4, 1)), dynamic_shapes=shapes)


def scores():
    batch, steps = Dim("batch"), Dim("steps", max=100)
    sizes = {0: batch, 1: steps}
    return export(Scores(), (torch.randn(2, 7, 5), torch.randn(2, 7, 5)), dynamic_shapes=(sizes, sizes))


def doubled():
    return export(Doubled(), (torch.randn(8, 3),), dynamic_shapes=({0: 2 * Dim("half", min=2, max=32)},))


def keep(folder, name, inputs, outputs, **others):
    tensors = {f"x{i}": x for i, x in enumerate(inputs)} | {f"y{i}": y for i, y in enumerate(outputs)} | others
    save_file({key: value.detach().clone().contiguous() for key, value in tensors.items()}, folder / f"{name}.safetensors")


def run(path, *inputs):
    return torch._inductor.aoti_load_package(path)(*inputs)


def compile_all(folder):
    for name, program in {"dynamic": scaled(True), "static": scaled(False)}.items():
        path = COMPILE(program, package_path=str(folder / f"{name}.pt2"))
        inputs = torch.randn(4, 3), torch.randn(4, 1)
        keep(folder, name, inputs, [run(path, *inputs)])

    torch.manual_seed(2)
    x = torch.randn(3, 6, 5)
    program = export(LSTMModel().eval(), (x,))
    path = COMPILE(program, package_path=str(folder / "lstm.pt2"), inductor_configs={"aot_inductor.metadata": {"author": "a test"}})
    result = run(path, x)
    keep(folder, "lstm", [x], [result["y"], *result["ends"]])

    arguments = ({"x": torch.ones(2, 3), 7: torch.ones(2, 3)}, [torch.ones(4), torch.ones(1)])
    program = export(Nested(), arguments, {"scale": torch.ones(()), "times": 3})
    COMPILE(program, package_path=str(folder / "nested.pt2"))
    COMPILE(scores(), package_path=str(folder / "scores.pt2"))
    COMPILE(doubled(), package_path=str(folder / "doubled.pt2"))

    torch.manual_seed(3)
    x = torch.randn(5, 30)
    model, other = Normed().eval(), Normed().eval()
    path = COMPILE(export(model, (x,)), package_path=str(folder / "weights.pt2"), inductor_configs={"always_keep_tensor_constants": True})
    keep(folder, "weights", [x], [run(path, x)], other=run_with(path, other, x), **other.state_dict())
    path = COMPILE(export(model, (x,)), package_path=str(folder / "weightless.pt2"), inductor_configs={"aot_inductor.package_constants_in_so": False})
    COMPILE(export(Itself(), (torch.randn(100),)), package_path=str(folder / "itself.pt2"))

    models = {}
    for name, model in {"double": Doubled(), "linear": nn.Linear(2, 2)}.items():
        program = export(model, (torch.ones(2, 2),)).module()
        models[name] = torch._inductor.aot_compile(program, (torch.ones(2, 2),), options={"aot_inductor.package": True})
    package_pt2(str(folder / "two.pt2"), aoti_files=models)


def run_with(path, model, x):
    package = torch._inductor.aoti_load_package(path)
    weights = {name: weight for name, weight in model.state_dict().items() if name in package.get_constant_fqns()}
    package.load_constants(weights, check_full_update=True)
    return package(x)


def write(out):
    """The section of make_fixtures.py."""
    folder = out / "packages"
    folder.mkdir(exist_ok=True)
    program = scaled(True)
    for node in program.graph.nodes:
        node.meta.pop("stack_trace", None)  # it names this machine's folders
    torch.export.save(program, folder / "exported.pt2")
    with tempfile.TemporaryDirectory() as temporary:
        for name, program in {"dynamic": scaled(True), "scores": scores(), "doubled": doubled()}.items():
            path = COMPILE(program, package_path=f"{temporary}/{name}.pt2")
            (folder / f"{name}.wrapper.cpp").write_text(source(path))


def source(path):
    """What the source in a package says, without what is the same in all of them and without the commands that compiled it."""
    with zipfile.ZipFile(path) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".wrapper.cpp")]
        text = archive.read(name).decode()
    begin = text.index("AOTInductorModel::AOTInductorModel(")
    return re.sub(r"\n+$", "\n", text[begin : text.index("// Compile cmd")])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    compile_all(pathlib.Path(sys.argv[1]))
    print("packages are compiled")
