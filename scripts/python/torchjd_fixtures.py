"""What TorchJD and LibMTL make of rows, for scripts/torchjd-fixtures.ts: a JSON list of matrices on
stdin, on stdout versions, the settings by label for three rows and, by matrix, the directions by label. All in float64 but
where LibMTL makes float32 of its own. What they draw is fixed: orders are those of the rows, and
uniform draws DRAW.
"""

import contextlib
import io
import json
import random
import sys
from importlib.metadata import version

import torch
from resolve_reference import libmtl, libmtl_weighting
from torchjd import aggregation
from torchjd.linalg import QuadprogProjector

DRAW = 0.375

torch.randperm = torch.arange
torch.rand = lambda shape, **settings: torch.full(shape, DRAW, **settings)
random.shuffle = lambda _order: None


def preference(m):
    """1, 2 … m."""
    return torch.arange(1, m + 1, dtype=torch.float64)


def exact():
    """Without what TorchJD adds to the Gram matrix by default."""
    return QuadprogProjector(norm_eps=0.0, reg_eps=0.0)


# By label, what is made for m rows; none where there is no such thing.
TORCHJD = {
    "mean": lambda m: aggregation.Mean(),
    "sum": lambda m: aggregation.Sum(),
    "constant": lambda m: aggregation.Constant(preference(m)),
    "upgrad": lambda m: aggregation.UPGrad(),
    "upgrad, not regularized": lambda m: aggregation.UPGrad(projector=exact()),
    "dualproj": lambda m: aggregation.DualProj(),
    "dualproj, not regularized": lambda m: aggregation.DualProj(projector=exact()),
    "cagrad, c = 0.4": lambda m: aggregation.CAGrad(c=0.4),
    "cagrad, c = 1.5": lambda m: aggregation.CAGrad(c=1.5),
    "nash-mtl": lambda m: aggregation.NashMTL(n_tasks=m, max_norm=0.0),
    "fairgrad, alpha = 1": lambda m: aggregation.FairGrad(alpha=1.0),
    "fairgrad, alpha = 2": lambda m: aggregation.FairGrad(alpha=2.0),
    "imtl-g": lambda m: aggregation.IMTLG(),
    "aligned-mtl": lambda m: aggregation.AlignedMTL(),
    "aligned-mtl, median": lambda m: aggregation.AlignedMTL(preference(m), scale_mode="median"),
    "config": lambda m: aggregation.ConFIG(),
    "config, preference": lambda m: aggregation.ConFIG(preference(m)),
    # One neighbour: the order of distances is that of their squares, which ours adds up.
    "krum": lambda m: aggregation.Krum(n_byzantine=m - 3, n_selected=2) if m > 2 else None,
    "mgda": lambda m: aggregation.MGDA(),
    "mgda, 3000 iterations": lambda m: aggregation.MGDA(epsilon=1e-12, max_iters=3000),
    "pcgrad": lambda m: aggregation.PCGrad(),
    "gradvac": lambda m: aggregation.GradVac(),
    "trimmed-mean": lambda m: aggregation.TrimmedMean(trim_number=1) if m > 2 else None,
    "graddrop": lambda m: aggregation.GradDrop(),
}

LIBMTL = {
    # LibMTL's CAGrad is written for three tasks.
    "libmtl cagrad": (lambda m: m == 3, libmtl.CAGrad, {"calpha": 0.4, "rescale": 0}),
    "libmtl imtl-g": (lambda m: True, libmtl.IMTL, {}),
    # It also projects a row on itself, which with two rows it never opposes.
    "libmtl pcgrad": (lambda m: m == 2, libmtl.PCGrad, {}),
    "libmtl gradvac": (lambda m: True, libmtl.GradVac, {"beta": 0.5}),
    # In closed form; with more it may go round for ever.
    "libmtl mgda": (lambda m: m == 2, libmtl.MGDA, {"mgda_gn": "none"}),
}
SINGLE = {"libmtl mgda"}


def answers(rows):
    m = len(rows)
    found = {}
    for label, make in TORCHJD.items():
        aggregator = make(m)
        if aggregator is None:
            continue
        found[label] = aggregator(rows)
        if label == "gradvac":
            found["gradvac, once more"] = aggregator(rows)
    for label, (fits, kind, settings) in LIBMTL.items():
        if fits(m):
            given = rows.float() if label in SINGLE else rows
            found[label] = libmtl_weighting(kind, **settings).direction_of(given)
    return {label: direction.tolist() for label, direction in found.items()}


def settings():
    made = {label: make(3) for label, make in TORCHJD.items()}
    # Its repr would name an address.
    ours = {label: repr(it) if label != "graddrop" else str(it) for label, it in made.items()}
    theirs = {label: f"{kind.__name__}({given})" for label, (_, kind, given) in LIBMTL.items()}
    return {**ours, **theirs}


matrices = [torch.tensor(rows, dtype=torch.float64) for rows in json.load(sys.stdin)]
# cvxpy prints where a solver gives up.
with contextlib.redirect_stdout(io.StringIO()):
    directions = [answers(rows) for rows in matrices]
versions = {name: version(name) for name in ("torchjd", "LibMTL", "torch")}
print(json.dumps({"versions": versions, "settings": settings(), "directions": directions}))
