#!/usr/bin/env bash
# What a user gains: the same bundle through Python OpenCV on ipyparallel and through bundle_match.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/setup.sh

usage() {
  cat <<'END'
Usage: scripts/bench_vs_python.sh [-n RANKS] [--runs RUNS] [OPTION...] [REFERENCE IMAGE...]

Matches REFERENCE against the images, alternating between Python OpenCV on ipyparallel (as many
engines as ranks, warm) and `mpirun -n RANKS build/bundle_match`, and prints how many times as fast the
command is, medians of images/s, whether all counts agree, and what the command's time consists of,
beside an MPI program that does nothing. Where COLMAP is installed, it takes part. Without REFERENCE:
the photographs of the package opencv-doc, with aloeL.jpg. Missing packages are installed.

  -n RANKS         ranks, and engines (default: one a core)
  --runs RUNS      of each (default 5)
  --nfeatures N    features an image (default 5000)
  --repeat N       lists each image N times
  --option=OPTION  for bundle_match, such as --option=--kernel=avx2
  -h, --help
END
}

options=() ranks=
while (($# > 0)); do
  case $1 in
    -n) ranks=${2:?-n needs a number} && shift 2 ;;
    --runs | --nfeatures | --repeat) options+=("$1" "${2:?$1 needs a number}") && shift 2 ;;
    --option=*) options+=("$1") && shift ;;
    -h | --help) usage && exit 0 ;;
    --) shift && break ;;
    -*) usage >&2 && exit 2 ;;
    *) break ;;
  esac
done
if (($# == 1)); then usage >&2 && exit 2; fi

install_missing "${build_packages[@]}" "${demo_packages[@]}" "${comparison_packages[@]}"
allow_mpi_as_root
[[ -e build/CMakeCache.txt ]] || cmake --preset release -DBUNDLE_MATCH_TESTS=OFF >&2
cmake --build build --target bundle_match >&2

if (($# == 0)); then
  photographs=$(find_photographs)
  set -- "$photographs/aloeL.jpg" "$photographs"/*.jpg
fi
say "On $(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(nproc) cores, load $(cut -d ' ' -f 1 /proc/loadavg)"
# Debian's own Python: its packages belong to that one.
exec /usr/bin/python3 tests/bench/vs_python.py build/bundle_match -n "${ranks:-$(default_ranks)}" \
  "${options[@]}" -- "$@"
