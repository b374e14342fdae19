# A bundle of which a tenth is hostile: what it costs the others.
# SPDX-License-Identifier: Apache-2.0
import csv
import os
import shutil
import statistics

from job import Failure

TIMEOUT_S = 3


def make_hostile(folder, fixtures):
    """Six images to 47 good ones; also how many of them end by --timeout."""
    os.makedirs(folder)
    os.mkfifo(os.path.join(folder, "fifo.png"))
    for source, name in (
        ("bombs/whole.png", "bomb.png"),
        ("bombs/tiny.pgm", "bomb.pgm"),
        ("bad/truncated.png", "truncated.png"),
        ("trap/segfault.png", "segfault.png"),
        ("trap/hang.png", "hang.png"),
    ):
        shutil.copy(os.path.join(fixtures, source), os.path.join(folder, name))
    return 1


def counts(path):
    with open(path, newline="") as file:
        return {row["path"]: (row["status"], row["matches"]) for row in csv.DictReader(file)}


def test_hostile(bundle, bad_decoder, hostile, time_outs, repeats):
    options = ("--timeout", str(TIMEOUT_S), "--memory-limit", "512M")
    prefix = ("env", f"LD_PRELOAD={bad_decoder}")
    without, with_them = [], []
    for _ in range(repeats):
        bundle.clear()
        without.append(bundle.run(2, options=options, prefix=prefix).seconds)
        right = counts(bundle.output)
        bundle.clear()
        with_them.append(
            bundle.run(
                2, codes=(1,), options=options, prefix=prefix, inputs=(bundle.images, hostile)
            ).seconds
        )
        found = counts(bundle.output)
        wrong = [path for path in right if right[path] != found.get(path) or right[path][0] != "ok"]
        if wrong:
            raise Failure(f"hostile images spoil others: {wrong}")
        refused = {os.path.basename(p): s for p, (s, _) in found.items() if p not in right}
        if len(refused) != 6 or "ok" in refused.values():
            raise Failure(f"hostile images: {refused}")
    # mpirun takes two seconds more when the exit code is not 0: measured, as it is not ours.
    extra_s = launcher_extra(bundle, prefix, repeats)
    plain = statistics.median(without)
    theirs = statistics.median(with_them) - extra_s - time_outs * TIMEOUT_S
    print(
        f"  {', '.join(f'{name} {status}' for name, status in sorted(refused.items()))}\n"
        f"  {len(right)} good ones ok with the same counts in {repeats} runs of each\n"
        f"  medians: without {plain:.2f} s, with {statistics.median(with_them):.2f} s, of which time-outs "
        f"{time_outs * TIMEOUT_S} s and mpirun's own for exit code 1 {extra_s:.2f} s: "
        f"ratio {theirs / plain:.2f}",
        flush=True,
    )
    return theirs / plain


def launcher_extra(bundle, prefix, repeats):
    """What mpirun takes longer if the job's exit code is 1 than if it is 0."""
    missing = os.path.join(bundle.work, "missing")
    with open(missing, "w") as file:
        file.write(f"{bundle.reference}\n{bundle.work}/no_such.png\n")
    good, bad = [], []
    for _ in range(repeats):
        bundle.clear()
        good.append(bundle.run(2, inputs=(bundle.reference, bundle.reference), prefix=prefix).seconds)
        bundle.clear()
        bad.append(bundle.run(2, codes=(1,), inputs=("--list", missing), prefix=prefix).seconds)
    return statistics.median(bad) - statistics.median(good)
