"""Runs the one-element add of every entrant in turn, A B C A B C, and prints medians and ratios to C++.

    python3 tests/benchmarks/run_add.py --java JDK25/bin/java --class-path CP --cpp one_element_add \
        [--python python3-with-torch] [--turns 5]

Each entrant is a process of its own; each process drops its first rounds as warm-up.
"""

import argparse
import statistics
import subprocess
import sys

ROUNDS = 8
WARM_UP = 3
CALLS = 1_000_000


def rounds(command: list[str]) -> list[float]:
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [float(line.split()[1]) for line in text.splitlines() if " " in line][WARM_UP:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--java", required=True)
    parser.add_argument("--class-path", required=True)
    parser.add_argument("--cpp", required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()

    sizes = [str(ROUNDS), str(CALLS)]
    java = [
        options.java,
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        options.class_path,
        "dev.pantorch.benchmarks.OneElementAdd",
    ]
    entrants = {
        "C++": [options.cpp, *sizes],
        "Java, scopes of 50": [*java, "scope", *sizes],
        "Java, closed at once": [*java, "closed", *sizes],
        "Java, never closed": [*java, "unscoped", *sizes],
        "Python": [options.python, __file__.replace("run_add", "one_element_add"), *sizes],
    }
    taken: dict[str, list[float]] = {name: [] for name in entrants}
    for turn in range(options.turns):
        for name, command in entrants.items():
            taken[name].append(statistics.median(rounds(command)))
        print(f"turn {turn + 1} of {options.turns}", file=sys.stderr)

    print(f"{'entrant':24}{'median ns':>10}{'x C++':>8}{'min':>8}{'max':>8}")
    for name, values in taken.items():
        ratios = [value / base for value, base in zip(values, taken["C++"])]
        print(
            f"{name:24}{statistics.median(values):10.0f}{statistics.median(ratios):8.2f}"
            f"{min(ratios):8.2f}{max(ratios):8.2f}"
        )


if __name__ == "__main__":
    main()
