"""Writes test/fixtures/optim/torch.json: what PyTorch's AdamW, SGD and gradient clipping do.

    python -m venv VENV && VENV/bin/pip install -r scripts/python/requirements-optim.txt
    VENV/bin/python scripts/python/optim_fixtures.py

Everything is float64 in PyTorch, from parameters and gradients that are float32 numbers;
ours stores float32 after each step, so the tests allow for that rounding and nothing else.
Clipping in PyTorch adds 1e-6 to the norm; the fixture removes it (max_norm / norm exactly),
see clip.ts.
"""

import json
import pathlib

import torch

CASES = [
    ("adamw", dict(lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01), None),
    ("adamw", dict(lr=3e-2, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.0), None),
    ("adamw", dict(lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1), 1.0),
    ("sgd", dict(lr=1e-1), None),
    ("sgd", dict(lr=1e-2, momentum=0.9), None),
    ("sgd", dict(lr=1e-2, momentum=0.9, weight_decay=0.05), 0.5),
]
LENGTH = 12
STEPS = 8


def float32_list(tensor):
    return tensor.to(torch.float32).tolist()


def run(index, name, options, clip):
    generator = torch.Generator().manual_seed(index)
    initial = torch.randn(LENGTH, generator=generator)
    sizes = 10.0 ** torch.arange(-4, 2).repeat_interleave(2)
    gradients = torch.randn(STEPS, LENGTH, generator=generator) * sizes
    gradients[:, 0] = 0
    parameter = torch.nn.Parameter(initial.double())
    make = torch.optim.AdamW if name == "adamw" else torch.optim.SGD
    optimizer = make([parameter], foreach=False, **options)
    after = []
    for gradient in gradients:
        gradient = gradient.double()
        if clip is not None:
            norm = gradient.norm().item()
            gradient = gradient * min(1.0, clip / norm)
        parameter.grad = gradient
        optimizer.step()
        after.append(parameter.detach().tolist())
    return {
        "name": name,
        "options": options,
        "clipNorm": clip,
        "initial": float32_list(initial),
        "gradients": [float32_list(g) for g in gradients],
        "after": after,
    }


def main():
    cases = [run(i, *case) for i, case in enumerate(CASES)]
    target = pathlib.Path(__file__).parents[2] / "test" / "fixtures" / "optim" / "torch.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"torch": torch.__version__.split("+")[0], "cases": cases}, indent=1)
    target.write_text(text + "\n")


main()
