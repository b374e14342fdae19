#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test and check through one CTest run.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/setup.sh

usage() {
  cat <<'END'
Usage: scripts/test.sh [--quick | --sanitizers]

Builds into build/ (Release, warnings are errors) and build-fuzz/ (scripts/fuzz.sh), then runs the
tests, a few seconds of fuzzing a target, formatting, clang-tidy and shellcheck. The last thing it prints is CTest's summary of all of them; a check that this machine
cannot make is listed there as skipped. Missing packages are installed as by scripts/demo.sh.

  --quick        no clang-tidy, no fuzzing
  --sanitizers   also build into build-asan/ (address and undefined-behaviour sanitizers) and run
                 the unit tests and the simulation there
  -h, --help

Afterwards, single ones:  ctest --test-dir build/checks --output-on-failure -R NAME
END
}

thorough=ON
sanitizers=OFF
while (($# > 0)); do
  case $1 in
    --quick) thorough=OFF && shift ;;
    --sanitizers) sanitizers=ON && shift ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
done

install_missing "${build_packages[@]}" "${demo_packages[@]}" "${test_packages[@]}"
allow_mpi_as_root

say "Building build/ (Release)"
cmake --preset release -DBUNDLE_MATCH_TESTS=ON -DBUNDLE_MATCH_WERROR=ON
cmake --build build
if [[ $sanitizers == ON ]]; then
  say "Building build-asan/ (sanitizers)"
  cmake --preset asan
  cmake --build build-asan
fi
if [[ $thorough == ON ]]; then
  scripts/fuzz.sh --build || [[ $? == 77 ]] # the tests then say that they are skipped
fi

say "Testing"
cmake -S scripts/checks -B build/checks -DTHOROUGH=$thorough -DSANITIZERS=$sanitizers
jobs=$(nproc)
[[ $thorough == OFF ]] || jobs=$((jobs + 1)) # clang-tidy runs in the background of the others
ctest --test-dir build/checks --output-on-failure -j "$jobs"
