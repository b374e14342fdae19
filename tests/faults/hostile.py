# A bundle of which a tenth is hostile: what it costs the others.
# SPDX-License-Identifier: Apache-2.0
import csv
import os
import re
import shutil
import statistics

from job import Failure

TIMEOUT_S = 3


def make_hostile(folder, fixtures):
    """Six images to 47 good ones, and one that hangs, as what to add to them."""
    os.makedirs(folder)
    os.mkfifo(os.path.join(folder, "fifo.png"))
    for source, name in (
        ("bombs/whole.png", "bomb.png"),
        ("bombs/tiny.pgm", "bomb.pgm"),
        ("bad/truncated.png", "truncated.png"),
        ("trap/segfault.png", "segfault.png"),
        ("trap/abort.png", "abort.png"),
    ):
        shutil.copy(os.path.join(fixtures, source), os.path.join(folder, name))
    return os.path.join(fixtures, "trap", "hang.png")


def counts(path):
    with open(path, newline="") as file:
        return {row["path"]: (row["status"], row["matches"]) for row in csv.DictReader(file)}


def seconds_of(said):
    """The program's own time: mpirun takes one to two seconds more when the exit code is not 0."""
    return float(re.search(r"; ([0-9.]+) s, of which reference", said)[1])


def check_others(found, right, hostile_ones):
    wrong = [path for path in right if right[path] != found.get(path) or right[path][0] != "ok"]
    if wrong:
        raise Failure(f"hostile images spoil others: {wrong}")
    statuses = {os.path.basename(p): status for p, (status, _) in found.items() if p not in right}
    if len(statuses) != hostile_ones or "ok" in statuses.values():
        raise Failure(f"hostile images: {statuses}")
    return ", ".join(f"{name} {status}" for name, status in sorted(statuses.items()))


def test_hostile(bundle, bad_decoder, hostile, hanging, repeats):
    """The ratio is of runs without time-outs, so that there is none to be taken off."""
    options = ("--timeout", str(TIMEOUT_S), "--memory-limit", "512M")
    prefix = ("env", f"LD_PRELOAD={bad_decoder}")

    def run(inputs, codes):
        bundle.clear()
        said = bundle.run(2, codes=codes, options=options, prefix=prefix, inputs=inputs).said()
        return counts(bundle.output), seconds_of(said)

    without, with_them = [], []
    for _ in range(repeats):
        right, seconds = run((bundle.images,), (0,))
        without.append(seconds)
        found, seconds = run((bundle.images, hostile), (1,))
        with_them.append(seconds)
        check_others(found, right, 6)
    found, with_hang_s = run((bundle.images, hostile, hanging), (1,))
    ratio = statistics.median(with_them) / statistics.median(without)
    print(
        f"  {check_others(found, right, 7)}\n"
        f"  {len(right)} good ones ok with the same counts in {2 * repeats + 1} runs\n"
        f"  medians of {repeats}: without {statistics.median(without):.1f} s, with "
        f"{statistics.median(with_them):.1f} s, ratio {ratio:.2f}; once with one that hangs for "
        f"--timeout {TIMEOUT_S}: {with_hang_s:.1f} s",
        flush=True,
    )
    return ratio
