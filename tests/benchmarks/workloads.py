"""What is measured: workloads, who takes part in each, and the targets in ratios to C++."""

from dataclasses import dataclass

PANTORCH, CPP, CPP_RAISED = "Pantorch", "C++", "C++ raised"
PYTHON, PYTHON_RAISED = "Python", "Python raised"
DJL, JAVACPP, JAVACPP_UNWATCHED = "DJL", "JavaCPP", "JavaCPP unwatched"
PANTORCH_AOT = "Pantorch, AOT cache"
PANTORCH_VIRTUAL = "Pantorch, virtual threads"
PANTORCH_PREPACKED = "Pantorch, prepacked"

ALL = (PANTORCH, CPP, CPP_RAISED, PYTHON, PYTHON_RAISED, DJL, JAVACPP, JAVACPP_UNWATCHED)
# glibc's thresholds make no difference to blocks of a few bytes.
TINY = (PANTORCH, CPP, PYTHON, DJL, JAVACPP, JAVACPP_UNWATCHED)
WITHOUT_DJL = (PANTORCH, CPP, PYTHON, JAVACPP, JAVACPP_UNWATCHED)
SAME_LIBTORCH = (PANTORCH, CPP, PYTHON)
STARTERS = (PANTORCH, PANTORCH_AOT, CPP, PYTHON, DJL, JAVACPP)


@dataclass(frozen=True)
class Workload:
    """One row of a table."""

    name: str
    title: str
    kind: str  # rounds, residence, start or serve
    entrants: tuple[str, ...] = ALL
    target: str = ""
    turns: int = 2
    threads: int = 1
    rounds: int = 4
    length: float = 0.2
    jvm_warm_up: float = 1.6
    warm_up: float = 0.4
    count: int = 0  # residence: how many
    compared_with: str = ""  # the workload whose C++ is the base, where C++ does not take part


WORKLOADS = (
    Workload("add-closed", "one-element add, closed at once", "rounds", TINY, "1.05"),
    Workload("add-scoped", "one-element add, in scopes of 50", "rounds", TINY, "1.10"),
    Workload("add-dropped", "one-element add, never closed", "rounds", WITHOUT_DJL, "1.25"),
    Workload("add-grad-closed", "the same with gradients, closed at once", "rounds", TINY, "1.05", turns=4),
    Workload("add-grad-scoped", "the same with gradients, in scopes of 50", "rounds", TINY, "1.20"),
    Workload("affine", "sigmoid(x @ W + b), 32x64 by 64x64", "rounds", TINY, "1.00"),
    Workload("train-small", "training step, LSTM(5, 64, 2), batch 32, 10 steps", "rounds", target="0.70", jvm_warm_up=5),
    Workload(
        "train-small-fused",
        "the same with `fused(true)`",
        "rounds",
        (PANTORCH, PYTHON),
        jvm_warm_up=5,
        compared_with="train-small",
    ),
    Workload(
        "train-large",
        "training step, LSTM(64, 256, 2), batch 64, 50 steps, 2 threads",
        "rounds",
        target="0.75",
        threads=2,
        rounds=3,
        length=1.0,
        jvm_warm_up=3,
        warm_up=1,
    ),
    Workload(
        "train-large-fused",
        "the same with `fused(true)`",
        "rounds",
        (PANTORCH, PYTHON),
        threads=2,
        rounds=3,
        length=1.0,
        jvm_warm_up=3,
        warm_up=1,
        compared_with="train-large",
    ),
    Workload("infer-1", "inference of the small model, batch 1", "rounds", target="0.90"),
    Workload(
        "infer-1-prepacked",
        "the same with `prepack()`",
        "rounds",
        (PANTORCH,),
        "0.90",
        compared_with="infer-1",
    ),
    Workload("infer-32", "inference of the small model, batch 32", "rounds", target="0.95"),
    Workload(
        "infer-32-prepacked",
        "the same with `prepack()`",
        "rounds",
        (PANTORCH,),
        "0.95",
        compared_with="infer-32",
    ),
    Workload("copy", "1000x1000 floats in and out, copied to new arrays", "rounds", target="1.00"),
    Workload("copy-into", "the same, out into one array", "rounds", (PANTORCH, CPP, PYTHON, JAVACPP_UNWATCHED), "1.00"),
    Workload("view", "1000x1000 floats in and out, shared", "rounds", SAME_LIBTORCH, "no cost a byte"),
    Workload("naive-tensors", "1,000,000 tiny tensors", "residence", TINY, "1.3, 32 MB", turns=1, count=1_000_000),
    Workload("naive-training", "3,000 training steps", "residence", TINY, "flat", turns=1, count=3000),
    Workload("start", "process start to first tensor", "start", STARTERS, "2.0; AOT cache 1.6", turns=9),
    Workload("forward", "process start to first forward of an LSTM", "start", STARTERS, turns=5),
    Workload("answer", "process start to the answer of a model file", "start", STARTERS, turns=5),
    *(
        Workload(
            f"serve-{threads}",
            f"one model, {threads} thread{'s' if threads > 1 else ''}",
            "serve",
            (PANTORCH, PANTORCH_VIRTUAL, PANTORCH_PREPACKED, CPP, PYTHON, DJL, JAVACPP_UNWATCHED),
            turns=2,
            rounds=3,
            length=0.5,
            # Threads that never rest leave the JVM's compilers little time.
            jvm_warm_up=5,
            count=threads,
        )
        for threads in (1, 2, 4)
    ),
)
