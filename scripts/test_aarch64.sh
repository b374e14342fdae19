#!/usr/bin/env bash
# Cross-compiles matching, SIFT and their tests for aarch64 and runs them under qemu-user, on a CPU
# without dot products and on one with, so that both NEON kernels for matching run.
# Needs g++-aarch64-linux-gnu, qemu-user, googletest (sources), cmake, ninja.
# Usage: scripts/test_aarch64.sh [BUILD_DIR]        (default: build-aarch64)
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail

cd "$(dirname "$0")/.."
build=${1:-build-aarch64}
export QEMU_LD_PREFIX=/usr/aarch64-linux-gnu

cmake -S . -B "$build" -G Ninja \
  -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
  -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ \
  -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc \
  -DCMAKE_CROSSCOMPILING_EMULATOR=qemu-aarch64 \
  -DBUNDLE_MATCH_MATCHING_ONLY=ON -DBUNDLE_MATCH_WERROR=ON \
  -DBUNDLE_MATCH_GTEST_SOURCE="${GTEST_SOURCE:-/usr/src/googletest}"
cmake --build "$build"

# run_on CPU SKIPPED [CTEST_OPTION...]: all tests pass, and the kernels skipped are exactly SKIPPED
# (may be empty).
run_on() {
  echo "== qemu-aarch64 -cpu $1"
  local log
  log=$(mktemp)
  QEMU_CPU=$1 ctest --test-dir "$build" --verbose -j "$(nproc)" "${@:3}" | tee "$log"
  local skipped
  skipped=$(sed -n 's|.*this CPU lacks \([a-z0-9_]*\)$|\1|p' "$log" | sort -u)
  rm "$log"
  if [[ $skipped != "$2" ]]; then
    echo "error: on $1 the skipped kernels are '$skipped', expected '$2'" >&2
    return 1
  fi
}

run_on cortex-a72 neon_dotprod
# Of SIFT there is one variant here, the same code on both.
run_on max '' --tests-regex '^unit\.matching$'
