#!/usr/bin/env python3
# Prints the cases that the unit tests skipped when they last ran. Exit code 77 if there are any.
# SPDX-License-Identifier: Apache-2.0
"""Usage: skipped_cases.py FOLDER TEST...

FOLDER/TEST.json is what GoogleTest wrote of a test. A test without such a file has crashed or has not
run, which CTest itself tells."""

import json
import pathlib
import sys


def skipped_cases(results):
    for suite in json.loads(results.read_text())["testsuites"]:
        for case in suite["testsuite"]:
            if case["result"] == "SKIPPED":
                yield f"{suite['name']}.{case['name']}"


def main():
    folder, *tests = sys.argv[1:]
    any_skipped = False
    for test in tests:
        results = pathlib.Path(folder, f"{test}.json")
        for case in skipped_cases(results) if results.exists() else ():
            any_skipped = True
            print(f"{test}: {case}")
    if any_skipped:
        print("For the reasons: ctest --verbose -R TEST")
    sys.exit(77 if any_skipped else 0)


if __name__ == "__main__":
    main()
