#!/usr/bin/env python3
# What many references in one run gain over a run for each.
# SPDX-License-Identifier: Apache-2.0
"""Matches every image with every image: by one run with all of them as references, by one run with
--all-pairs, and by a run for each reference, alternating. Prints the median seconds of each and the
ratios, and checks that all give the same counts, which are symmetric. A run is the whole command,
with mpirun's start and end."""

import argparse
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time

from launching import environment


def run(arguments, *options):
    """Seconds of the command, and its counts by reference and image."""
    command = ["mpirun", "-n", str(arguments.ranks), arguments.binary, "-q", "--format", "csv",
               *options, "--list", arguments.listing]
    start = time.perf_counter()
    result = subprocess.run(command, env=environment(), capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {result.returncode}\n{result.stderr}")
    rows = list(csv.DictReader(result.stdout.splitlines()))
    return seconds, {(row.get("reference"), row["path"]): int(row["matches"]) for row in rows}


def run_singles(arguments, images):
    seconds, counts = 0.0, {}
    for image in images:
        more, found = run(arguments, "-r", image)
        seconds += more
        counts.update({(image, path): matches for (_, path), matches in found.items()})
    return seconds, counts


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f} .. {max(values):.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", help="bundle_match")
    parser.add_argument("images", nargs="+")
    parser.add_argument("-n", "--ranks", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    images = arguments.images
    seconds = {"many references": [], "all pairs": [], "single runs": []}
    with tempfile.TemporaryDirectory() as folder:
        arguments.listing = os.path.join(folder, "list")
        with open(arguments.listing, "w") as listing:
            listing.write("".join(f"{image}\n" for image in images))
        for number in range(arguments.runs):
            results = {
                "many references": run(arguments, "--reference-list", arguments.listing),
                "all pairs": run(arguments, "--all-pairs"),
                "single runs": run_singles(arguments, images),
            }
            for name, (of_run, _) in results.items():
                seconds[name].append(of_run)
            many, pairs, singles = (results[name][1] for name in seconds)
            if many != singles or any(many[pair] != n for pair, n in pairs.items()):
                sys.exit("COUNTS DIFFER")
            if any(many[(b, a)] != n for (a, b), n in many.items()):
                sys.exit("THE MATRIX IS NOT SYMMETRIC")
            print(f"run {number + 1}: " + ", ".join(f"{name} {values[-1]:.2f} s"
                                                  for name, values in seconds.items()),
                  file=sys.stderr)
    print(f"{len(images)} references x {len(images)} images, {arguments.ranks} ranks, "
          f"{arguments.runs} alternating runs; median (least .. most)")
    for name, values in seconds.items():
        print(f"{name:16} {spread(values)} s")
    for name in ("many references", "all pairs"):
        ratios = [s / m for s, m in zip(seconds["single runs"], seconds[name])]
        print(f"single runs / {name:16} {spread(ratios)}")
    print("all counts agree, and are symmetric")
    return 0


if __name__ == "__main__":
    sys.exit(main())
