"""`qnnt.conquer`: an instance in cubes, solved side by side, and one answer."""

from __future__ import annotations

from collections.abc import Callable

from qnnt.conquest.campaign import Campaign
from qnnt.conquest.cluster import Cluster
from qnnt.conquest.crews import Crew, Here
from qnnt.conquest.orders import Terms
from qnnt.conquest.outcome import result_of
from qnnt.errors import InputError
from qnnt.exact import Number
from qnnt.instance import Instance, Objective, Parameters
from qnnt.result import Result, Solution
from qnnt.solvers.facade import AUTO, asked_objective, chosen_configuration, limits_of
from qnnt.solvers.questions import Progress
from qnnt.solvers.stopping import Stop
from qnnt.solvers.versions import versions_behind


def conquer(
    instance: Instance,
    *,
    cubes: int,
    cluster: str | None = None,
    solver: str = AUTO,
    encoding: str | None = None,
    objective: str | Objective | None = None,
    bound: Number | None = None,
    time_limit: float | None = None,
    memory_limit: int | None = None,
    threads: int | None = None,
    seed: int = 0,
    hint: Parameters | Solution | None = None,
    stop: Stop | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Result:
    """Split an instance into cubes, solve them side by side, and combine their answers.

    What is not listed means what it means to `qnnt.solve`.

    Parameters
    ----------
    cubes
        About how many: the least number from there on that halving sets of values gives, or as many as there
        can be. See `qnnt.conquest.splitting`.
    cluster
        The address of a dask.distributed scheduler, ``tcp://HOST:PORT``, whose workers solve the cubes; by default
        that happens here.
    solver
        Who solves cubes, each with one thread; `auto` chooses for each of them.
    memory_limit
        Megabytes of all solvers' processes here, in equal parts; on a cluster of each.
    threads
        Cubes at the same time. Default: all cores. Not with a cluster, whose workers have their own.

    Returns
    -------
    Result
        As of `qnnt.solve`; `options` and `model` tell of the cubes.

    Raises
    ------
    InputError, CertificateError, SolverError
        As `qnnt.solve` does. A crash is an error if nothing was found by then.
    """
    if cluster is not None and threads is not None:
        raise InputError("the number of threads is about this machine: workers of a cluster have their own")
    limits = limits_of(time_limit, memory_limit, threads, seed)
    chosen = chosen_configuration(instance, solver, encoding)
    chosen.entry.create(**chosen.settings)  # a missing package is said here, once
    asked = asked_objective(instance, objective, bound)
    share = memory_limit if memory_limit is None or cluster is not None else max(1, memory_limit // limits.threads)
    crew: Crew = Here(limits.threads)
    if cluster is not None:
        crew = Cluster(cluster, versions_behind(chosen))
        crew.check()
    first = hint.parameters if isinstance(hint, Solution) else hint
    campaign = Campaign(instance, cubes, asked, bound, Terms(solver, encoding, share, seed), time_limit)
    campaign.begin(first, stop)
    campaign.run(crew, stop, on_progress)
    options = {
        "encoding": chosen.encoding if solver != AUTO else encoding,
        "cubes": cubes,
        "cluster": cluster is not None,
        "threads": None if cluster is not None else limits.threads,
        "seed": seed,
        "time_limit": time_limit,
        "memory_limit": memory_limit,
        "hint": first is not None,
    }
    return result_of(campaign, options, versions_behind(chosen))
