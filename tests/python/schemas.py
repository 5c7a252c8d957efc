"""Operator schemas: what libtorch's headers declare, and typed views of them.

The set of operators is read from the ``ATen/ops/*_ops.h`` headers, the same files the code generator reads, so that "every
operator" means the same here and there.
"""

import functools
import glob
import os
import re
from dataclasses import dataclass

import torch

DTYPES = {
    0: torch.uint8,
    1: torch.int8,
    2: torch.int16,
    3: torch.int32,
    4: torch.int64,
    5: torch.float16,
    6: torch.float32,
    7: torch.float64,
    8: torch.complex32,
    9: torch.complex64,
    10: torch.complex128,
    11: torch.bool,
    12: torch.qint8,
    13: torch.quint8,
    14: torch.qint32,
    15: torch.bfloat16,
}
LAYOUTS = {0: torch.strided, 1: torch.sparse_coo, 2: torch.sparse_csr, 3: torch._mkldnn}
MEMORY_FORMATS = {
    0: torch.contiguous_format,
    1: torch.preserve_format,
    2: torch.channels_last,
    3: torch.channels_last_3d,
}
# Types that neither a fixture nor the generator expresses.
INEXPRESSIBLE = ("Storage", "Stream", "QScheme", "Dimname", "SymBool", "DeviceIndex")


@dataclass(frozen=True)
class Argument:
    name: str
    type: str  # as the schema writes it, without alias marks: "SymInt[2]", "Tensor?", "Tensor?[]"
    kwarg_only: bool
    has_default: bool
    default: object

    @property
    def optional(self):
        return self.type.endswith("?")

    @property
    def base(self):
        """The type without its outer optional mark."""
        return self.type[:-1] if self.optional else self.type

    @property
    def element(self):
        """The element type of a list type, or None."""
        match = re.fullmatch(r"(.*?)\[(\d*)\]", self.base)
        return match.group(1) if match else None

    @property
    def fixed_length(self):
        match = re.fullmatch(r"(.*?)\[(\d+)\]", self.base)
        return int(match.group(2)) if match else None


@dataclass(frozen=True)
class Schema:
    name: str  # "aten::add.Tensor"
    arguments: tuple
    returns: tuple  # types, without names and alias marks


def split_top_level(text):
    """Splits at commas outside brackets."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        if c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    tail = text[start:].strip()
    return parts + [tail] if tail else parts


def without_alias(text):
    return re.sub(r"\((?:\w!?|\w -> \*|\w\|\w|\w! -> [\w|]+)\)", "", text)


def qualified(overload):
    """The name of an OpOverload as C++ spells it: "aten::add.Tensor", "aten::relu"."""
    schema = overload._schema
    return schema.name + ("." + schema.overload_name if schema.overload_name else "")


@functools.cache
def schema_of(overload):
    text = str(overload._schema)
    body = text[text.index("(") + 1 : text.rindex(") -> ")]
    returns = text[text.rindex(") -> ") + 5 :]
    if returns.startswith("(") and returns.endswith(")"):
        returns = returns[1:-1]
    arguments = []
    kwarg_only = False
    specs = overload._schema.arguments
    for part in split_top_level(body):
        if part == "*":
            kwarg_only = True
            continue
        spec = specs[len(arguments)]
        kind = without_alias(part.split("=")[0]).rsplit(" ", 1)[0].strip()
        has_default = spec.has_default_value()
        arguments.append(
            Argument(spec.name, kind, kwarg_only, has_default, spec.default_value if has_default else None)
        )
    return Schema(
        qualified(overload),
        tuple(arguments),
        tuple(without_alias(r).split(" ")[0] for r in split_top_level(returns)),
    )


def find_overload(name):
    """The OpOverload of a C++ name such as "aten::add.Tensor"."""
    namespace, rest = name.split("::")
    packet, _, overload = rest.partition(".")
    return getattr(getattr(getattr(torch.ops, namespace), packet), overload or "default")


@functools.cache
def header_overloads():
    """Every non-out overload with expressible types that the headers declare, by qualified name."""
    found = set()
    folder = os.path.join(os.path.dirname(torch.__file__), "include", "ATen", "ops")
    for path in sorted(glob.glob(os.path.join(folder, "*_ops.h"))):
        with open(path) as file:
            for text in re.findall(r'schema_str = "((?:[^"\\]|\\.)*)";', file.read()):
                name = text[: text.index("(")]
                arguments = text[text.index("(") : text.rindex(") -> ")]
                keywords = arguments.partition(", *, ")[2] or (arguments[4:] if arguments.startswith("(*, ") else "")
                is_out = re.search(r"Tensor\(\w!\)", keywords) is not None
                if is_out or any(re.search(rf"\b{kind}\b", text) for kind in INEXPRESSIBLE):
                    continue
                found.add("aten::" + name)
    return frozenset(found)


def public_overloads():
    return frozenset(n for n in header_overloads() if not n.split("::")[1].startswith("_"))
