"""One-element add in Python on the same libtorch: nanoseconds a call, one line a round."""

import sys
import time

import torch


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    calls = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    torch.set_num_threads(1)
    a = torch.ones(1)
    b = torch.ones(1)
    for _ in range(rounds):
        start = time.perf_counter_ns()
        for _ in range(calls):
            c = torch.add(a, b)  # noqa: F841
        print(f"python {(time.perf_counter_ns() - start) / calls:.1f}")


if __name__ == "__main__":
    main()
