"""Runs workloads for long in Java and in Python, in turns, and prints the table of docs/memory.md.

    python3 tests/benchmarks/run_soak.py --java JDK25/bin/java --class-path CP [--python python3-with-torch]
        [--operators 10000000] [--steps 300] [--turns 2] [--workloads scope naive ...] [--option -Dname=value]

Each run is a process of its own. Java's heap is resident from the start, so that what grows is native. Growth is
the largest over the turns; throughput is the median of the turns' ratios.
"""

import argparse
import re
import statistics
import subprocess
import sys
from pathlib import Path

WORKLOADS = ["scope", "naive", "virtual", "leaky", "train", "train-naive"]
HEAP = ["-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC"]


def figures(command: list[str]) -> dict[str, float]:
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    line = text.strip().splitlines()[-1]
    print(line, file=sys.stderr, flush=True)
    values = {name: float(value) for name, value in re.findall(r"(\w+)=([0-9.]+)", line)}
    values["per_second"] = values["operators"] / values["seconds"]
    return values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--java", required=True)
    parser.add_argument("--class-path", required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--operators", default="10000000")
    parser.add_argument("--steps", default="300", help="steps of training; 30m: for 30 minutes, Java alone")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--threads", default="1", help="of libtorch")
    parser.add_argument("--workloads", nargs="*", default=WORKLOADS)
    parser.add_argument("--option", action="append", default=[], help="for the JVM")
    options = parser.parse_args()

    java = [options.java, "--enable-native-access=ALL-UNNAMED", *HEAP, *options.option]
    java += ["-cp", options.class_path, "dev.pantorch.soak.Soak"]
    python = [options.python, str(Path(__file__).with_name("soak.py"))]
    print("| workload | operators or steps | warm MB | most after | last | handles | a second | x Python |")
    print("|---|---|---|---|---|---|---|---|")
    for workload in options.workloads:
        work = options.steps if workload.startswith("train") else options.operators
        mine, others = [], []
        for _ in range(options.turns):
            mine.append(figures([*java, workload, work, options.threads]))
            if not work.endswith("m"):
                others.append(figures([*python, workload, work, options.threads]))
        worst = max(mine, key=lambda run: run["most_mb"] - run["warm_mb"])
        ratios = [a["per_second"] / b["per_second"] for a, b in zip(mine, others)]
        speed = statistics.median(run["per_second"] for run in mine)
        print(
            f"| {workload} | {worst['operators']:,.0f} | {worst['warm_mb']:.0f} | {worst['most_mb']:.0f}"
            f" | {worst['last_mb']:.0f} | {worst['handles_before']:.0f} before, {worst['handles_after']:.0f} after"
            f" | {f'{speed:,.0f}' if speed > 100 else f'{speed:.2f}'} | {f'{statistics.median(ratios):.2f}' if ratios else ''} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
