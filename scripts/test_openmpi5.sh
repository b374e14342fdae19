#!/usr/bin/env bash
# Builds and tests the program on Debian 13, with its Open MPI 5, compiler, OpenCV and Boost, and runs
# it there with ranks that are lost (mpirun --with-ft ulfm).
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'END'
Usage: scripts/test_openmpi5.sh [OPTION...]          (as root, on Debian or Ubuntu)

Makes a bare Debian 13 in a temporary folder and runs in it demo.sh, test.sh, and the lost
ranks of test_faults.sh under Open MPI 5. Prints the time of each; all is gone afterwards.

  --moments N   random moments of each kind of loss (default 20)
  --options of scripts/test_fresh.sh, such as --cache DIR or --worktree
  -h, --help
END
}

moments=20 options=()
while (($# > 0)); do
  case $1 in
    --moments) moments=${2:?--moments needs a number} && shift 2 ;;
    -h | --help) usage && exit 0 ;;
    *) options+=("$1") && shift ;;
  esac
done
exec scripts/test_fresh.sh --suite trixie --lost-ranks "$moments" "${options[@]}"
