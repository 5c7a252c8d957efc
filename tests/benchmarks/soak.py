"""What dev.pantorch.soak.Soak does, in Python on the same libtorch: one line of name=value pairs.

    python3 soak.py WORKLOAD OPERATORS THREADS
"""

import gc
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import nn

SAMPLES = 200
LEAKY_TURNS = 20
LEAKY_ELEMENTS = 1 << 14


def operators(state: "State", times: int) -> None:
    for _ in range(times):
        torch.tanh(state.x.matmul(state.weight).add(state.bias)).sum()


class State:
    def __init__(self) -> None:
        self.x = torch.randn(16, 16)
        self.weight = torch.randn(16, 16)
        self.bias = torch.randn(16)
        self.kept: dict[str, list[torch.Tensor]] = {}
        self.turns = 0
        self.pool = ThreadPoolExecutor(16)
        self.training: Training | None = None


class Training:
    def __init__(self) -> None:
        self.lstm = nn.LSTM(64, 256, num_layers=2, batch_first=True)
        self.fc = nn.Linear(256, 1)
        self.parameters = [*self.lstm.parameters(), *self.fc.parameters()]
        self.optimizer = torch.optim.Adam(self.parameters, 1e-3)
        self.criterion = nn.BCEWithLogitsLoss()
        self.x = torch.randn(64, 50, 64)
        self.y = torch.randint(0, 2, (64,)).float()

    def step(self) -> None:
        self.optimizer.zero_grad()
        output = self.fc(self.lstm(self.x)[0][:, -1]).squeeze()
        self.criterion(output, self.y).backward()
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()


def one_by_one(state: State) -> None:
    operators(state, 25)


def threads(state: State) -> None:
    for each in [state.pool.submit(operators, state, 25) for _ in range(16)]:
        each.result()


def leaky(state: State) -> None:
    kept = [state.x.matmul(state.weight) for _ in range(24)]
    kept.append(torch.zeros(LEAKY_ELEMENTS))
    for i in range(75):
        kept.append(torch.tanh(kept[i]))
    state.kept[f"turn {state.turns % LEAKY_TURNS}"] = kept
    state.turns += 1
    if state.turns % (7 * LEAKY_TURNS) == 0:
        state.kept.clear()


def train(state: State) -> None:
    if state.training is None:
        state.training = Training()
    state.training.step()


WORKLOADS = {
    "scope": (one_by_one, 100),
    "naive": (one_by_one, 100),
    "virtual": (threads, 1600),
    "leaky": (leaky, 100),
    "train": (train, 1),
    "train-naive": (train, 1),
}


def resident_mb() -> float:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS:"))


def main() -> None:
    turn, size = WORKLOADS[sys.argv[1]]
    wanted = int(sys.argv[2])
    torch.set_num_threads(int(sys.argv[3]))
    state = State()
    warm = most = 0.0
    done = sampled = 0
    start = time.perf_counter()
    while done < wanted:
        turn(state)
        done += size
        progress = done / wanted
        if progress * SAMPLES > sampled:
            sampled = int(progress * SAMPLES) + 1
            if progress < 0.2:
                warm = max(warm, resident_mb())
            else:
                most = max(most, resident_mb())
    seconds = time.perf_counter() - start
    state.kept.clear()
    gc.collect()
    print(
        f"python workload={sys.argv[1]} operators={done} seconds={seconds:.1f}"
        f" per_second={done / seconds:.1f} warm_mb={warm:.1f} most_mb={most:.1f}"
        f" last_mb={resident_mb():.1f}"
    )


if __name__ == "__main__":
    main()
