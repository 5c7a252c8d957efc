"""Random fixtures: what one seed draws, with the default generator and with generators of one's own.

Sizes of 15, 16 and more matter: normal_ takes a vectorised path from 16 elements on, and an odd rest is drawn again.
"""

import torch

import store
import training

SEED = 1234


def draws(generator):
    """Drawn one after another from one generator, without seeding in between."""
    g = {"generator": generator}
    yield "rand", [3, 5], torch.rand(3, 5, **g)
    yield "rand", [17], torch.rand(17, dtype=torch.float64, **g)
    yield "randn", [15], torch.randn(15, **g)
    yield "randn", [16], torch.randn(16, **g)
    yield "randn", [37], torch.randn(37, **g)
    yield "randn", [3], torch.randn(3, dtype=torch.float64, **g)
    yield "randn", [33], torch.randn(33, dtype=torch.float64, **g)
    yield "randn", [20], torch.randn(20, dtype=torch.complex64, **g)
    yield "randn", [20], torch.randn(20, dtype=torch.bfloat16, **g)
    yield "randint", [0, 10, 9], torch.randint(0, 10, (9,), **g)
    yield "randint", [-5, 1 << 40, 9], torch.randint(-5, 1 << 40, (9,), **g)
    yield "randperm", [10], torch.randperm(10, **g)
    yield "randperm", [1], torch.randperm(1, **g)
    yield "bernoulli_", [0.3, 20], torch.empty(20).bernoulli_(0.3, **g)
    yield "bernoulli", [20], torch.bernoulli(torch.full((20,), 0.7), **g)
    yield "normal", [2.0, 0.5, 18], torch.normal(2.0, 0.5, (18,), **g)
    yield "uniform_", [-1.0, 1.0, 9], torch.empty(9).uniform_(-1.0, 1.0, **g)
    yield "exponential_", [1.5, 9], torch.empty(9).exponential_(1.5, **g)
    yield "geometric_", [0.4, 9], torch.empty(9).geometric_(0.4, **g)
    yield "cauchy_", [0.0, 1.0, 9], torch.empty(9).cauchy_(0.0, 1.0, **g)
    yield "log_normal_", [0.0, 1.0, 9], torch.empty(9).log_normal_(0.0, 1.0, **g)
    yield "random_", [9], torch.empty(9, dtype=torch.int64).random_(**g)
    yield "multinomial", [5, True], torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 5, True, **g)
    yield "multinomial", [2, False], torch.multinomial(torch.tensor([0.1, 0.2, 0.7]), 2, False, **g)
    yield "poisson", [9], torch.poisson(torch.full((9,), 3.0), **g)
    yield "randn", [1], torch.randn(1, **g)


def write(folder):
    tensors, cases = {}, []
    for source in ("default", "generator"):
        generator = torch.manual_seed(SEED) if source == "default" else torch.Generator().manual_seed(SEED)
        for i, (name, arguments, tensor) in enumerate(draws(generator)):
            key = f"{source}.{i}"
            tensors[key] = torch.view_as_real(tensor) if tensor.is_complex() else tensor
            cases.append(
                {
                    "tensor": key,
                    "source": source,
                    "draw": name,
                    "args": arguments,
                    "dtype": store.dtype_name(tensor.dtype),
                }
            )
    torch.manual_seed(SEED)
    tensors["dropout"] = torch.nn.functional.dropout(torch.ones(50), 0.3)
    state = torch.Generator().manual_seed(SEED)
    torch.randn(7, generator=state)
    tensors["state.after7"] = state.get_state()
    tensors["state.next"] = torch.rand(5, generator=state)
    seeds = {}
    for seed in (0, 1, -1, 2**31, 2**63 - 1):
        key = f"seed.{seed}"
        tensors[key] = torch.rand(4, generator=torch.Generator().manual_seed(seed))
        seeds[key] = seed
    training.write_json(folder / "random.json", {"seed": SEED, "cases": cases, "seeds": seeds})
    training.write_tensors(folder / "random.safetensors", tensors)
