"""Recurrent fixtures: RNN, GRU and the cells with all their options, every layer over packed sequences, and the functions
of torch.nn.utils.rnn.

Each module case as in layers.py: a seed, the module, its inputs, a seed, forward, and a fixed gradient back.
"""

import itertools

import torch
from torch import nn
from torch.nn.utils import rnn

import layers
import op_samples
import store
import training


class Cases(layers.Cases):
    def add(self, name, options, inputs, state=(), packing=None, train=True):
        """``packing`` holds lengths, batch_first and enforce_sorted; without it the input goes in as it is."""
        prefix = f"module.{len(self.cases)}"
        torch.manual_seed(layers.BUILD_SEED)
        module = getattr(nn, name)(5, 4, **options)
        module.train(train)
        if not packing:  # the same weights as without packing
            for key, value in module.state_dict().items():
                self.put(f"{prefix}.initial.{key}", value)
        given = inputs.clone().requires_grad_()
        state = [t.clone().requires_grad_() for t in state]
        self.put(f"{prefix}.input.0", given)
        for i, t in enumerate(state):
            self.put(f"{prefix}.input.{i + 1}", t)
        torch.manual_seed(layers.RUN_SEED)
        argument = rnn.pack_padded_sequence(given, **packing) if packing else given
        hx = [tuple(state) if name.startswith("LSTM") else state[0]] if state else []
        result = module(argument, *hx)
        outputs = op_samples.leaves(list(result) if packing is None and isinstance(result, tuple) else flat(result))
        for i, o in enumerate(outputs):
            self.put(f"{prefix}.output.{i}", o)
        self.differentiate(prefix, module, outputs, [given, *state])
        self.cases.append(
            {
                "prefix": prefix,
                "module": name,
                "options": {k: store.dtype_name(v) if isinstance(v, torch.dtype) else v for k, v in options.items()},
                "train": train,
                "packing": packing,
                "states": len(state),
                "outputs": len(outputs),
                "stateDictKeys": list(module.state_dict()),
                "repr": repr(module),
            }
        )


def flat(result):
    """Of a packed result its data, and the states after it."""
    if isinstance(result, torch.Tensor):
        return [result]
    output, state = result
    return [output.data, *(state if isinstance(state, tuple) else [state])]


def states(name, layers_of_states, *batch, hidden=4, projection=0):
    sizes = [projection or hidden, hidden] if name.startswith("LSTM") else [hidden]
    return [layers.values(*layers_of_states, *batch, size, seed=4 + i) for i, size in enumerate(sizes)]


def stacked(cases):
    values = layers.values
    kinds = [("RNN", {}), ("RNN", {"nonlinearity": "relu"}), ("GRU", {})]
    for name, kind in kinds:
        for bias, both, depth in itertools.product((True, False), (True, False), (1, 2)):
            options = kind | {"num_layers": depth, "bias": bias, "bidirectional": both, "batch_first": depth == 2}
            cases.add(name, options, values(3, 2, 5))
        for batch_first in (True, False):
            options = kind | {"num_layers": 2, "bidirectional": True, "batch_first": batch_first}
            cases.add(name, options, values(*((2, 3, 5) if batch_first else (3, 2, 5))), states(name, (4,), 2))
        cases.add(name, kind | {"num_layers": 3, "dropout": 0.4}, values(3, 2, 5))
        cases.add(name, kind | {"num_layers": 3, "dropout": 0.4}, values(3, 2, 5), train=False)
        cases.add(name, kind, values(3, 5))
        cases.add(name, kind, values(3, 5), states(name, (1,)))
        cases.add(name, kind | {"batch_first": True, "bidirectional": True}, values(3, 5))
        cases.add(name, kind | {"dtype": torch.float64}, values(3, 2, 5).double())


def cells(cases):
    values = layers.values
    for name, kind in (("RNNCell", {}), ("RNNCell", {"nonlinearity": "relu"}), ("GRUCell", {}), ("LSTMCell", {})):
        for bias in (True, False):
            options = kind | {"bias": bias}
            cases.add(name, options, values(3, 5))
            cases.add(name, options, values(3, 5), states(name, (), 3))
            cases.add(name, options, values(5))
            cases.add(name, options, values(5), states(name, ()))
        cases.add(name, kind | {"dtype": torch.float64}, values(3, 5).double())


def packed(cases):
    values = layers.values
    unsorted, ordered = [2, 5, 1, 5], [5, 4, 4, 1]
    for name, kind in (("RNN", {}), ("RNN", {"nonlinearity": "relu"}), ("GRU", {}), ("LSTM", {}), ("LSTM", {"proj_size": 3})):
        projection = kind.get("proj_size", 0)
        for enforce, batch_first, both in ((1, 1, 1), (0, 0, 1), (0, 1, 0), (1, 0, 0)):
            enforce, batch_first, both = bool(enforce), bool(batch_first), bool(both)
            options = kind | {"num_layers": 2, "bidirectional": both, "batch_first": batch_first}
            packing = {"lengths": ordered if enforce else unsorted, "batch_first": batch_first, "enforce_sorted": enforce}
            padded = values(*((4, 5, 5) if batch_first else (5, 4, 5)))
            cases.add(name, options, padded, packing=packing)
            state = states(name, (4 if both else 2,), 4, projection=projection)
            cases.add(name, options, padded, state, packing=packing)
        packing = {"lengths": unsorted, "batch_first": True, "enforce_sorted": False}
        cases.add(name, kind | {"bias": False}, values(4, 6, 5), packing=packing)
        cases.add(name, kind | {"num_layers": 2, "dropout": 0.4}, values(4, 6, 5), packing=packing)


def utilities(cases):
    result = {"pack": [], "pad": [], "sequences": []}
    padded, batch = layers.values(4, 6, 3), [3, 6, 1, 3]
    cases.put("utilities.padded", padded)
    for batch_first, enforce in itertools.product((True, False), repeat=2):
        lengths = [6, 3, 3, 1] if enforce else batch
        given = padded if batch_first else padded.transpose(0, 1).contiguous()
        given = given.clone().requires_grad_()
        sequence = rnn.pack_padded_sequence(given, lengths, batch_first, enforce)
        prefix = f"utilities.pack.{len(result['pack'])}"
        for key in ("data", "batch_sizes", "sorted_indices", "unsorted_indices"):
            if getattr(sequence, key) is not None:
                cases.put(f"{prefix}.{key}", getattr(sequence, key))
        cotangent = op_samples.cotangent(sequence.data, 0)
        cases.put(f"{prefix}.cotangent", cotangent)
        (gradient,) = torch.autograd.grad(sequence.data, given, cotangent, retain_graph=True)
        cases.put(f"{prefix}.gradient", gradient)
        case = {"prefix": prefix, "lengths": lengths, "batchFirst": batch_first, "enforceSorted": enforce, "pad": []}
        for first, value, total in ((False, 0.0, None), (True, -1.5, None), (True, 0.0, 8)):
            output, counts = rnn.pad_packed_sequence(sequence, first, value, total)
            name = f"{prefix}.pad.{len(case['pad'])}"
            cases.put(f"{name}.output", output)
            cases.put(f"{name}.lengths", counts)
            case["pad"].append({"prefix": name, "batchFirst": first, "value": value, "total": total})
        for i, t in enumerate(rnn.unpack_sequence(sequence)):
            cases.put(f"{prefix}.unpacked.{i}", t)
        result["pack"].append(case)
    sequences = [layers.values(n, 2, seed=n) for n in batch]
    for i, t in enumerate(sequences):
        cases.put(f"utilities.sequence.{i}", t)
    for batch_first, side in itertools.product((True, False), ("left", "right")):
        name = f"utilities.pad.{len(result['pad'])}"
        cases.put(name, rnn.pad_sequence(sequences, batch_first, 0.5, side))
        result["pad"].append({"tensor": name, "batchFirst": batch_first, "value": 0.5, "side": side})
    cases.put("utilities.packed.data", rnn.pack_sequence(sequences, enforce_sorted=False).data)
    return result


def write(folder):
    cases = Cases()
    stacked(cases)
    cells(cases)
    packed(cases)
    description = {
        "buildSeed": layers.BUILD_SEED,
        "runSeed": layers.RUN_SEED,
        "modules": cases.cases,
        "utilities": utilities(cases),
    }
    training.write_json(folder / "recurrent.json", description)
    training.write_tensors(folder / "recurrent.safetensors", cases.tensors)
