#!/usr/bin/env bash
# Everything that can be tested: some hours of it.
# SPDX-License-Identifier: Apache-2.0
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit

usage() {
  cat <<'END'
Usage: scripts/test_all.sh [--fuzz SECONDS]          (as root, on Debian or Ubuntu)

Runs scripts/test.sh --thorough on a bare Debian 12 (scripts/test_fresh.sh); scripts/test.sh and lost ranks
on a bare Debian 13 with Open MPI 5; all faults of scripts/test_faults.sh at 20 moments each; and each fuzz
target for SECONDS (default 1200, 20 minutes), as many at once as there are cores. Each part runs even if one
before it failed; prints what each took and how it ended, and returns 1 if any failed.

  -h, --help
END
}

seconds=1200
while (($# > 0)); do
  case $1 in
    --fuzz) seconds=${2:?--fuzz needs a number of seconds} && shift 2 ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
done

failed=0 summary=()
part() { # COMMAND...
  local begin=$SECONDS status=0
  printf '\n== %s\n' "$*" >&2
  "$@" || status=$?
  ((status == 0)) || failed=1
  summary+=("$(printf '%6d s  exit code %3d  %s' "$((SECONDS - begin))" "$status" "$*")")
}

part scripts/test_fresh.sh --thorough
part scripts/test_openmpi5.sh
part scripts/test_faults.sh
part scripts/fuzz.sh "$seconds"
printf '\n' && printf '%s\n' "${summary[@]}"
exit "$failed"
