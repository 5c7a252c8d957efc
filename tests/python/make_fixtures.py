"""Makes the parity fixtures with Python PyTorch.

    python make_fixtures.py [--out FOLDER] [SECTION ...]     all sections, or the named ones
    python make_fixtures.py --all FOLDER                     every float32 sample of op_db, for the all-samples profile

Arithmetic on the CPU depends on the instruction set and on the number of threads, so both are pinned here, and the tests
that compare bits check that they run under the same pins (environment.json).
"""

import os
import sys

PINS = {
    # The vectorised kernels of ATen, MKL and oneDNN take the path every x86-64 machine of the last ten years has.
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_CBWR": "COMPATIBLE",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}

# op_db iterates over sets of strings here and there, so the order of its samples hangs on this.
HASH_SEED = {"PYTHONHASHSEED": "0"}

if any(os.environ.get(name) != value for name, value in (PINS | HASH_SEED).items()):
    # All of these are read at start-up: start again with them set.
    os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | PINS | HASH_SEED)

import argparse  # noqa: E402
import importlib  # noqa: E402
import json  # noqa: E402
import pathlib  # noqa: E402
import platform  # noqa: E402
import time  # noqa: E402

import torch  # noqa: E402

from testing_imports import import_inventories  # noqa: E402

VERSION = "2.13.0"


def write_environment(folder):
    with open(folder / "environment.json", "w") as file:
        json.dump(
            {
                "torch": torch.__version__.split("+")[0],
                "machine": platform.machine(),
                "cpuCapability": torch.backends.cpu.get_cpu_capability(),
                "threads": torch.get_num_threads(),
                "variables": PINS,
            },
            file,
            indent=2,
        )
        file.write("\n")


def write_operators(folder):
    import op_fixtures

    op_fixtures.write_committed(import_inventories(), folder)


def section(name):
    def write(folder):
        importlib.import_module(name).write(folder)

    return write


SECTIONS = {
    "operators": write_operators,
    "training": section("training"),
    "schedulers": section("schedulers"),
    "amp": section("amp"),
    "parametrizations": section("parametrizations"),
    "optimizers": section("optimizers"),
    "clipping": section("clipping"),
    "layers": section("layers"),
    "spatial": section("spatial"),
    "modules": section("module_cases"),
    "chunked_loss": section("chunked_loss"),
    "nn": section("nn_lists"),
    "recurrent": section("recurrent"),
    "random": section("random_bits"),
    "printing": section("printing"),
    "indexing": section("indexing"),
    "metrics": section("metrics"),
    "data": section("data_loading"),
    "checkpoints": section("checkpoints"),
    "tensorboard": section("tensorboard_events"),
    "script_modules": section("script_modules"),
    "quantization": section("quantization"),
    "static_quantization": section("static_quantization"),
    "packages": section("packages"),
    "onnx": section("onnx_models"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = pathlib.Path(__file__).resolve().parent
    parser.add_argument("--out", type=pathlib.Path, default=here.parent / "src/test/resources/fixtures")
    parser.add_argument("--all", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    options = parser.parse_args()
    if torch.__version__.split("+")[0] != VERSION:
        sys.exit(f"PyTorch {VERSION} is wanted, found {torch.__version__}")
    torch.set_num_threads(1)
    if options.all:
        import op_fixtures

        options.all.mkdir(parents=True, exist_ok=True)
        write_environment(options.all)
        op_fixtures.write_all_samples(import_inventories(), options.all)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    write_environment(options.out)
    for name in options.sections or SECTIONS:
        start = time.time()
        SECTIONS[name](options.out)
        print(f"{name}: {time.time() - start:.0f} s")


if __name__ == "__main__":
    main()
