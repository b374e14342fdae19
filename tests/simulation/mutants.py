# Puts faults into the machines, one by one, and lets the simulation find each of them.
# SPDX-License-Identifier: Apache-2.0
"""A simulation that finds nothing may be blind. Each fault is a replacement of text that must stand once
in its file; the file is compiled and linked with the simulation's objects instead of the right one, and
must break an invariant within the schedules of the test run. The right files, compiled the same way,
must not.

CTest runs it as simulation.mutants. By hand, from the build folder:
    ctest -R simulation.mutants -V
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys

from faults import FAULTS

SCHEDULES = 100_000
LIMIT_S = 120  # a fault may also be an endless loop
FOUND = re.compile(r"schedule (\d+), violated: (.*)")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--launcher", default="", help="of the compiler: ccache")
    parser.add_argument("--source", required=True, help="the checkout")
    parser.add_argument("--folder", required=True, help="for what is built")
    parser.add_argument("--objects", required=True, help="of the simulation, and libraries; by ';'")
    parser.add_argument("--only", help="faults whose description has this text")
    return parser.parse_args()


def mutated(source, fault):
    """The text of the fault's file, with the fault in it."""
    with open(os.path.join(source, fault.file), encoding="utf-8") as file:
        text = file.read()
    if text.count(fault.right) != 1:
        sys.exit(f"{fault.file}: stands {text.count(fault.right)} times: {fault.right!r}")
    return text.replace(fault.right, fault.wrong)


def build(options, name, files):
    """The simulation with these files, {path in the checkout: text}."""
    launcher = [options.launcher] if options.launcher else []
    includes = [f"-I{os.path.join(options.source, 'include')}"]
    objects = []
    for path, text in files.items():
        copy = os.path.join(options.folder, f"{name}-{os.path.basename(path)}")
        with open(copy, "w", encoding="utf-8") as file:
            file.write(text)
        beside = f"-I{os.path.dirname(os.path.join(options.source, path))}"
        command = [*launcher, options.compiler, "-std=c++20", "-O1", "-w", *includes, beside]
        subprocess.run([*command, "-c", copy, "-o", copy + ".o"], check=True)
        objects.append(copy + ".o")
    binary = os.path.join(options.folder, name)
    # Before the libraries, which then have nothing more to add.
    link = [options.compiler, *objects, *options.objects.split(";"), "-pthread", "-o", binary]
    subprocess.run(link, check=True)
    return binary


def play(binary):
    """What the simulation finds: (after how many schedules, which invariant); nothing: None."""
    command = [binary, f"--schedules={SCHEDULES}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return "-", f"no end within {LIMIT_S} s"
    found = FOUND.search(done.stdout)
    if found:
        return found.group(1), found.group(2)
    return ("-", f"it ends with {done.returncode}") if done.returncode != 0 else None


def find(options, number, fault):
    binary = build(options, f"fault-{number}", {fault.file: mutated(options.source, fault)})
    found = play(binary)
    os.remove(binary)
    return found


def play_unchanged(options):
    files = {}
    for path in sorted({fault.file for fault in FAULTS}):
        with open(os.path.join(options.source, path), encoding="utf-8") as file:
            files[path] = file.read()
    return play(build(options, "unchanged", files))


def main():
    options = arguments()
    faults = [it for it in FAULTS if not options.only or options.only in it.what]
    missed = 0
    os.makedirs(options.folder, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        unchanged = pool.submit(play_unchanged, options)
        results = pool.map(lambda it: find(options, *it), enumerate(faults))
        print(f"{'schedules':>9}  fault -> invariant")
        for fault, found in zip(faults, results):
            missed += found is None
            after, invariant = found or ("NONE", "not found")
            print(f"{after:>9}  {fault.what} -> {invariant}", flush=True)
    if unchanged.result() is not None:
        sys.exit(f"without a fault, too: {unchanged.result()}")
    print(f"{len(faults) - missed} of {len(faults)} faults found, within {SCHEDULES} schedules each")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
