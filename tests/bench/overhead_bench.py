#!/usr/bin/env python3
# What the program costs beyond its images' own time: hand-out, sockets, idle ranks; and its speed-up.
# SPDX-License-Identifier: Apache-2.0
"""Runs the command with one and with two ranks, alternating, and prints

- the speed-up of two ranks over one (matching time, medians),
- the share of the ranks' time that is not read + SIFT + match,
- the CPU time of a rank that has nothing to do, in percent of a core.

Needs two free cores to say anything about the speed-up.
"""

import argparse
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from launching import PHOTOGRAPHS, add_bundle_arguments, environment, write_list


def run(binary, ranks, reference, listing):
    """One run: seconds of matching, and each rank's busy share in percent."""
    result = subprocess.run(
        ["mpirun", "-n", str(ranks), binary, "-r", reference, "--list", listing,
         "--progress", "never", "-o", "/dev/null", "-v"],
        env=environment(), stderr=subprocess.PIPE, text=True, check=True)
    seconds = float(re.search(r"and matching ([0-9.]+) s", result.stderr).group(1))
    busy = [float(share) for share in re.findall(r"busy ([0-9.]+) %", result.stderr)]
    return seconds, busy


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(pid):
    return [int(child) for child in
            pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def compute_processes(ranks):
    """The compute processes of the ranks, which are children of their fork servers."""
    return [worker for rank in ranks for server in children(rank) for worker in children(server)
            if pathlib.Path(f"/proc/{worker}/comm").read_text() == "bm-compute\n"]


def idle_share(binary, reference, seconds):
    """CPU of both ranks while the only image makes no progress: its compute process is stopped."""
    with tempfile.TemporaryDirectory() as folder:
        listing = os.path.join(folder, "list")
        # Large enough to be caught in the act.
        pathlib.Path(listing).write_text(f"{PHOTOGRAPHS}/chessboard.png\n")
        job = subprocess.Popen(
            ["mpirun", "-n", "2", binary, "-r", reference, "--list", listing, "--timeout",
             str(int(seconds) + 10), "-q", "-o", "/dev/null"], env=environment(),
            stderr=subprocess.DEVNULL)
        try:
            workers = []
            while len(workers) < 2 and job.poll() is None:  # both exist once matching has begun
                try:
                    ranks = [pid for pid in children(job.pid)
                             if pathlib.Path(f"/proc/{pid}/comm").read_text() == "bundle_match\n"]
                    workers = compute_processes(ranks)
                except FileNotFoundError:  # one ended while we looked
                    workers = []
                time.sleep(0.005)
            for worker in workers:
                os.kill(worker, signal.SIGSTOP)
            time.sleep(1)
            before = [cpu_seconds(pid) for pid in ranks]
            time.sleep(seconds)
            return [100 * (cpu_seconds(pid) - was) / seconds for pid, was in zip(ranks, before)]
        finally:
            job.terminate()
            job.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", help="bundle_match")
    add_bundle_arguments(parser)
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        listing = os.path.join(folder, "list")
        count = write_list(listing, arguments)
        runs = []
        for number in range(arguments.runs):
            runs.append([run(arguments.binary, ranks, arguments.reference, listing)
                         for ranks in (1, 2)])
            (one, _), (two, _) = runs[-1]
            print(f"run {number + 1}: one rank {one:.2f} s, two ranks {two:.2f} s",
                  file=sys.stderr)
    ratios = [one[0] / two[0] for one, two in runs]
    print(f"{count} images, {arguments.runs} runs each")
    print(f"speed-up of two ranks: median {statistics.median(ratios):.3f} "
          f"({min(ratios):.3f} .. {max(ratios):.3f})")
    for ranks, index in ((1, 0), (2, 1)):
        shares = [100 - statistics.mean(pair[index][1]) for pair in runs]
        print(f"time that is not read + SIFT + match, {ranks} rank(s): median "
              f"{statistics.median(shares):.2f} % ({min(shares):.2f} .. {max(shares):.2f})")
    idle = idle_share(arguments.binary, arguments.reference, 5)
    print("CPU of a rank with nothing to do: " + ", ".join(
        f"rank {rank}: {share:.2f} % of a core" for rank, share in enumerate(idle)))


if __name__ == "__main__":
    sys.exit(main())
