#!/usr/bin/env python3
# What features on disk cost, and that nothing is lost: feature_memory_bench.py build/bundle_match
# SPDX-License-Identifier: Apache-2.0
"""Matches all pairs of many images (views of parts of photographs, 500 features each), alternating without a limit
and with --feature-memory a tenth of what the features take. Prints the median seconds of both and their ratio, whether
the bytes are the same, and the largest memory of every process. Then kills the run with the limit at moments spread
over its time, with all that it has started, goes on with it, and compares again."""

import argparse
import collections
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from launching import environment
from views import add_photographs_argument, find_photographs, scenes_of, view_of

KINDS = ("RssAnon", "RssShmem", "RssFile")


class Memory(threading.Thread):
    """The most that each process of a session had in memory: its own, in files of memory, and of files on disk."""

    def __init__(self, session):
        super().__init__(daemon=True)
        self.session, self.over, self.most = session, threading.Event(), {}

    def run(self):
        while not self.over.wait(0.1):
            for entry in pathlib.Path("/proc").iterdir():
                if entry.name.isdigit():
                    self.look_at(entry)

    def look_at(self, process):
        try:
            if os.getsid(int(process.name)) != self.session:
                return
            status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
            sizes = [int(status[kind].split()[0]) / 1024 for kind in KINDS]
        except (OSError, KeyError, ValueError):
            return  # it has ended
        name = f"{status['Name'].strip()} {process.name}"
        self.most[name] = [max(pair) for pair in zip(self.most.get(name, sizes), sizes)]

    def summary(self):
        """Of processes of one name, the largest."""
        largest = collections.defaultdict(lambda: [0.0] * len(KINDS))
        for name, sizes in self.most.items():
            kind = name.rsplit(" ", 1)[0]
            largest[kind] = [max(pair) for pair in zip(largest[kind], sizes)]
        return "; ".join(f"{name} {own:.0f} + {shared:.0f} + {files:.0f}"
                         for name, (own, shared, files) in sorted(largest.items()))


class Bench:
    def __init__(self, binary, ranks, folder):
        self.command = ["mpirun", "-n", str(ranks), binary, "--nfeatures", "500", "--progress", "never", "--all-pairs",
                        "-o", f"{folder}/pairs.csv", f"{folder}/images"]
        self.output = pathlib.Path(folder, "pairs.csv")
        self.journal = pathlib.Path(folder, "pairs.csv.journal")
        self.scratch = pathlib.Path(folder, "scratch")
        self.scratch.mkdir()

    def start(self, options):
        return subprocess.Popen([*self.command, "--scratch", str(self.scratch), *options], env=environment(),
                                start_new_session=True, stderr=subprocess.PIPE, text=True)

    def run(self, options):
        """Seconds, memory and rows of a whole run, going on with what is there."""
        begin = time.perf_counter()
        process = self.start(options)
        memory = Memory(process.pid)
        memory.start()
        said = process.communicate()[1]
        seconds = time.perf_counter() - begin
        memory.over.set()
        memory.join()
        if process.returncode != 0:
            sys.exit(f"exit status {process.returncode}\n{said}")
        return seconds, memory.summary(), self.output.read_bytes()

    def clear(self):
        for path in (self.output, self.journal):
            path.unlink(missing_ok=True)

    def kill_after(self, seconds, options):
        """Whether it still ran then."""
        process = self.start(options)
        try:
            process.communicate(timeout=seconds)
            return False
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()  # until all that writes to it is gone
            return True


def make_images(folder, count, photographs):
    chance = random.Random(20261128)
    scenes = list(scenes_of(photographs))
    folder.mkdir()
    for i in range(count):
        view_of(chance.choice(scenes), chance).save(folder / f"{i:06}.jpg", quality=90)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary", help="bundle_match")
    add_photographs_argument(parser)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("-n", "--ranks", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--feature-memory", default=None, help="default: 156 bytes x 50 x the number of images")
    chosen = parser.parse_args()
    # A tenth of 500 features of 128 bytes and a keypoint of 28.
    limit = ["--feature-memory", chosen.feature_memory or str(156 * 50 * chosen.images)]
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        make_images(pathlib.Path(folder, "images"), chosen.images, find_photographs(chosen.photographs))
        bench = Bench(chosen.binary, chosen.ranks, folder)
        seconds = {"without a limit": [], "with it": []}
        expected = None
        for _ in range(chosen.runs):
            for name, options in (("without a limit", []), ("with it", limit)):
                bench.clear()
                took, memory, rows = bench.run(options)
                seconds[name].append(took)
                expected = expected or rows
                print(f"{name}: {took:.2f} s, same bytes: {rows == expected}; most MiB of each, own + of files of "
                      f"memory + of files on disk: {memory}", flush=True)
        medians = [statistics.median(values) for values in seconds.values()]
        print(f"medians {medians[0]:.2f} s and {medians[1]:.2f} s: ratio {medians[1] / medians[0]:.3f}", flush=True)
        same = killed = 0
        for i in range(chosen.kills):
            bench.clear()
            killed += bench.kill_after((i + 0.5) / chosen.kills * medians[1], limit)
            same += bench.run(limit)[2] == expected
        print(f"killed {killed} of {chosen.kills} times while it ran, gone on with {chosen.kills} times: same bytes "
              f"{same} times; left in the scratch folder: {len(list(bench.scratch.iterdir()))}")


if __name__ == "__main__":
    main()
