"""What torch.utils.tensorboard.SummaryWriter writes for given calls, to be replayed from Java: `make_fixtures.py tensorboard`.

The records are those of the file, base64 of the serialised events, with wall times fixed. Pictures are left out: they are compared
by their pixels, not by the bytes that one PNG encoder makes of them.
"""
import base64
import tempfile
from pathlib import Path

import torch

import training

WALL_TIME = 1_700_000_000.25


def records(path):
    data = path.read_bytes()
    found, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at:at + 8], "little")
        found.append(data[at:at + length + 16])
        at += length + 16
    return found


def write(folder):
    from tensorboard.backend.event_processing import event_file_loader
    from torch.utils.tensorboard import SummaryWriter, summary

    # Exact in binary, so that the order of summation does not matter.
    values = torch.arange(-24, 40).div(8)
    with tempfile.TemporaryDirectory() as logs:
        with SummaryWriter(logs) as writer:
            writer.add_scalar("loss", 0.693, 0, walltime=WALL_TIME)
            writer.add_scalar("loss", 0.0, 1, walltime=WALL_TIME)
            writer.add_scalar("loss", float("nan"), 2, walltime=WALL_TIME)
            writer.add_scalar("no step", 2.5, walltime=WALL_TIME)
            writer.add_histogram("weight", values, 3, walltime=WALL_TIME)
            writer.add_histogram("positive", values[30:].float(), 3, walltime=WALL_TIME)
            writer.add_histogram("counts", torch.tensor([0, 1, 1, 7]), 4, walltime=WALL_TIME)
            writer.add_text("note", "# Überschrift", 5, walltime=WALL_TIME)
            # One of each, since the order of a map's entries is not defined.
            for part in summary.hparams({"lr": 0.001}, {"accuracy": 0.75}):
                writer.file_writer.add_summary(part, walltime=WALL_TIME)
            for part in summary.hparams({"cell": "LSTM"}, {"f1": 0.5}):
                writer.file_writer.add_summary(part, walltime=WALL_TIME)
        path = next(Path(logs).iterdir())
        all_records = records(path)
        # TensorBoard itself reads them.
        assert len(list(event_file_loader.EventFileLoader(str(path)).Load())) == len(all_records)
    result = {"wallTime": WALL_TIME, "records": [base64.b64encode(record).decode() for record in all_records]}
    training.write_json(folder / "tensorboard.json", result)
