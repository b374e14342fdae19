# Whole runs over damaged journals: every cut in the last two records, random damage.
# SPDX-License-Identifier: Apache-2.0
import os
import random
import sys

from bundle import Bundle
from job import Failure, Job

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from damage import damage  # noqa: E402


def test_damage(bundle, cuts, damages, seed):
    """One rank without a launcher, for the sake of time, and two images."""
    small = Bundle(bundle.binary, bundle.images, bundle.work)
    inputs = [os.path.join(bundle.images, name) for name in ("00.png", "01.jpg")]

    def run():
        line = [small.binary, "--nfeatures", "100", "-r", small.reference, "-o", small.output, *inputs]
        with Job(line, small.errors) as job:
            return job.wait(), job.said()

    small.clear()
    if run()[0] != 0:
        raise Failure("the run to damage the journal of has failed")
    expected = small.read()
    with open(small.journal, "rb") as file:
        whole = file.read()

    def goes_on(journal, what):
        small.clear()
        with open(small.journal, "wb") as file:
            file.write(journal)
        code, said = run()
        if code == 0 and small.read() == expected:
            return True
        if code == 2 and "--overwrite" in said and not os.path.exists(small.output):
            return False
        raise Failure(f"{what}: exit code {code}\n{said}")

    last_two = len(b"".join(whole.splitlines(keepends=True)[-2:]))
    step = max(1, (last_two + 1) // cuts)
    tried = 0
    for cut in range(0, last_two + 1, step):
        if not goes_on(whole[: len(whole) - cut], f"journal cut by {cut} bytes"):
            raise Failure(f"journal cut by {cut} bytes: refused")
        tried += 1
    gone_on = 0
    for number in range(damages):
        rng = random.Random(f"{seed} damage {number}")
        gone_on += goes_on(damage(whole, rng), f"damage {number}, seed {seed}")
    print(
        f"  {tried} cuts in the last two records ({last_two} bytes): same bytes\n"
        f"  {damages} random damages: {gone_on} times the same bytes, {damages - gone_on} times a clear error",
        flush=True,
    )
