#!/usr/bin/env python3
# The same bundle through Python OpenCV on ipyparallel and through bundle_match, alternating.
# SPDX-License-Identifier: Apache-2.0
"""Prints how many times as fast the command is, with its spread, whether all counts agree, and where
the command's time goes.

Both use as many processes as ranks, of one thread each. The engines of ipyparallel are warm: they
have imported cv2 and matched one image before the first clock starts. Timed are, of each, the
reference and all images ("job"), and for bundle_match also the whole command with mpirun's start
and end ("command"), which is what waits for a user who types it; beside it an MPI program that does
nothing.
"""

import argparse
import dataclasses
import json
import logging
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

from launching import environment


def describe(path, nfeatures):
    """Runs in an engine, too: the notebook's function."""
    import cv2
    cv2.setNumThreads(1)
    image = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    return cv2.SIFT_create(nfeatures).detectAndCompute(image, None)[1]


def match(path):
    """Runs in an engine, in which `describe`, `reference` and `nfeatures` have been pushed."""
    import cv2
    descriptors = describe(path, nfeatures)  # noqa: F821
    if descriptors is None:
        return path, 0
    matcher = cv2.BFMatcher(cv2.NORM_L2, crossCheck=True)
    return path, len(matcher.match(reference, descriptors))  # noqa: F821


class PythonPipeline:
    def __init__(self, engines):
        import ipyparallel
        self._cluster = ipyparallel.Cluster(n=engines, log_level=logging.ERROR)
        self._client = self._cluster.start_and_connect_sync()
        self._client.wait_for_engines(engines, timeout=120)

    def close(self):
        self._client.close()
        self._cluster.stop_cluster_sync()

    def run(self, reference, images, nfeatures):
        """Seconds of the job, and its counts in input order."""
        start = time.perf_counter()
        everyone = self._client[:]
        everyone.push({"describe": describe, "nfeatures": nfeatures,
                       "reference": describe(reference, nfeatures)}, block=True)
        rows = self._client.load_balanced_view().map_sync(match, images)
        return time.perf_counter() - start, list(rows)


def rows_of(output):
    """Pairs of path and count. After --null, rows end in NUL and paths are bytes as they are."""
    rows = [os.fsdecode(row).rpartition(" ") for row in output.split(b"\0")[:-1]]
    return [(path, int(count)) for path, _, count in rows]


def command_of(arguments, listing):
    return ["mpirun", "-n", str(arguments.ranks), arguments.binary, "-r", arguments.reference,
            "--list", listing, "--null", "--nfeatures", str(arguments.nfeatures), "--progress",
            "never", *arguments.option]


@dataclasses.dataclass
class Run:
    """Of bundle_match; times in seconds."""
    command: float    # from mpirun's start to its end
    start: float      # until the reference is begun
    reference: float  # meanwhile, the other ranks describe images
    images: float     # from then to the last result
    end: float        # the rest
    rows: list

    @property
    def job(self):
        return self.reference + self.images


def run_bundle_match(arguments, listing):
    command = command_of(arguments, listing)
    described = None
    with tempfile.TemporaryFile() as output:
        begin = time.perf_counter()
        with subprocess.Popen(command, env=environment(), stdout=output,
                              stderr=subprocess.PIPE) as process:
            messages = b""
            for line in process.stderr:
                if described is None and re.search(rb": reference .*: \d+ features", line):
                    described = time.perf_counter() - begin
                messages += line
        seconds = time.perf_counter() - begin
        output.seek(0)
        rows = output.read()
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}\n{os.fsdecode(messages)}")
    reference, images = map(float, re.search(
        rb"reference ([0-9.]+) s and matching ([0-9.]+) s", messages).groups())
    return Run(seconds, described - reference, reference, images, seconds - described - images,
               rows_of(rows))


def run_hello(arguments, program):
    """Seconds that mpirun takes for an MPI program that does nothing."""
    begin = time.perf_counter()
    subprocess.run(["mpirun", "-n", str(arguments.ranks), program], env=environment(), check=True)
    return time.perf_counter() - begin


def parts_of_images(arguments, listing):
    """Seconds that a rank spends with describing and with matching, and that the rank that is done
    first waits for the last."""
    with tempfile.TemporaryDirectory() as folder:
        output, report = os.path.join(folder, "rows.jsonl"), os.path.join(folder, "report.html")
        subprocess.run([*command_of(arguments, listing), "-q", "-o", output, "--report", report],
                       env=environment(), check=True, stdin=subprocess.DEVNULL)
        rows = [json.loads(line) for line in pathlib.Path(output).read_text().splitlines()]
        page = pathlib.Path(report).read_text()
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    timeline = json.loads(data[1])["timeline"]
    last_busy = [max((i for i, share in enumerate(lane["bins"]) if share > 0), default=-1) // 3 + 1
                 for lane in timeline["lanes"]]
    spent = {stage: sum(row["elapsed_ms"][stage] for row in rows) / 1000 / arguments.ranks
             for stage in ("read", "sift", "match")}
    return {"describing": spent["read"] + spent["sift"], "matching": spent["match"],
            "tail": (max(last_busy) - min(last_busy)) * timeline["bin"]}


def run_colmap(colmap, arguments, images):
    """Seconds that COLMAP takes for features of all images and matches of each with the reference."""
    threads = str(arguments.ranks)
    with tempfile.TemporaryDirectory() as folder:
        database = os.path.join(folder, "database.db")
        names = []
        photographs = pathlib.Path(folder, "images")
        photographs.mkdir()
        for number, image in enumerate([arguments.reference, *images]):
            names.append(f"{number:06}{pathlib.Path(image).suffix}")
            (photographs / names[-1]).symlink_to(os.path.abspath(image))
        pairs = pathlib.Path(folder, "pairs.txt")
        pairs.write_text("".join(f"{names[0]} {name}\n" for name in names[1:]))
        env = dict(os.environ, QT_QPA_PLATFORM="offscreen")
        start = time.perf_counter()
        for step in (
                ["feature_extractor", "--image_path", str(photographs), "--SiftExtraction.use_gpu",
                 "0", "--SiftExtraction.num_threads", threads, "--SiftExtraction.max_num_features",
                 str(arguments.nfeatures or 1 << 20)],
                ["matches_importer", "--match_list_path", str(pairs), "--SiftMatching.use_gpu",
                 "0", "--SiftMatching.num_threads", threads]):
            result = subprocess.run([colmap, step[0], "--database_path", database, *step[1:]],
                                    env=env, capture_output=True, text=True)
            if result.returncode != 0:
                print(f"COLMAP's {step[0]} failed: {result.stderr[-300:]}", file=sys.stderr)
                return None
        seconds = time.perf_counter() - start
        with sqlite3.connect(database) as tables:
            count = tables.execute("select count(*) from keypoints").fetchone()[0]
        if count < len(images):
            print(f"COLMAP described {count} of {len(images) + 1} images", file=sys.stderr)
        return seconds


def spread(values, digits=2):
    return (f"{statistics.median(values):.{digits}f} "
            f"({min(values):.{digits}f} .. {max(values):.{digits}f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", help="bundle_match")
    parser.add_argument("reference")
    parser.add_argument("images", nargs="+")
    parser.add_argument("-n", "--ranks", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--nfeatures", type=int, default=5000)
    parser.add_argument("--repeat", type=int, default=1, help="times each image is listed")
    parser.add_argument("--option", action="append", default=[],
                        help="given to bundle_match, e.g. --option=--kernel=avx2")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the engines end, too
    images = arguments.images * arguments.repeat

    ours, theirs, hellos, colmap_runs = [], [], [], []
    agree = True
    colmap = shutil.which("colmap")
    with tempfile.TemporaryDirectory() as folder:
        listing = os.path.join(folder, "list")
        pathlib.Path(listing).write_bytes(b"".join(os.fsencode(path) + b"\0" for path in images))
        hello = os.path.join(folder, "mpi_hello")
        subprocess.run(["mpicxx", "-O1", "-o", hello,
                        pathlib.Path(__file__).with_name("mpi_hello.cpp")], check=True)
        python = PythonPipeline(arguments.ranks)
        try:
            python.run(arguments.reference, images[:arguments.ranks], arguments.nfeatures)
            for number in range(arguments.runs):
                seconds, rows = python.run(arguments.reference, images, arguments.nfeatures)
                theirs.append(seconds)
                ours.append(run_bundle_match(arguments, listing))
                hellos.append(run_hello(arguments, hello))
                agree = agree and rows == ours[-1].rows
                if colmap and (seconds := run_colmap(colmap, arguments, images)):
                    colmap_runs.append(seconds)
                print(f"run {number + 1}: Python {theirs[-1]:.2f} s, bundle_match "
                      f"{ours[-1].command:.2f} s (job {ours[-1].job:.2f} s)", file=sys.stderr)
        finally:
            python.close()
        parts = parts_of_images(arguments, listing)

    count = len(images)
    print(f"{count} images, {arguments.ranks} ranks or engines, {arguments.runs} alternating runs; "
          f"median (least .. most)")
    print(f"ratio whole command / Python   {spread([t / o.command for t, o in zip(theirs, ours)])}")
    print(f"ratio job / Python             {spread([t / o.job for t, o in zip(theirs, ours)])}")
    print(f"bundle_match, whole command    {spread([count / o.command for o in ours])} images/s")
    print(f"bundle_match, job              {spread([count / o.job for o in ours])} images/s")
    print(f"Python OpenCV on ipyparallel   {spread([count / s for s in theirs])} images/s")
    if colmap_runs:
        print(f"COLMAP on the CPU              {spread([count / s for s in colmap_runs])} images/s")
    print("Of the command, in seconds:")
    for name in ("command", "start", "reference", "images", "end"):
        print(f"  {name:28} {spread([getattr(run, name) for run in ours], 3)}")
        if name == "images":
            for part, seconds in parts.items():
                print(f"    {part:26} {seconds:.3f}, once")
    print(f"An MPI program that does nothing {spread(hellos, 3)} s")
    print(f"all {count} counts agree" if agree else "COUNTS DIFFER")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
