#!/usr/bin/env bash
# The long tests of what happens when things go wrong: kills, lost ranks, full disks, hostile images.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/setup.sh

usage() {
  cat <<'END'
Usage: scripts/test_faults.sh [OPTION...] [TEST...]

Runs build/bundle_match (and builds it, if need be) on 47 images that it makes, and disturbs it at
random moments. Prints what was found; the exit code is 0 if all is well. About three quarters of an hour.

  kills     kill -9 of a compute process, a fork server, a worker, rank 0, mpirun
  lost      workers killed or stopped under an mpirun that goes on without them; rank 0 killed there
  disk      a file system of 1 MB that is full (skipped where it cannot be mounted)
  hostile   a tenth of the images are bombs, FIFOs, truncated, crash or hang their decoder
  damage    cut and damaged journals, a whole run each

  --quick          3 moments each, fewer journals: under 3 minutes
  --moments N      random moments of each kind (20)
  --seed N         of the random moments (1)
  --ulfm           lost ranks under mpirun --with-ft ulfm (found out from mpirun --version)
  --build FOLDER   where the program and its tests were built (build)
  -h, --help

Everything that it starts, mounts and writes is gone afterwards, however it ends.
END
}

build=build options=() tests=() ulfm=
while (($# > 0)); do
  case $1 in
    --quick) options+=(--quick) && shift ;;
    --ulfm) ulfm=yes && shift ;;
    --moments | --seed) options+=("$1" "${2:?$1 needs a number}") && shift 2 ;;
    --build) build=${2:?--build needs a folder} && shift 2 ;;
    -h | --help) usage && exit 0 ;;
    kills | lost | disk | hostile | damage) tests+=("$1") && shift ;;
    *) usage >&2 && exit 2 ;;
  esac
done

if [[ ! -e $build/bundle_match || ! -e $build/tests/bad_decoder.so ]]; then
  [[ $build == build ]] || die "there is no program with its tests in $build"
  install_missing "${build_packages[@]}" "${demo_packages[@]}" "${test_packages[@]}"
  cmake --preset release -DBUNDLE_MATCH_TESTS=ON
  cmake --build build --target bundle_match bad_decoder
fi
if [[ -n $ulfm || $(mpirun --version) =~ 'Open MPI) '(5|[1-9][0-9])\. ]]; then
  options+=(--ulfm)
fi
python=/usr/bin/python3 # Debian's own: python3-pil and python3-numpy belong to that one
[[ -x $python ]] || python=python3

# As tests/e2e/helpers.bash: more ranks than cores, also as root, and no search for networks.
for name in $(compgen -e); do
  case $name in
    BUNDLE_MATCH_* | SLURM_* | PMI_* | PMIX_*) unset "$name" ;;
  esac
done
export LC_ALL=C PYTHONDONTWRITEBYTECODE=1
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_btl_vader_single_copy_mechanism=none
# The same for Open MPI 5.
export PRTE_ALLOW_RUN_AS_ROOT=1 PRTE_ALLOW_RUN_AS_ROOT_CONFIRM=1
export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe PRTE_MCA_hwloc_default_binding_policy=none

run=("$python" tests/faults/main.py --binary "$(realpath "$build/bundle_match")"
  --bad-decoder "$(realpath "$build/tests/bad_decoder.so")" "${options[@]}")
# Mounts of its own: they end with it. User namespaces let others than root have them.
if unshare --mount --propagation private true 2>/dev/null; then
  exec unshare --mount --propagation private "${run[@]}" "${tests[@]}"
elif unshare --user --map-root-user --mount --propagation private true 2>/dev/null; then
  exec unshare --user --map-root-user --mount --propagation private "${run[@]}" "${tests[@]}"
fi
exec "${run[@]}" --no-mounts "this user may not make mount namespaces here" "${tests[@]}"
