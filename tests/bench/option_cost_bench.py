#!/usr/bin/env python3
# What an option adds to a run: option_cost_bench.py build/bundle_match -- --send-images
# SPDX-License-Identifier: Apache-2.0
"""Runs the command with and without the options after `--`, alternating, and prints the whole command's
time of both and their ratio, medians (least .. most). `{folder}` in an option is a scratch folder.

  option_cost_bench.py build/bundle_match -- --send-images
  option_cost_bench.py build/bundle_match --repeat 60 -- --report {folder}/report.html
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from launching import environment

PHOTOGRAPHS = "/usr/share/doc/opencv-doc/examples/data"


def seconds(binary, ranks, reference, listing, output, options):
    start = time.monotonic()
    subprocess.run(
        ["mpirun", "-n", str(ranks), binary, "-r", reference, "--list", listing, "--progress",
         "never", "-q", "--overwrite", "-o", output, *options], env=environment(), check=True)
    return time.monotonic() - start


def spread(values, unit=""):
    return f"{statistics.median(values):.3f}{unit} ({min(values):.3f} .. {max(values):.3f})"


def main():
    arguments = sys.argv[1:]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options = arguments[split + 1:]
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", help="bundle_match")
    parser.add_argument("--reference", default=f"{PHOTOGRAPHS}/left01.jpg")
    parser.add_argument("--images", nargs="+", default=None, help="default: the left*.jpg and "
                        "right*.jpg of opencv-doc, each many times")
    parser.add_argument("--repeat", type=int, default=8, help="times each image is listed")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--runs", type=int, default=7)
    chosen = parser.parse_args(arguments[:split])
    if not options:
        parser.error("no option after --")
    images = chosen.images or sorted(
        map(str, [*pathlib.Path(PHOTOGRAPHS).glob("left*.jpg"),
                  *pathlib.Path(PHOTOGRAPHS).glob("right*.jpg")]))
    with tempfile.TemporaryDirectory() as folder:
        listing = f"{folder}/list"
        pathlib.Path(listing).write_text("\n".join(images * chosen.repeat) + "\n")
        sets = ([], [option.replace("{folder}", folder) for option in options])
        times = ([], [])
        for number in range(chosen.runs):
            for which in (0, 1) if number % 2 == 0 else (1, 0):
                times[which].append(seconds(chosen.binary, chosen.ranks, chosen.reference, listing,
                                            f"{folder}/counts.csv", sets[which]))
    print(f"{len(images) * chosen.repeat} images, {chosen.ranks} ranks, {chosen.runs} runs each")
    print(f"without: {spread(times[0], ' s')}")
    print(f"with {' '.join(options)}: {spread(times[1], ' s')}")
    print(f"ratio: {spread([b / a for a, b in zip(*times)])}")


if __name__ == "__main__":
    sys.exit(main())
