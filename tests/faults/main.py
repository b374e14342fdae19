# Runs the fault tests: main.py --help. Called by scripts/test_faults.sh.
# SPDX-License-Identifier: Apache-2.0
import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import disk
import hostile
import journal_damage
import kills
import lost_ranks
from bundle import Bundle
from images import make_images
from job import Failure

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = ("kills", "lost", "disk", "hostile", "damage")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    parser.add_argument("--bad-decoder", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--moments", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ulfm", action="store_true")
    parser.add_argument("--no-mounts", help="why there is no mount namespace")
    parser.add_argument("tests", nargs="*", metavar="TEST")
    return parser.parse_args()


def run_kills(bundle, options, moments):
    print(f"kill -9 at {moments} random moments each:")
    for victim in kills.VICTIMS:
        kills.test_kills(bundle, victim, moments, options.seed)


def run_lost(bundle, options, moments):
    recovery = ("--with-ft", "ulfm") if options.ulfm else ("--enable-recovery",)
    if options.quick:
        moments = min(moments, 2)  # they wait for --rank-timeout
    print(f"lost ranks, mpirun {' '.join(recovery)}:")
    lost_ranks.test_lost_workers(bundle, recovery, signal.SIGKILL, moments, options.seed)
    lost_ranks.test_lost_workers(bundle, recovery, signal.SIGSTOP, moments, options.seed)
    lost_ranks.test_lost_before_the_work(bundle, recovery, moments)
    lost_ranks.test_rank_0_lost_before_the_work(bundle, recovery, moments)
    lost_ranks.test_rank_0_lost_as_the_work_begins(bundle, recovery, moments, options.seed)
    lost_ranks.test_lost_rank_0(bundle, recovery, moments, options.seed)
    lost_ranks.test_without_option(bundle, moments, options.seed)


def run_disk(bundle, options, moments):
    print("a file system of 1 MB that is full:")
    why_not = options.no_mounts or disk.why_not_mountable(bundle.work)
    if why_not:
        print(f"  skipped: {why_not}")
        return
    disk.test_full_disk(bundle)


def run_hostile(bundle, options, moments):
    print("6 of 53 images hostile:")
    fixtures = os.path.join(bundle.work, "fixtures")
    subprocess.run(
        [sys.executable, os.path.join(HERE, "..", "e2e", "make_fixtures.py"), fixtures],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    folder = os.path.join(bundle.work, "hostile")
    hanging = hostile.make_hostile(folder, fixtures)
    repeats = 1 if options.quick else 9
    ratio = hostile.test_hostile(bundle, options.bad_decoder, folder, hanging, repeats)
    if not options.quick and ratio >= 1.5:
        raise Failure(f"hostile images cost too much: {ratio:.2f}")


def run_damage(bundle, options, moments):
    print("damaged journals:")
    cuts, damages = (5, 10) if options.quick else (10**9, 1000)
    journal_damage.test_damage(bundle, cuts, damages, options.seed)


def main():
    options = arguments()
    moments = options.moments or (3 if options.quick else 20)
    work = tempfile.mkdtemp(prefix="bundle_match_faults.")
    # The finally below, and every Job's end, must come whatever ends this.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    start = time.monotonic()
    try:
        images = os.path.join(work, "images")
        make_images(images)
        bundle = Bundle(options.binary, images, work)
        bundle.undisturbed()
        print(f"seed {options.seed}, {os.cpu_count()} cores", flush=True)
        for test in options.tests or TESTS:
            begun = time.monotonic()
            globals()[f"run_{test}"](bundle, options, moments)
            print(f"  ({time.monotonic() - begun:.0f} s)", flush=True)
    except Failure as failure:
        print(f"FAILED: {failure}", flush=True)
        return 1
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"passed in {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
