"""Writes the operator fixtures: operators.jsonl, operators.safetensors and operators-without-samples.json."""

import json
import pathlib

import torch
from safetensors.torch import save_file

import op_coverage
import op_samples
import op_table
import schemas
import store

OTHER_DTYPES = (torch.complex64, torch.int64, torch.bool, torch.bfloat16)


def committed_samples(inventories, pool):
    """Up to three float32 samples of every op_db entry, one of each other dtype, and one of each in-place variant."""
    covered, samples = set(), []
    op_db, foreach_db, _, _ = inventories
    for op in foreach_db:
        for function, suffix in ((None, ""), (op_samples.inplace(op.inplace_variant), ".inplace")):
            samples += choose_from(op, torch.float32, 4, pool, covered, function, suffix)
    for op in op_db:
        supported = op.supported_dtypes("cpu")
        own = 0
        usual = (torch.float32, *OTHER_DTYPES)
        for dtype in (*usual, *sorted(supported - set(usual), key=str)):
            if dtype not in supported or (own and dtype not in usual):
                continue
            wanted = 3 if own == 0 else 1
            samples += (chosen := choose_from(op, dtype, wanted, pool, covered))
            own += len(chosen)
        for variant, function in variants(op):
            dtype = torch.float32 if torch.float32 in supported else next(iter(sorted(supported, key=str)), None)
            if dtype is not None:
                samples += choose_from(op, dtype, 1, pool, covered, function, variant)
    return samples, covered


def variants(op):
    if op.inplace_variant is not None:
        yield ".inplace", op_samples.inplace(op.inplace_variant)
    for alias in op.aliases:
        yield f".alias.{alias.name}", alias.op
        if alias.inplace_variant is not None:
            yield f".alias.{alias.name}.inplace", op_samples.inplace(alias.inplace_variant)


def choose_from(op, dtype, wanted, pool, covered, function=None, suffix=""):
    try:
        jobs = op_samples.jobs_of(op, dtype, function, suffix)
    except Exception:  # CUDA-only entries cannot even make their samples here
        return []
    return op_samples.choose(jobs, wanted, pool, covered)[0]


def write_all_samples(inventories, folder, shard_bytes=256 << 20):
    """Every float32 sample of op_db, in shards; samples that cannot be recorded are written with the reason."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pool, lines, shard, total, extra, left_out = store.Pool(), [], 0, 0, 0, 0

    def flush():
        nonlocal pool, lines, shard
        write_shard(folder, f"samples-{shard:03d}", pool, lines)
        pool, lines, shard = store.Pool(), [], shard + 1

    for op in inventories[0]:
        if torch.float32 not in op.supported_dtypes("cpu"):
            continue
        for job in op_samples.jobs_of(op, torch.float32):
            sample, reason = op_samples.attempt(job, pool, None)
            if job.entry.endswith(".requires_grad"):
                extra += 1
            else:
                total += 1
            left_out += sample is None
            lines.append(sample or {"id": job.id, "entry": job.entry, "leftOut": reason})
        if len(pool.data) > shard_bytes or len(lines) > 1000:
            flush()
    flush()
    print(f"{total} float32 samples, {extra} more that op_db has for gradients only; {left_out} of them left out")


def write_shard(folder, name, pool, lines):
    with open(folder / f"{name}.jsonl", "w") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
    data = torch.frombuffer(pool.data or bytearray(1), dtype=torch.uint8)
    path = folder / f"{name}.safetensors"
    save_file({"data": data}, path)
    path.chmod(0o644)  # save_file leaves it to the owner only


def write_committed(inventories, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pool = store.Pool()
    samples, covered = committed_samples(inventories, pool)
    wanted = schemas.header_overloads()
    report = {"op_db": len(wanted & covered)}

    def add(source, more):
        nonlocal samples, covered
        before = len(wanted & covered)
        samples = samples + more
        covered = covered | {c["op"] for s in more for c in s["calls"]}
        report[source] = len(wanted & covered) - before

    add("seen", op_coverage.seen_samples(wanted - covered, inventories, pool))
    siblings, reasons = op_coverage.sibling_samples(wanted - covered, samples, pool)
    add("sibling", siblings)
    table, table_reasons = op_coverage.table_samples(wanted - covered, op_table.table(), pool)
    add("table", table)
    programs, program_reasons = op_coverage.program_samples(op_table.programs(), pool)
    add("programs", programs)
    if program_reasons:
        raise AssertionError(program_reasons)
    reasons |= table_reasons
    without = {}
    for name in sorted(wanted - covered):
        without[name] = (
            op_table.REASONS.get(name)
            or op_coverage.reason_of_python(name)
            or reasons.get(name, "").split(". ")[0]
            or "no arguments known"
        )
    write_shard(folder, "operators", pool, samples)
    with open(folder / "operators-without-samples.json", "w") as file:
        json.dump(without, file, indent=0, sort_keys=True)
        file.write("\n")
    public = schemas.public_overloads()
    print(f"{len(samples)} samples, {len(pool.data)} bytes of values")
    print(f"overloads reached {len(wanted & covered)} of {len(wanted)}; public {len(public & covered)} of {len(public)}")
    print("newly reached by source:", report)
