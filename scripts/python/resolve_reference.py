"""TorchJD and LibMTL behind a pipe, for `npm run bench:resolve`: a JSON request a line, a JSON answer
a line. Weights and times of their aggregators on Gram matrices, and times of PyTorch's own Gram
matrices. One thread.
"""

import contextlib
import io
import json
import os
import signal
import statistics
import sys
import time
import types
import warnings

# Settings of a machine that hold NumPy back would count for us.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402
import torch  # noqa: E402
import torchjd  # noqa: E402
from torchjd import aggregation  # noqa: E402

torch.set_num_threads(1)
warnings.simplefilter("ignore")

# Seconds after which an answer is taken to never come, by kind of request: LibMTL's min-norm does
# not count its iterations and may go round for ever.
LIMITS_S = {"weights": 3, "time": 20, "timeGram": 300}
LIMIT_S = 60
# Of one measurement: at least this long, at least this often, at most this often.
LEAST_S = 0.1
REPEATS = (3, 200)


class TookTooLong(Exception):
    pass


def give_up(_signal, _frame):
    raise TookTooLong("no answer in time")


signal.signal(signal.SIGALRM, give_up)


def factor_of(gram):
    """Rows whose Gram matrix this is."""
    values, vectors = torch.linalg.eigh(gram)
    return vectors * values.clamp(min=0).sqrt()


def nash(m):
    """Begins from its starting point in each call, as after a change of the model."""
    aggregator = aggregation.NashMTL(n_tasks=m, max_norm=0.0)

    def weigh(rows):
        aggregator.reset()
        return aggregator.weighting(rows)

    return weigh


TORCHJD = {
    "mgda": lambda m: aggregation.MGDAWeighting(),
    "cagrad": lambda m: aggregation.CAGradWeighting(c=0.5),
    "fairgrad": lambda m: aggregation.FairGradWeighting(alpha=1.0),
    "pcgrad": lambda m: aggregation.PCGradWeighting(),
    "gradvac": lambda m: aggregation.GradVacWeighting(),
    "upgrad": lambda m: aggregation.UPGradWeighting(),
    "dualproj": lambda m: aggregation.DualProjWeighting(),
    "imtl-g": lambda m: aggregation.IMTLGWeighting(),
    "aligned-mtl": lambda m: aggregation.AlignedMTLWeighting(),
    "krum": lambda m: aggregation.KrumWeighting(n_byzantine=1, n_selected=1),
    "nash-mtl": nash,
}
# These want rows, not their Gram matrix.
FROM_ROWS = {"nash-mtl"}

# LibMTL's models import a module that torchvision no longer has; its weightings need neither.
sys.modules["torchvision.models.utils"] = types.SimpleNamespace(load_state_dict_from_url=None)

with contextlib.redirect_stdout(io.StringIO()):
    from LibMTL import weighting as libmtl


def libmtl_weighting(kind, **settings):
    """LibMTL weighs while it runs backward: a subclass that is handed the rows instead."""

    class FromRows(kind):
        def __init__(self):
            torch.nn.Module.__init__(self)
            self.rep_grad = False
            self.device = torch.device("cpu")

        def _compute_grad_dim(self):
            pass

        def _compute_grad(self, *_arguments, **_settings):
            return self.rows

        def _get_grads(self, *_arguments, **_settings):
            return self.rows

        def _backward_new_grads(self, weights, grads):
            self.found = (weights, grads)

        def _reset_grad(self, grads):
            self.found = (None, grads)

        def direction_of(self, rows):
            """Also of those that say no weights."""
            self.weigh(rows)
            weights, grads = self.found
            return grads if weights is None else weights @ grads

        def weigh(self, rows):
            self.rows = rows.clone()
            self.task_num = len(rows)
            if hasattr(self, "rho_T"):
                del self.rho_T
            if kind is libmtl.IMTL:
                self.loss_scale = torch.zeros(len(rows), dtype=rows.dtype)
            losses = torch.ones(len(rows), dtype=rows.dtype)
            return self.backward(losses, **settings)

        def __call__(self, rows):
            return torch.as_tensor(self.weigh(rows))

    return FromRows()


LIBMTL = {
    "mgda": lambda m: libmtl_weighting(libmtl.MGDA, mgda_gn="none"),
    "pcgrad": lambda m: libmtl_weighting(libmtl.PCGrad),
    "gradvac": lambda m: libmtl_weighting(libmtl.GradVac, beta=0.5),
    "imtl-g": lambda m: libmtl_weighting(libmtl.IMTL),
}
LIBRARIES = {"torchjd": TORCHJD, "libmtl": LIBMTL}


def prepare(request):
    """A function without arguments that finds the weights."""
    library, method = request["library"], request["method"]
    values = torch.tensor(request["gram"], dtype=torch.float64)
    m = round(len(values) ** 0.5)
    gram = values.reshape(m, m)
    weigh = LIBRARIES[library][method](m)
    from_rows = library == "libmtl" or method in FROM_ROWS
    given = factor_of(gram) if from_rows else gram
    if library == "libmtl":
        # Its weightings make f32 of their own, and PyTorch does not mix.
        given = given.float()
    return lambda: weigh(given)


def weights(request):
    # cvxpy prints where a solver gives up.
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        found = prepare(request)()
    return {"weights": [float(weight) for weight in np.asarray(found.detach())]}


def projections(request):
    """The m projections that UPGrad adds up, each of a row times its preference."""
    values = torch.tensor(request["gram"], dtype=torch.float64)
    m = round(len(values) ** 0.5)
    gram = values.reshape(m, m)
    weighting = TORCHJD["upgrad"](m)
    each = weighting.projector(torch.diag(weighting.weighting(gram)), gram)
    return {"projections": each.tolist()}


def duration(call):
    """Microseconds of a call, as processor time of this process: median."""
    call()
    times = []
    began = time.process_time()
    while len(times) < REPEATS[0] or (
        len(times) < REPEATS[1] and time.process_time() - began < LEAST_S
    ):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return {"microseconds": statistics.median(times) * 1e6}


def time_weights(request):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return duration(prepare(request))


def time_gram(request):
    rows = torch.rand(request["m"], request["n"], dtype=torch.float32) - 0.5

    def double():
        wide = rows.double()
        return wide @ wide.T

    return duration({"float32": lambda: rows @ rows.T, "float64": double}[request["accumulate"]])


def versions(_request):
    return {"torch": torch.__version__, "torchjd": getattr(torchjd, "__version__", "0.18.0")}


ANSWERS = {
    "weights": weights,
    "projections": projections,
    "time": time_weights,
    "timeGram": time_gram,
    "versions": versions,
}


def serve():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            signal.alarm(LIMITS_S.get(request["kind"], LIMIT_S))
            answer = ANSWERS[request["kind"]](request)
        except Exception as error:  # what a library throws is an answer
            answer = {"error": f"{type(error).__name__}: {str(error).splitlines()[:1]}"}
        finally:
            signal.alarm(0)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
