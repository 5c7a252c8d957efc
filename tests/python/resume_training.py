"""Goes on with a training that Java (or this script) began: ten steps more, from one checkpoint to the next.

    python resume_training.py IN OUT

Without IN's file there is nothing to resume: `begin` makes it. The same model, data and settings are in
../src/test/java/dev/pantorch/io/CrossTraining.java.
"""

import sys

import torch
from torch import nn

STEPS = 10


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, num_layers=2, batch_first=True)
        self.norm = nn.BatchNorm1d(4)
        self.fc = nn.Linear(4, 1)

    def forward(self, x):
        return self.fc(self.norm(self.lstm(x)[0][:, -1]))


def parts():
    torch.manual_seed(7)
    model = Model()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    return model, optimizer, torch.optim.lr_scheduler.StepLR(optimizer, 4, 0.5)


def train(model, optimizer, scheduler, first):
    for step in range(first, first + STEPS):
        torch.manual_seed(1000 + step)
        x = torch.randn(8, 6, 3)
        y = torch.randn(8, 1)
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()


def save(model, optimizer, scheduler, step, path):
    torch.save(
        {
            "step": step,
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
        },
        path,
    )


def begin(path):
    model, optimizer, scheduler = parts()
    train(model, optimizer, scheduler, 0)
    save(model, optimizer, scheduler, STEPS, path)


def resume(source, target):
    checkpoint = torch.load(source, weights_only=True)
    model, optimizer, scheduler = parts()
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    scheduler.load_state_dict(checkpoint["scheduler"])
    train(model, optimizer, scheduler, checkpoint["step"])
    save(model, optimizer, scheduler, checkpoint["step"] + STEPS, target)


if __name__ == "__main__":
    torch.set_num_threads(1)
    resume(sys.argv[1], sys.argv[2])
