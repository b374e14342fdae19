#!/usr/bin/env bash
# Tests the program and its scripts on a cluster: Slurm, Grid Engine, ssh, on hosts of this machine.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
project=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")

usage() {
  cat <<'END'
Usage: scripts/test_cluster.sh [OPTION...] [CASE...]          (as root)

Makes a head and three hosts on this machine: namespaces with their own network, addresses, names,
mounts, /tmp and /dev/shm; on them real sshd, munge, slurmctld, slurmd and Grid Engine. Runs
build/bundle_match on them as users do, and compares its results with those of a run without MPI.
Prints a line per case; the exit code is 0 if all are well, 77 where this machine cannot do it.

  --list           the cases
  --logs FOLDER    keep all logs there
  --build FOLDER   where the program and its tests were built (build)
  -h, --help

Servers listen on the addresses of the namespaces alone. Processes, network, mounts and files are gone
afterwards, however it ends.
END
}

skip() {
  echo "skipped: $*"
  exit 77
}

build=$project/build logs='' cases=()
while (($# > 0)); do
  case $1 in
    --list) sed -n 's/^case_\([a-z_]*\)() { # /\1\t/p' "$project/tests/cluster/cases.sh" && exit 0 ;;
    --logs) logs=$(realpath -m "${2:?--logs needs a folder}") && shift 2 ;;
    --build) build=$(realpath "${2:?--build needs a folder}") && shift 2 ;;
    -h | --help) usage && exit 0 ;;
    -*) usage >&2 && exit 2 ;;
    *) cases+=("$1") && shift ;;
  esac
done

for needed in "$build/bundle_match" "$build/tests/bad_decoder.so"; do
  [[ -e $needed ]] || { echo "no $needed: scripts/test.sh builds it" >&2 && exit 2; }
done
[[ $(id -u) == 0 ]] || skip "only root can make hosts with servers on them"
PATH=$PATH:/usr/sbin:/sbin
for tool in mpirun ip nsenter setpriv ssh sshd munged slurmctld slurmd sbatch; do
  command -v "$tool" >/dev/null ||
    skip "no $tool here (packages openmpi-bin iproute2 util-linux openssh-client openssh-server" \
      "munge slurmctld slurmd slurm-client)"
done
own=(unshare --mount --pid --net --uts --ipc --fork --kill-child --mount-proc --propagation private)
"${own[@]}" sh -c 'mount -t tmpfs tmpfs /run && ip link add name bridge0 type bridge && ip link add name end0 type veth peer name end1' \
  2>/dev/null || skip "no namespaces, mounts or bridges permitted here"

# What it mounts and starts ends with the namespaces, and they with their first process: also if this
# script is killed. Only this empty folder, its mount point, is outside.
folder=$(mktemp -d -p /var/tmp bundle_match_cluster.XXXXXX)
child=
# shellcheck disable=SC2317  # called by the trap
clean_up() {
  trap '' INT TERM HUP
  if [[ -n $child ]]; then
    kill -KILL "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  rmdir "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# Whatever the shell has set must not reach the jobs.
for name in $(compgen -e); do
  case $name in
    BUNDLE_MATCH_* | SLURM_* | SBATCH_* | SGE_* | PMI_* | PMIX_* | OMPI_*) unset "$name" ;;
  esac
done
export LC_ALL=C PYTHONDONTWRITEBYTECODE=1 PATH

status=0
setpriv --pdeathsig KILL "${own[@]}" "$project/tests/cluster/main.sh" \
  "$folder" "$build" "$logs" "${cases[@]}" </dev/null &
child=$!
wait "$child" || status=$?
child=
exit "$status"
