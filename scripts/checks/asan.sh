#!/usr/bin/env bash
# Runs the tests of one label from build-asan/, with the sanitizers' options.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
  cat <<'END'
Usage: scripts/checks/asan.sh LABEL [CTEST_OPTION...]

LABEL: unit, simulation, mpi or e2e. Leaks are not looked for in the last two: Open MPI leaves memory
behind from components it has unloaded by the end, so their call stacks cannot be named in a
suppression.
END
}

case ${1:-} in
  -h | --help) usage && exit 0 ;;
  '') usage >&2 && exit 2 ;;
esac
label=$1 && shift

leaks=0
[[ $label != unit && $label != simulation ]] || leaks=1
# verify_asan_link_order: a test preloads a decoder that crashes.
export ASAN_OPTIONS=detect_leaks=$leaks:strict_string_checks=1:detect_stack_use_after_return=1:verify_asan_link_order=0
export UBSAN_OPTIONS=print_stacktrace=1
ctest --test-dir build-asan -L "^$label\$" --no-tests=error --output-on-failure "$@"
