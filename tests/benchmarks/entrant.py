"""The workloads in Python; Pantorch.java is the twin that explains them."""

import sys
import threading
import time


def rounds(arguments, body, units=1):
    """Prints nanoseconds a unit of work, one line a round: Rounds.java."""
    warm_up, count, length = float(arguments[0]), int(arguments[1]), float(arguments[2])
    calls = 1
    start = time.perf_counter()
    while time.perf_counter() - start < warm_up:
        before = time.perf_counter()
        body(calls)
        if time.perf_counter() - before < 5e-3:
            calls *= 2
    for _ in range(count):
        done = 0
        start = time.perf_counter()
        while True:
            body(calls)
            done += calls
            taken = time.perf_counter() - start
            if taken >= length:
                break
        print(f"ns {taken * 1e9 / done / units:.1f}")


def resident_kib():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def residence(arguments, body):
    """Nanoseconds a unit and the growth of resident memory: Residence.java."""
    count = int(arguments[0])
    part = count // 100
    body(part)
    warm = most = resident_kib()
    taken = 0.0
    for _ in range(100):
        start = time.perf_counter()
        body(part)
        taken += time.perf_counter() - start
        most = max(most, resident_kib())
    print(f"ns {taken * 1e9 / count:.1f}\ngrowth {(most - warm) / 1024:.1f}")


def throughput(arguments, request):
    """Nanoseconds an answer over all threads: Throughput.java."""
    warm_up, count, length, threads = float(arguments[0]), int(arguments[1]), float(arguments[2]), int(arguments[3])

    def phase(seconds):
        stop = threading.Event()
        answered = [0] * threads

        def work(i):
            while not stop.is_set():
                request()
                answered[i] += 1

        running = [threading.Thread(target=work, args=(i,)) for i in range(threads)]
        start = time.perf_counter()
        for thread in running:
            thread.start()
        time.sleep(seconds)
        stop.set()
        for thread in running:
            thread.join()
        return (time.perf_counter() - start) * 1e9 / sum(answered)

    phase(warm_up)
    for _ in range(count):
        print(f"ns {phase(length):.1f}")


def main(workload, arguments):
    import torch
    from torch import nn

    torch.set_num_threads(2 if workload.startswith("train-large") else 1)

    class LstmModel(nn.Module):
        def __init__(self, input_size, hidden_size):
            super().__init__()
            self.lstm = nn.LSTM(input_size, hidden_size, num_layers=2, batch_first=True)
            self.fc = nn.Linear(hidden_size, 1)

        def forward(self, x):
            out, _ = self.lstm(x)
            return self.fc(out[:, -1, :])

    def add(grad):
        a = torch.ones(1, requires_grad=grad)
        b = torch.ones(1, requires_grad=grad)

        def body(calls):
            for _ in range(calls):
                torch.add(a, b)

        return body

    def affine():
        x, w, b = torch.randn(32, 64), torch.randn(64, 64), torch.randn(64)

        def body(calls):
            for _ in range(calls):
                torch.sigmoid(x @ w + b)

        return body

    def training(input_size, hidden_size, batch, steps, fused=False):
        torch.manual_seed(42)
        model = LstmModel(input_size, hidden_size)
        x = torch.randn(batch, steps, input_size)
        y = torch.randint(0, 2, (batch,)).float()
        criterion = nn.BCEWithLogitsLoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=fused)

        def body(count):
            for _ in range(count):
                optimizer.zero_grad()
                loss = criterion(model(x).squeeze(), y)
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                loss.item()

        return body

    def request(batch):
        model = LstmModel(5, 64).eval()
        x = torch.randn(batch, 10, 5)

        def infer():
            with torch.inference_mode():
                return model(x).numpy().copy()

        return infer

    def repeated(once):
        def body(calls):
            for _ in range(calls):
                once()

        return body

    def copy():
        import numpy

        data = numpy.zeros((1000, 1000), dtype=numpy.float32)
        return lambda: torch.tensor(data).numpy().copy()

    def copy_into():
        import numpy

        data = numpy.zeros((1000, 1000), dtype=numpy.float32)
        out = numpy.zeros((1000, 1000), dtype=numpy.float32)
        return lambda: numpy.copyto(out, torch.tensor(data).numpy())

    def view():
        import numpy

        data = numpy.zeros((1000, 1000), dtype=numpy.float32)

        def once():
            torch.from_numpy(data).numpy()[0, 0] = 1

        return once

    def answer():
        with torch.inference_mode():
            return torch.jit.load(arguments[0])(torch.ones(1, 10, 5)).item()

    if workload == "make-model":
        torch.manual_seed(42)
        torch.jit.trace(LstmModel(5, 64).eval(), torch.ones(1, 10, 5)).save(arguments[0])
    elif workload in ("add-closed", "add-scoped", "add-dropped"):
        rounds(arguments, add(False))
    elif workload in ("add-grad-closed", "add-grad-scoped"):
        rounds(arguments, add(True))
    elif workload == "affine":
        rounds(arguments, affine())
    elif workload.startswith("train-small"):
        rounds(arguments, training(5, 64, 32, 10, workload.endswith("fused")))
    elif workload.startswith("train-large"):
        rounds(arguments, training(64, 256, 64, 50, workload.endswith("fused")))
    elif workload == "infer-1":
        rounds(arguments, repeated(request(1)))
    elif workload == "infer-32":
        rounds(arguments, repeated(request(32)))
    elif workload == "copy":
        rounds(arguments, repeated(copy()))
    elif workload == "copy-into":
        rounds(arguments, repeated(copy_into()))
    elif workload == "view":
        rounds(arguments, repeated(view()))
    elif workload == "naive-tensors":
        residence(arguments, add(False))
    elif workload == "naive-training":
        residence(arguments, training(5, 64, 32, 10))
    elif workload == "serve":
        throughput(arguments, request(1))
    elif workload == "start":
        print(f"ready {torch.ones(1).item():.6f}", flush=True)
    elif workload == "forward":
        print(f"ready {LstmModel(5, 64)(torch.randn(1, 10, 5)).item():.6f}", flush=True)
    elif workload == "answer":
        print(f"ready {answer():.6f}", flush=True)
    else:
        sys.exit(f"no workload is called {workload}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
