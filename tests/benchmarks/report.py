"""The tables of docs/performance.md."""

import os
import re
import statistics
import subprocess
from pathlib import Path

from workloads import CPP, CPP_RAISED, DJL, JAVACPP, JAVACPP_UNWATCHED, PANTORCH, PANTORCH_AOT, PANTORCH_PREPACKED
from workloads import PANTORCH_VIRTUAL, PYTHON, PYTHON_RAISED, WORKLOADS, Workload

BEGIN = "<!-- tests/benchmarks/run writes from here -->"
END = "<!-- to here -->"
NONE = "–"


def machine(entrants) -> str:
    """The machine and the versions, for the line above the tables."""
    cpu = "unknown CPU"
    if Path("/proc/cpuinfo").exists():
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
        cpu = found.group(1).strip() if found else cpu
    done = subprocess.run([str(entrants.java), "-version"], capture_output=True, text=True, check=False)
    java = re.search(r'version "([^"]+)"', done.stderr)
    load = os.getloadavg()[0]
    return f"{cpu}, {os.cpu_count()} cores, load average {load:.1f} at the start, JDK {java.group(1) if java else '?'}"


def values(results: dict, workload: str, entrant: str, key: str) -> list[float]:
    turns = results["turns"].get(workload, {}).get(entrant, [])
    return [turn[key] for turn in turns if turn and key in turn]


def median(results: dict, workload: str, entrant: str, key: str = "ns") -> float | None:
    found = values(results, workload, entrant, key)
    return statistics.median(found) if found else None


def ratio(results: dict, workload: Workload, entrant: str, key: str = "ns") -> str:
    own = median(results, workload.name, entrant, key)
    base = median(results, workload.compared_with or workload.name, CPP, key)
    return f"{own / base:.2f}" if own and base else NONE


def span(results: dict, workload: Workload, entrant: str) -> str:
    """The smallest and the largest ratio of a turn."""
    own = values(results, workload.name, entrant, "ns")
    base = values(results, workload.compared_with or workload.name, CPP, "ns")
    ratios = [a / b for a, b in zip(own, base)]
    return f" ({min(ratios):.2f}–{max(ratios):.2f})" if len(ratios) > 1 else ""


def duration(nanoseconds: float | None) -> str:
    if nanoseconds is None:
        return NONE
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return f"{nanoseconds:.0f} ns"


def row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def head(*cells: str) -> list[str]:
    return [row(*cells), "|" + "---|" * len(cells)]


def of_kind(results: dict, kind: str) -> list[Workload]:
    return [w for w in WORKLOADS if w.kind == kind and results["turns"].get(w.name)]


def speed(results: dict) -> list[str]:
    peers = (CPP_RAISED, PYTHON, PYTHON_RAISED, DJL, JAVACPP, JAVACPP_UNWATCHED)
    lines = head("x C++", "**Pantorch**", "target", "C++ takes", *peers)
    for w in of_kind(results, "rounds"):
        own = f"**{ratio(results, w, PANTORCH)}**{span(results, w, PANTORCH)}"
        base = duration(median(results, w.compared_with or w.name, CPP))
        lines.append(row(w.title, own, w.target, base, *(ratio(results, w, peer) for peer in peers)))
    return lines


def memory(results: dict) -> list[str]:
    everyone = (PANTORCH, CPP, PYTHON, DJL, JAVACPP, JAVACPP_UNWATCHED)
    lines = head("x C++, growth of resident memory", "target", *everyone)
    for w in of_kind(results, "residence"):
        cells = []
        for name in everyone:
            growth = median(results, w.name, name, "growth")
            cells.append(NONE if growth is None else f"{ratio(results, w, name)}, {growth:.0f} MiB")
        lines.append(row(w.title, w.target, *cells))
    return lines


def starts(results: dict) -> list[str]:
    everyone = (PANTORCH, PANTORCH_AOT, CPP, PYTHON, DJL, JAVACPP)
    lines = head("seconds (x C++)", "target", *everyone)
    for w in of_kind(results, "start"):
        cells = []
        for name in everyone:
            seconds = median(results, w.name, name, "seconds")
            cells.append(NONE if seconds is None else f"{seconds:.2f} ({ratio(results, w, name, 'seconds')})")
        lines.append(row(w.title, w.target or NONE, *cells))
    return lines


def throughput(results: dict) -> list[str]:
    everyone = (PANTORCH, PANTORCH_VIRTUAL, PANTORCH_PREPACKED, CPP, PYTHON, DJL, JAVACPP_UNWATCHED)
    lines = head("answers a second", *everyone)
    for w in of_kind(results, "serve"):
        cells = []
        for name in everyone:
            taken = median(results, w.name, name)
            cells.append(NONE if taken is None else f"{1e9 / taken:,.0f}")
        lines.append(row(w.title, *cells))
    return lines


def tables(results: dict) -> str:
    parts = [f"Measured on: {results['machine']}; commit {results['commit']}."]
    for title, kind, table in (
        ("Speed", "rounds", speed),
        ("Naive code, without scopes", "residence", memory),
        ("Start", "start", starts),
        ("Serving", "serve", throughput),
    ):
        if of_kind(results, kind):
            parts += [f"### {title}", "\n".join(table(results))]
    return "\n\n".join(parts)


SUMMARY = ("add-scoped", "train-small", "train-large", "infer-1", "infer-1-prepacked", "naive-tensors", "start")


def summary(results: dict) -> str | None:
    """The short table of the README; None before all of its rows have been measured."""
    everyone = (PANTORCH, CPP, PYTHON, DJL, JAVACPP)
    lines = head("time beside C++", *everyone)
    for w in (w for w in WORKLOADS if w.name in SUMMARY):
        key = "seconds" if w.kind == "start" else "ns"
        base = median(results, w.compared_with or w.name, CPP, key)
        if base is None or median(results, w.name, PANTORCH, key) is None:
            return None
        takes = f"{base:.2f} s" if w.kind == "start" else duration(base)
        cells = [f"1 ({takes})" if name == CPP else ratio(results, w, name, key) for name in everyone]
        if w.kind == "residence":
            growths = [median(results, w.name, name, "growth") for name in everyone]
            cells = [f"{c}, {g:+.0f} MiB" if g is not None else c for c, g in zip(cells, growths)]
        lines.append(row(w.title, *cells))
    return "\n".join(lines)


def write(page: Path, text: str) -> None:
    """Replaces what is between the two marks."""
    old = page.read_text(encoding="utf-8")
    before, rest = old.split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
