# Jobs that outlive their workers, under a launcher that lets them.
# SPDX-License-Identifier: Apache-2.0
import os
import random
import re
import signal
import socket

from job import Failure, Process, name_of

RANK_TIMEOUT_S = 5


def hit(pid, number):
    process = Process(pid)
    hit_it = process.signal(number)
    process.close()
    return hit_it


def lost_worker(bundle, options, number, after, rng, what):
    """One run of 4 ranks that loses one. How rank 0 noticed ("died": MPI told it), if it did, and
    the seconds that the run took."""
    bundle.clear()
    with bundle.job(4, options=("--rank-timeout", str(RANK_TIMEOUT_S)), launcher_options=options) as job:
        running = bundle.wait_for_results(job, after)
        job.look()
        ranks = job.ranks()
        victim = rng.choice((1, 2, 3))
        was_hit = running and victim in ranks and hit(ranks[victim], number)
        code = job.wait()
        said = job.said()
    if code != 0:
        raise Failure(f"{what}: exit code {code}\n{said}")
    bundle.check_output(what)
    bundle.check_journal(what)
    lost = re.search(rf"rank {victim} on {re.escape(socket.gethostname())}: .*lost on the way", said)
    if was_hit and bundle_was_unfinished(said, victim) and not lost:
        raise Failure(f"{what}: the summary does not name rank {victim}\n{said}")
    noticed = re.search(rf"rank {victim} on \S+ (died|is silent).*; its \d+ images", said)
    return noticed[1] if noticed and lost else None, job.seconds


def bundle_was_unfinished(said, victim):
    """Whether the loss was of any consequence: a rank that was lost at the very end had no images."""
    return f"rank {victim} on" in said and "its 0 images" not in said and "are handed to others" in said


def test_lost_workers(bundle, options, number, moments, seed):
    name = signal.Signals(number).name
    rng = random.Random(f"{seed} lost {name}")
    ulfm = "ulfm" in options
    noticed = {"died": 0, "is silent": 0, None: 0}
    slowest = 0.0
    for moment in range(moments):
        what = f"worker {name}, moment {moment}, seed {seed}"
        how, seconds = lost_worker(bundle, options, number, rng.randrange(1, 40), rng, what)
        noticed[how] += 1
        slowest = max(slowest, seconds)
    if noticed[None] > moments * 0.5:
        raise Failure(f"{name}: {noticed[None]} of {moments} workers were not lost")
    # ULFM tells of the dead, at once, and of them alone.
    if noticed["is silent" if ulfm and number == signal.SIGKILL else "died"] > 0:
        raise Failure(f"{name}: noticed in another way than expected: {noticed}")
    print(
        f"  worker {name}: {moments} runs complete with the same bytes and exit code 0; told by MPI "
        f"{noticed['died']}, noticed by its silence {noticed['is silent']}, ended before {noticed[None]}; "
        f"slowest {slowest:.1f} s (--rank-timeout {RANK_TIMEOUT_S})",
        flush=True,
    )


def stop_describing(bundle, job):
    """Stops the compute process that describes the reference, once there is one; nothing if it was
    too quick."""
    while not job.ended(0.001) and not os.path.exists(bundle.journal):
        job.look()
        for pid in job.compute_processes():
            # By its name it is known to be tied to its parent: stopped before, it would outlive it.
            if name_of(pid) != "bm-compute":
                continue
            process = Process(pid)
            process.signal(signal.SIGSTOP)
            return process
    return None


def test_lost_before_the_work(bundle, options, moments):
    """A worker that is killed while rank 0 describes the reference."""
    early = 0
    for moment in range(moments):
        what = f"worker lost before the work, {moment}"
        bundle.clear()
        timeout = ("--rank-timeout", str(RANK_TIMEOUT_S))
        with bundle.job(4, options=timeout, launcher_options=options) as job:
            describing = stop_describing(bundle, job)
            hit(job.ranks()[2], signal.SIGKILL)
            if describing:
                early += 1
                describing.signal(signal.SIGCONT)
                describing.close()
            code, said = job.wait(), job.said()
        if code != 0 or not re.search(r"rank 2 on .*lost on the way", said):
            raise Failure(f"{what}: exit code {code}\n{said}")
        bundle.check_output(what)
        bundle.check_journal(what)
    print(
        f"  worker SIGKILL before the work: {moments} runs complete with the same bytes, {early} of them "
        "killed while the reference was described",
        flush=True,
    )


def test_rank_0_lost_before_the_work(bundle, options, moments):
    """Rank 0 that is killed while it describes the reference: the workers end themselves."""
    early, slowest = 0, 0.0
    for _ in range(moments):
        bundle.clear()
        with bundle.job(3, options=("--rank-timeout", "2"), launcher_options=options) as job:
            describing = stop_describing(bundle, job)
            hit(job.ranks()[0], signal.SIGKILL)
            if describing:
                early += 1
                describing.close()
            job.wait()  # of all processes
            slowest = max(slowest, job.seconds)
    print(
        f"  rank 0 SIGKILL before the work: {moments} runs, all workers ended themselves, {early} of them "
        f"while the reference was described, slowest {slowest:.1f} s",
        flush=True,
    )


def test_rank_0_lost_as_the_work_begins(bundle, options, moments, seed):
    """Rank 0 that is killed while it sends the reference and the first images, so that workers have
    half a message."""
    rng = random.Random(f"{seed} rank 0 as the work begins")
    timeout = ("--rank-timeout", "2", "--send-images")
    early, slowest = 0, 0.0
    for _ in range(moments):
        bundle.clear()
        with bundle.job(4, options=timeout, launcher_options=options) as job:
            while not os.path.exists(bundle.journal) and not job.ended(0.001):
                pass
            job.look()
            ranks = job.ranks()
            early += not job.ended(rng.uniform(0, 0.1)) and 0 in ranks and hit(ranks[0], signal.SIGKILL)
            job.wait()  # of all processes
            slowest = max(slowest, job.seconds)
    print(
        f"  rank 0 SIGKILL as the work begins: {moments} runs, {early} of them killed, all workers ended "
        f"themselves, slowest {slowest:.1f} s",
        flush=True,
    )


def test_lost_rank_0(bundle, options, moments, seed):
    """Workers end themselves, the job ends, and the same command goes on."""
    rng = random.Random(f"{seed} lost rank 0")
    slowest = 0.0
    for moment in range(moments):
        what = f"rank 0 lost, moment {moment}, seed {seed}"
        bundle.clear()
        with bundle.job(3, options=("--rank-timeout", "2"), launcher_options=options) as job:
            running = bundle.wait_for_results(job, rng.randrange(1, 35))
            job.look()
            ranks = job.ranks()
            if running and 0 in ranks:
                hit(ranks[0], signal.SIGKILL)
            job.wait()  # of all processes
            slowest = max(slowest, job.seconds)
        bundle.run()
        bundle.check_output(what)
        bundle.check_journal(what)
    print(
        f"  rank 0 SIGKILL: {moments} runs, all workers ended themselves, slowest {slowest:.1f} s "
        "(--rank-timeout 2); same bytes after going on",
        flush=True,
    )


def test_without_option(bundle, moments, seed):
    """The launcher ends the job at once; rank 0 tells how to go on."""
    rng = random.Random(f"{seed} without option")
    for moment in range(moments):
        what = f"without the option, moment {moment}, seed {seed}"
        bundle.clear()
        with bundle.job(3) as job:
            bundle.wait_for_results(job, rng.randrange(1, 25))
            job.look()
            ranks = job.ranks()
            if not hit(ranks[rng.choice((1, 2))], signal.SIGKILL):
                raise Failure(f"{what}: it has ended before")
            code, said = job.wait(), job.said()
        if code == 0 or "the same command goes on from there: " not in said:
            raise Failure(f"{what}: exit code {code}, or no command to go on\n{said}")
        bundle.run()
        bundle.check_output(what)
    print(f"  without the option: {moments} jobs ended, each with the command to go on with", flush=True)
