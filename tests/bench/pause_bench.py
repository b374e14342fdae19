# How long the loop of a rank stands still at most: pause_bench.py build/bundle_match.
# SPDX-License-Identifier: Apache-2.0
"""Runs all pairs of many small images, and one reference against many more with a report, on two ranks,
and prints the longest pause of each rank's loop, as the summary of --verbose tells it. big_list_bench
prints it for a list of millions. A pause is longer than what the loop does when the machine has no core
for it: run it on a quiet machine, and several times.
"""

import argparse
import pathlib
import re
import statistics
import subprocess
import tempfile

import launching

PAUSE = re.compile(r"rank (\d+) on .* longest pause ([0-9.]+) ms")


def write_images(folder, count):
    import numpy as np
    from PIL import Image

    folder.mkdir()
    random = np.random.default_rng(8)
    for i in range(count):
        small = random.integers(0, 256, (12, 16), dtype=np.uint8)
        Image.fromarray(small).resize((64, 48), Image.BICUBIC).save(folder / f"{i:05}.png")
    return folder


def longest_pauses(command, runs):
    """Of each rank, in each run."""
    pauses = {}
    for _ in range(runs):
        done = subprocess.run(command, env=launching.environment(), stderr=subprocess.PIPE, text=True,
                              check=True)
        for rank, pause_ms in PAUSE.findall(done.stderr):
            pauses.setdefault(int(rank), []).append(float(pause_ms))
    return pauses


def report(name, pauses):
    for rank, values in sorted(pauses.items()):
        print(f"{name}: rank {rank}: longest pause {statistics.median(values):.1f} ms "
              f"(median of {len(values)}; {min(values):.1f} .. {max(values):.1f})")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle_match")
    parser.add_argument("--pairs-of", type=int, default=2000, help="images of --all-pairs")
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the report")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        images = write_images(folder / "images", arguments.pairs_of)
        program = ["mpirun", "-n", "2", arguments.bundle_match, "--verbose", "--overwrite"]
        report(f"all pairs of {arguments.pairs_of} images", longest_pauses(
            [*program, "--all-pairs", "-o", folder / "pairs.csv", images], arguments.runs))
        paths = sorted(map(str, images.iterdir()))
        listing = folder / "list"
        listing.write_text("".join(f"{paths[i % len(paths)]}\n" for i in range(arguments.rows)))
        report(f"a report of {arguments.rows} rows", longest_pauses(
            [*program, "-r", paths[0], "-o", folder / "rows.csv", "--report", folder / "rows.html",
             "--list", listing], arguments.runs))


if __name__ == "__main__":
    main()
