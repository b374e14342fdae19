#!/usr/bin/env python3
# What an option adds to a run: option_cost_bench.py build/bundle_match -- --send-images
# SPDX-License-Identifier: Apache-2.0
"""Runs the command with and without the options after `--`, alternating, and prints the whole command's
time of both and their ratio, medians (least .. most). `{folder}` in an option is a scratch folder.

  option_cost_bench.py build/bundle_match -- --send-images
  option_cost_bench.py build/bundle_match --repeat 60 -- --report {folder}/report.html
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time

from launching import add_bundle_arguments, environment, write_list


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
    add_bundle_arguments(parser)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--runs", type=int, default=7)
    chosen = parser.parse_args(arguments[:split])
    if not options:
        parser.error("no option after --")
    with tempfile.TemporaryDirectory() as folder:
        listing = f"{folder}/list"
        count = write_list(listing, chosen)
        sets = ([], [option.replace("{folder}", folder) for option in options])
        times = ([], [])
        for number in range(chosen.runs):
            for which in (0, 1) if number % 2 == 0 else (1, 0):
                times[which].append(seconds(chosen.binary, chosen.ranks, chosen.reference, listing,
                                            f"{folder}/counts.csv", sets[which]))
    print(f"{count} images, {chosen.ranks} ranks, {chosen.runs} runs each")
    print(f"without: {spread(times[0], ' s')}")
    print(f"with {' '.join(options)}: {spread(times[1], ' s')}")
    print(f"ratio: {spread([b / a for a, b in zip(*times)])}")


if __name__ == "__main__":
    sys.exit(main())
