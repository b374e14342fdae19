#!/usr/bin/env bash
# Makes the cluster and runs the cases: main.sh FOLDER BUILD LOGS [CASE...], from test_cluster.sh.
# SPDX-License-Identifier: Apache-2.0
#
# The first process of namespaces of its own: all that it starts, mounts and links ends with it.
set -uo pipefail
shared=$1 build=$2 logs=$3 && shift 3
project=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
readonly shared build logs project
# shellcheck source=tests/cluster/hosts.sh
source "$project/tests/cluster/hosts.sh"
# shellcheck source=tests/cluster/slurm.sh
source "$project/tests/cluster/slurm.sh"
# shellcheck source=tests/cluster/gridengine.sh
source "$project/tests/cluster/gridengine.sh"
# shellcheck source=tests/cluster/cases.sh
source "$project/tests/cluster/cases.sh"

# The file system that all hosts share. Copies, as the project may lie below /tmp.
fill_shared_folder() {
  mount -t tmpfs -o mode=755 shared "$shared"
  mkdir -p "$shared"/{bin,lib,log,etc,run,cases}
  if [[ -n $logs ]]; then # now, as /tmp will be another one
    mkdir -p "$logs" && mount --bind "$logs" "$shared/log"
  fi
  cp "$build/bundle_match" "$shared/lib/"
  cp "$build/tests/bad_decoder.so" "$shared/lib/"
  cp -r "$project/scripts" "$shared/scripts"
  # On the hosts in $shared/run/hang images made to hang do so, until the file is gone. On a host that
  # has a gate, a FIFO, they wait until somebody opens that to write.
  cat >"$shared/bin/bundle_match" <<END
#!/bin/bash
if [[ -e $shared/run/hang && " \$(<$shared/run/hang) " == *" \$(hostname) "* ]]; then
  export LD_PRELOAD=$shared/lib/bad_decoder.so BAD_DECODER_FIFO=$shared/run/fifo
elif [[ -e $shared/run/gate.\$(hostname) ]]; then
  export LD_PRELOAD=$shared/lib/bad_decoder.so BAD_DECODER_GATE=$shared/run/gate.\$(hostname)
fi
exec $shared/lib/bundle_match "\$@"
END
  chmod +x "$shared/bin/bundle_match"
  "$python" "$project/tests/cluster/make_bundle.py" "$shared/bundle" >"$shared/log/bundle"
  cd "$shared" # a folder that the hosts see, too
}

give_up() {
  echo "FAILED: $*"
  tail -n 5 "$shared"/log/* 2>/dev/null
  exit 1
}

run_case() { # NAME
  local start=$SECONDS code=0 name=$1
  work=$shared/cases/$name
  log=$shared/log/case_$name
  mkdir -p "$work"
  ( # in the background, as -e is not heeded before ||
    set -e
    cd "$work"
    "case_$name"
  ) >"$log" 2>&1 &
  wait "$!" || code=$?
  after_case >>"$log" 2>&1
  case $code in
    0) printf 'ok       %-18s %4d s\n' "$name" $((SECONDS - start)) ;;
    77) printf 'skipped  %-18s %s\n' "$name" "$(tail -n 1 "$log")" && skipped+=("$name") ;;
    *)
      printf 'FAILED   %-18s %4d s\n' "$name" $((SECONDS - start))
      tail -n 60 "$log" | sed 's/^/    /'
      tail -n 40 "$work"/{said,log} 2>/dev/null | sed 's/^/    /' # what its job said
      failed+=("$name")
      ;;
  esac
}

python=/usr/bin/python3 # Debian's own: python3-pil and python3-numpy belong to that one
[[ -x $python ]] || python=python3
program=$shared/bin/bundle_match # over ssh the PATH is another one
cases=("$@")
((${#cases[@]} > 0)) || mapfile -t cases < <(sed -n 's/^case_\([a-z_]*\)() .*/\1/p' "$project/tests/cluster/cases.sh")
for name in "${cases[@]}"; do
  [[ $(type -t "case_$name") == function ]] || { echo "no case $name; --list shows them" >&2 && exit 2; }
done

SECONDS=0 failed=() skipped=()
fill_shared_folder || give_up "no images"
start_hosts || give_up "no hosts"
start_slurm || give_up "no Slurm"
undisturbed || give_up "no run without MPI"
printf 'a head and %d hosts are up after %d s\n' "${#hosts[@]}" "$SECONDS"
for name in "${cases[@]}"; do run_case "$name"; done
printf '%d cases, %d failed, %d skipped; %d s\n' "${#cases[@]}" "${#failed[@]}" "${#skipped[@]}" "$SECONDS"
((${#failed[@]} == 0))
