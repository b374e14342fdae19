#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test and check through one CTest run.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/setup.sh
source scripts/lib/llvm.sh

usage() {
  cat <<'END'
Usage: scripts/test.sh [--quick | --thorough]

Builds what it tests: build/ (Release, warnings are errors) and build-asan/ (address and undefined-behaviour
sanitizers, fuzz targets). Then it runs the tests, also on a cluster of network namespaces, under faults and
from the package, some seconds of fuzzing a target, formatting, clang-tidy and shellcheck. The last thing it
prints is CTest's summary of all of them; a check that this machine cannot make is listed there as skipped.
Missing packages are installed as by scripts/demo.sh.

  --quick      what a change can break at once: build/ alone, without what takes many seconds, formatting,
               shellcheck
  --thorough   also build-tsan/ (thread sanitizer) and clang's static analyzer
  -h, --help

scripts/test_all.sh does more. Afterwards, single ones:
  ctest --test-dir build/checks --output-on-failure -R NAME
END
}

quick=OFF thorough=OFF presets=(asan)
while (($# > 0)); do
  case $1 in
    --quick) quick=ON presets=() && shift ;;
    --thorough) thorough=ON presets+=(tsan) && shift ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
done

install_missing "${build_packages[@]}" "${demo_packages[@]}" "${test_packages[@]}"
allow_mpi_as_root

say "Building build/ (Release)"
cmake --preset release -DBUNDLE_MATCH_TESTS=ON -DBUNDLE_MATCH_WERROR=ON
cmake --build build
for preset in "${presets[@]}"; do
  say "Building build-$preset/"
  build_sanitized "$preset" || [[ $? == 77 ]] # the list then says that its tests are skipped
done

say "Testing"
cmake -S scripts/checks -B build/checks -DQUICK=$quick -DTHOROUGH=$thorough -DPRESETS="$(IFS=";" && echo "${presets[*]}")"
options=()
if [[ $quick == ON ]]; then
  options+=(--label-exclude slow)
  export WITHOUT_SLOW_CASES=1 # of tests/e2e
fi
# Three at a time for each core, as the tests of the command wait for most of their time. An hour is for what
# hangs: on a busy machine a test may take many times what it takes alone.
ctest --test-dir build/checks --output-on-failure --timeout 3600 -j $((3 * $(nproc))) "${options[@]}"
