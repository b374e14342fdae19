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
    runs = killed = resumed = twice = images_left = told = 0
    # A run that has ended before its moment does not count, but what it left must be right.
    while killed < moments:
        if runs > 3 * moments:
            raise Failure(f"{victim}: only {killed} of {runs} were there to kill")
        moment = runs
        runs += 1
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
    print(
        f"  {victim:16} {runs} runs, {killed} killed under way, {resumed} gone on with "
        f"({images_left} images left, command told {told} times); "
        f"same bytes {runs} times, under way when killed {twice} images, computed twice 0",
        flush=True,
    )
