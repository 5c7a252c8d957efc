"""How each entrant is built and started."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from workloads import (
    CPP,
    CPP_RAISED,
    DJL,
    JAVACPP,
    JAVACPP_UNWATCHED,
    PANTORCH,
    PANTORCH_AOT,
    PANTORCH_PREPACKED,
    PANTORCH_VIRTUAL,
    PYTHON,
    PYTHON_RAISED,
    Workload,
)

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OUT = HERE / "target"
MODEL = OUT / "model.pt"
GIB = 1 << 30
# glibc gives memory back to the system and fetches it again; raised, it keeps up to 1 GiB.
RAISED = {"GLIBC_TUNABLES": f"glibc.malloc.trim_threshold={GIB}:glibc.malloc.mmap_threshold={GIB}"}


def java_home() -> Path:
    """The first JDK of version 25 or newer: JAVA_HOME, on the path, or installed beside it."""
    on_path = shutil.which("java")
    places = [os.environ.get("JAVA_HOME"), on_path and Path(on_path).resolve().parent.parent]
    places += sorted(Path("/usr/lib/jvm").glob("*"))
    for place in places:
        release = Path(place or "/nonexistent") / "release"
        if release.is_file():
            version = re.search(r'JAVA_VERSION="(\d+)', release.read_text(encoding="utf-8"))
            if version and int(version.group(1)) >= 25:
                return release.parent
    sys.exit("no JDK 25 was found; set JAVA_HOME")


def python_with_torch(wanted: str | None) -> str | None:
    """The Python that takes part, or None if it has no torch."""
    python = wanted or os.environ.get("PYTHON") or sys.executable
    found = subprocess.run([python, "-c", "import torch"], capture_output=True, check=False).returncode == 0
    if not found:
        print(f"{python} has no torch, so Python does not take part; name another with --python", file=sys.stderr)
    return python if found else None


def build() -> None:
    """Builds the Java and C++ entrants; the first time fetches the peers."""
    maven = ["mvn", "-q", "-B", "-ntp", "-P", "benchmarks", "-pl", "tests/benchmarks", "-am"]
    subprocess.run([*maven, "-DskipTests", "-Dctest.skip", "package"], cwd=ROOT, check=True)
    cmake = ["cmake", "--build", str(ROOT / "native/target/cmake"), "--target", "benchmark_entrant"]
    subprocess.run(cmake, check=True, stdout=subprocess.DEVNULL)


@dataclass
class Entrants:
    """Command lines for everyone who takes part."""

    python: str | None
    java: Path = field(default_factory=lambda: java_home() / "bin/java")

    def __post_init__(self) -> None:
        self.own = str(next(OUT.glob("pantorch-benchmarks-*.jar")))
        self.pantorch_path = (OUT / "classpath.txt").read_text(encoding="utf-8").strip()
        self.peers_path = (OUT / "peers-classpath.txt").read_text(encoding="utf-8").strip()

    def takes_part(self, name: str) -> bool:
        return self.python is not None or not name.startswith(PYTHON)

    def _jvm(self, workload: Workload, class_path: str, main: str, *options: str) -> list[str]:
        flags = ["--enable-native-access=ALL-UNNAMED", *options]
        if workload.kind == "residence":
            # The heap is resident from the start, so that what grows is native memory.
            flags += ["-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch"]
        return [str(self.java), *flags, "-cp", class_path, f"dev.pantorch.benchmarks.{main}"]

    def _peer(self, workload: Workload, main: str, other: str, *options: str) -> list[str]:
        jars = [jar for jar in self.peers_path.split(os.pathsep) if other not in jar]
        return self._jvm(workload, os.pathsep.join([self.own, *jars]), main, *options)

    def _pantorch(self, workload: Workload, *options: str) -> list[str]:
        class_path = os.pathsep.join([self.own, self.pantorch_path])
        return self._jvm(workload, class_path, "Pantorch", *options)

    def command(self, name: str, workload: Workload) -> list[str]:
        if name in (CPP, CPP_RAISED):
            return [str(ROOT / "native/target/cmake/tests/benchmarks/benchmark_entrant")]
        if name in (PYTHON, PYTHON_RAISED):
            return [str(self.python), str(HERE / "entrant.py")]
        if name == PANTORCH_AOT:
            return self._pantorch(workload, f"-XX:AOTCache={self.aot_cache(workload)}")
        if name in (PANTORCH, PANTORCH_VIRTUAL, PANTORCH_PREPACKED):
            return self._pantorch(workload)
        if name == DJL:
            threads = f"-Dai.djl.pytorch.num_threads={workload.threads}"
            inter = "-Dai.djl.pytorch.num_interop_threads=1"
            return self._peer(workload, "Djl", "/bytedeco/", threads, inter, "-Dai.djl.offline=true")
        assert name in (JAVACPP, JAVACPP_UNWATCHED), name
        unwatched = ["-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"] if name == JAVACPP_UNWATCHED else []
        return self._peer(workload, "JavaCpp", "/ai/djl/", *unwatched)

    @staticmethod
    def environment(name: str, workload: Workload) -> dict[str, str]:
        threads = str(workload.threads)
        fixed = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads, "PYTHONWARNINGS": "ignore"}
        return {**os.environ, **fixed, **(RAISED if name in (CPP_RAISED, PYTHON_RAISED) else {})}

    @staticmethod
    def arguments(name: str, workload: Workload) -> list[str]:
        """What follows the command; the entrants' own sources say what it means."""
        is_jvm = not name.startswith((CPP, PYTHON))
        rounds = [
            str(workload.jvm_warm_up if is_jvm else workload.warm_up),
            str(workload.rounds),
            str(workload.length),
        ]
        if workload.kind == "rounds":
            return [workload.name, *rounds]
        if workload.kind == "residence":
            return [workload.name, str(workload.count)]
        if workload.kind == "serve":
            threads = "virtual" if name == PANTORCH_VIRTUAL else "platform"
            weights = "prepacked" if name == PANTORCH_PREPACKED else "plain"
            return ["serve", *rounds, str(workload.count), threads, weights]
        return [workload.name, str(MODEL)]

    @staticmethod
    def aot_cache(workload: Workload) -> Path:
        return OUT / f"{workload.name}.aot"

    def prepare(self, workload: Workload) -> None:
        """Makes what a workload needs on disk: the model file, the AOT cache of a training run."""
        if workload.name == "answer" and not MODEL.exists():
            if self.python is None:
                sys.exit("the model file is made by Python: name one that has torch with --python")
            make = [str(self.python), str(HERE / "entrant.py"), "make-model", str(MODEL)]
            subprocess.run(make, check=True, env=self.environment(PYTHON, workload), stderr=subprocess.DEVNULL)
        if PANTORCH_AOT in workload.entrants:
            record = self._pantorch(workload, f"-XX:AOTCacheOutput={self.aot_cache(workload)}")
            subprocess.run([*record, *self.arguments(PANTORCH, workload)], check=True, capture_output=True)
