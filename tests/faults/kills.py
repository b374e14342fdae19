# kill -9 at random moments: one victim a run, then the same command again, if there is a need.
# SPDX-License-Identifier: Apache-2.0
import random
import signal

from job import Failure, Process

VICTIMS = ("compute process", "fork server", "worker rank", "rank 0", "mpirun")


def candidates(job, victim):
    ranks = job.ranks()
    return {
        "compute process": job.compute_processes,
        "fork server": job.fork_servers,
        "worker rank": lambda: [pid for rank, pid in ranks.items() if rank > 0],
        "rank 0": lambda: [pid for rank, pid in ranks.items() if rank == 0],
        "mpirun": lambda: [job.popen.pid],
    }[victim]()


def kill_one(job, victim, rng):
    """Whether there was one to kill."""
    job.look()
    pids = candidates(job, victim)
    if not pids:
        return False
    try:
        process = Process(rng.choice(pids))
    except ProcessLookupError:
        return False
    killed = process.signal(signal.SIGKILL)
    process.close()
    return killed


def test_kills(bundle, victim, moments, seed):
    rng = random.Random(f"{seed} {victim}")
    killed = resumed = twice = images_left = told = 0
    for moment in range(moments):
        what = f"{victim}, moment {moment}, seed {seed}"
        bundle.clear()
        after = rng.randrange(0, 46)
        delay_s = rng.uniform(0, 0.03)
        with bundle.job() as job:
            if bundle.wait_for_results(job, after):
                job.ended(delay_s)
                killed += kill_one(job, victim, rng)
            code = job.wait()
            said = job.said()
        done = bundle.results()
        if code == 0:
            bundle.check_output(what)
        elif victim == "compute process":
            raise Failure(f"{what}: exit code {code}\n{said}")
        else:
            # Rank 0 hears of it from the launcher, unless it is among the dead.
            told += "the same command goes on from there: " in said
            resumed += 1
            images_left += 47 - done
            bundle.run(ranks=rng.choice((1, 2, 4)))
            bundle.check_output(what)
        twice += bundle.check_journal(what)
    if killed < moments * 0.8:
        raise Failure(f"{victim}: only {killed} of {moments} were there to kill")
    print(
        f"  {victim:16} {moments} runs, {killed} killed under way, {resumed} gone on with "
        f"({images_left} images left, command told {told} times); "
        f"same bytes {moments} times, under way when killed {twice} images, computed twice 0",
        flush=True,
    )
