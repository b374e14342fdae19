#!/usr/bin/env bash
# Installs what is missing, builds, and matches real photographs on all cores. Again: it only runs.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/setup.sh

usage() {
  cat <<'END'
Usage: scripts/demo.sh [-n RANKS]

Matches one photograph of the package opencv-doc against all of them, on all cores. The first
time it installs the packages that are missing (Debian, Ubuntu; with sudo unless root) and builds
build/bundle_match; after that it only runs. The counts go to standard output.

  -n RANKS   ranks to start (default: one a core)
  -h, --help
END
}

ranks=
while (($# > 0)); do
  case $1 in
    -n) ranks=${2:?-n needs a number} && shift 2 ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
done

install_missing "${build_packages[@]}" "${demo_packages[@]}"
allow_mpi_as_root

build() {
  say "Building build/bundle_match, if anything changed"
  cmake --build build --target bundle_match >&2
}
if [[ -e build/CMakeCache.txt ]]; then
  build
else
  say "Configuring build/ (Release)"
  # With the flags of scripts/test.sh, so that neither compiles again what the other has.
  cmake --preset release -DBUNDLE_MATCH_TESTS=OFF -DBUNDLE_MATCH_WERROR=ON >&2
  # A compiler that warns of more than those we know is no reason to stop here.
  build || { cmake build -DBUNDLE_MATCH_WERROR=OFF >&2 && build; }
fi

photographs=$(find_photographs)
command=(mpirun -n "${ranks:-$(default_ranks)}" build/bundle_match
  --reference "$photographs/aloeL.jpg" "$photographs/*.jpg")
say "Matching aloeL.jpg against the photographs of opencv-doc. To run it yourself:"
if [[ $(id -u) == 0 ]]; then
  echo "export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1  # as root only" >&2
fi
printf "%s '%s'\n\n" "${command[*]:0:${#command[@]}-1}" "${command[-1]}" >&2

# Every photograph can be matched, so 1 (some could not) is a failure here like any other.
status=0
"${command[@]}" || status=$?
((status == 0)) || die "bundle_match returned $status; what went wrong is said above"
