# The cases: each in a subshell with -e, in a folder of its own that all hosts see.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # $shared, $work and others are of main.sh, hosts.sh and slurm.sh

fail() {
  echo "FAILED: $*"
  return 1
}

# The arguments that all runs of a kind share; -r and inputs are absolute paths.
bundle=$shared/bundle
readonly photos=(-r "$bundle/reference.png" "$bundle/photos")
readonly with_last=(-r "$bundle/reference.png" "$bundle/photos" "$bundle/last")
readonly tall=(-r "$bundle/reference.png" "$bundle/tall")
# shellcheck disable=SC2034  # used by name
{
  readonly all_pairs=(--all-pairs "$bundle/photos")
  readonly similar=(--similar 3 --save-similar similar.txt "$bundle/photos")
  readonly within=(-r "$bundle/reference.png" --within 15 "$bundle/gps")
  readonly listed=(--pairs "$shared/cases/similar.txt" "$bundle/photos")
  readonly similar_tall=(--similar 3 "$bundle/tall")
}

# What every run is compared with: without MPI, on the head.
undisturbed() {
  local kind
  for kind in photos with_last tall all_pairs similar listed within similar_tall; do
    declare -n arguments=$kind
    (cd "$shared/cases" && bundle_match "${arguments[@]}" -o $kind.csv >"$shared/log/undisturbed" 2>&1) || return
  done
}

same_bytes() { # KIND [FILE]
  cmp "$shared/cases/$1.csv" "${2:-counts.csv}"
}

says() { # FILE PATTERN...
  local pattern
  for pattern in "${@:2}"; do
    grep -qE -- "$pattern" "$1" || fail "no line of $1 matches: $pattern"
  done
}

# $hosts_file: two ranks on each host.
write_hostfile() {
  hosts_file=$work/hostfile
  printf '%s slots=2\n' "${hosts[@]}" >"$hosts_file"
}

# results: how many the journal of this case's FILE has.
results() { grep -cP '^[0-9a-f]{16}\tR\t' counts.csv.journal 2>/dev/null || true; }
has_results() { (($(results) >= $1)); }

# Traps hang on these hosts from now on, until `release`.
hang_on() { # HOST...
  rm -f "$shared/run/fifo"
  mkfifo "$shared/run/fifo"
  echo "$*" >"$shared/run/hang"
}
release() { rm -f "$shared/run/hang"; }

# has_reader FIFO: whether a decoder has it open, or waits for that.
has_reader() {
  "$python" -c 'import os, sys; os.open(sys.argv[1], os.O_WRONLY | os.O_NONBLOCK)' "$1" 2>/dev/null
}

# The ranks of these hosts wait with the first trap that each of them gets, until its gate is open: so
# they cannot do all images before another host has begun.
gate_on() { # HOST...
  local name
  for name in "$@"; do mkfifo "$shared/run/gate.$name"; done
}
# works HOST: whether a rank waits at its gate; that one goes on.
works() { has_reader "$shared/run/gate.$1"; }
open_gates() {
  local gate opened
  for gate in "$shared"/run/gate.*; do
    [[ -e $gate ]] || continue
    # Still open when it is removed: nobody can begin to wait in between.
    exec {opened}<>"$gate" && rm "$gate" && exec {opened}>&-
  done
}

# hangs: whether a decoder does, and has the FIFO open.
hangs() { has_reader "$shared/run/fifo"; }

# mid_run RESULTS: until a decoder hangs and that much is done by others, who wait for it at their gates.
mid_run() {
  wait_until 120 "a decoder hangs" hangs
  open_gates
  wait_until 120 "$1 images are done" has_results "$1"
}

has_ended() { ! kill -0 "$1" 2>/dev/null; } # PID

cut_off() { ip link set "$(link_of "$1")" down; } # HOST

# Leaves the cluster as the next case expects it.
after_case() {
  local name
  release
  open_gates
  for name in "${hosts[@]}"; do
    ip link set "$(link_of "$name")" up
    on "$name" umount "$bundle" "$shared/lib/bundle_match" 2>/dev/null
  done
  scancel --user root
  wait_until 120 "all hosts are idle again" idle_hosts
}

case_sbatch_srun() { # the shipped Slurm script, with srun
  submit "$shared/scripts/slurm/bundle_match.sbatch" "${photos[@]}" -o counts.csv
  job_ends COMPLETED
  same_bytes photos
  says log '3 ranks on 3 hosts'
}

case_sbatch_mpirun() { # the shipped Slurm script, with mpirun
  script_with_mpirun >script
  submit script "${photos[@]}" -o counts.csv
  job_ends COMPLETED
  same_bytes photos
  says log '3 ranks on 3 hosts'
}

case_hostfile() { # mpirun across hosts over ssh, with run_hostfile.sh
  write_hostfile
  on n1 "$shared/scripts/run_hostfile.sh" hostfile -- bundle_match "${photos[@]}" -o counts.csv
  same_bytes photos
}

case_hostfile_checks() { # what run_hostfile.sh finds wrong with hosts
  write_hostfile
  refused() {
    local code=0
    on n1 "$shared/scripts/run_hostfile.sh" "$@" >said 2>&1 || code=$?
    cat said
    ((code == 2)) || fail "exit code $code"
    [[ ! -e counts.csv ]]
  }
  echo "n9 slots=2" >>hostfile
  refused hostfile -- bundle_match "${photos[@]}" -o counts.csv
  says said 'n9: no answer over ssh'
  sed -i /n9/d hostfile
  on n2 mount --bind /dev/null "$shared/lib/bundle_match"
  refused hostfile -- bundle_match "${photos[@]}" -o counts.csv
  says said 'n2: .*bundle_match does not run there'
  on n2 umount "$shared/lib/bundle_match"
  refused --memory-per-rank 9999999 hostfile -- bundle_match "${photos[@]}" -o counts.csv
  says said 'n2: .* MiB of memory are free' 'slots=1 in hostfile'
  on n3 mount -t tmpfs none "$bundle"
  refused hostfile -- bundle_match "${photos[@]}" -o counts.csv
  says said 'n3: does not see 2 of 2 files' '--send-images' '1 failed checks'
  on n1 "$shared/scripts/run_hostfile.sh" --check-only hostfile -- bundle_match --send-images "${photos[@]}"
  cat >program <<'END'
#!/bin/sh
[ "$(hostname)" != n2 ] || exec echo bundle_match 0.0.1
exec bundle_match "$@"
END
  chmod +x program
  refused hostfile -- "$work/program" --send-images "${photos[@]}" -o counts.csv
  says said "n2: .*program is 'bundle_match 0.0.1', here 'bundle_match"
}

case_send_images() { # a bundle that only rank 0's host has
  local run name
  write_hostfile
  on n2 mount -t tmpfs none "$bundle"
  on n3 mount -t tmpfs none "$bundle"
  on n1 "$shared/scripts/run_hostfile.sh" hostfile -- bundle_match --send-images "${photos[@]}" \
    -o counts.csv
  same_bytes photos
  gate_on "${hosts[@]}"
  on n1 mpirun --hostfile hostfile "$program" --send-images "${tall[@]}" -o counts.jsonl &
  run=$!
  for name in n2 n3; do wait_until 120 "$name has an image" works "$name"; done
  open_gates
  wait "$run"
  says counts.jsonl '"host": ?"n2"' '"host": ?"n3"'
}

case_pairs() { # pairs of images that only rank 0's host has: all, the most alike, the nearest, those of a list
  local kind
  write_hostfile
  on n2 mount -t tmpfs none "$bundle"
  on n3 mount -t tmpfs none "$bundle"
  for kind in all_pairs similar listed within; do
    declare -n arguments=$kind
    on n1 mpirun --hostfile hostfile "$program" --send-images "${arguments[@]}" -o $kind.csv
    same_bytes $kind $kind.csv
  done
  on n1 mpirun --hostfile hostfile "$program" --send-images --feature-memory 64K "${all_pairs[@]}" -o on_disk.csv
  same_bytes all_pairs on_disk.csv
  cmp "$shared/cases/similar.txt" similar.txt
}

case_no_bundle() { # a host without the bundle is told, and what to do
  local run code=0
  write_hostfile
  on n3 mount -t tmpfs none "$bundle"
  gate_on n1 n2
  on n1 mpirun --hostfile hostfile "$program" "${tall[@]}" -o counts.csv >said 2>&1 &
  run=$!
  wait_until 120 "n3 has failed to read an image" has_results 1 || { cat said && return 1; }
  open_gates
  wait "$run" || code=$?
  cat said
  ((code == 1)) || fail "exit code $code"
  says said 'n3 does not see this file, which rank 0 on n1 sees;.*--send-images'
}

case_mpmd() { # a launch line of several parts
  write_hostfile
  if ! on n1 mpirun --hostfile hostfile -n 1 true : -n 1 true; then
    echo "this mpirun fails at 'true : true' (open-mpi/ompi#13303)"
    return 77
  fi
  on n1 mpirun --hostfile hostfile -n 1 "$program" "${photos[@]}" -o counts.csv : \
    -n 4 "$program" "${photos[@]}" -o counts.csv
  same_bytes photos
}

link_cut() { # KIND: a host is cut off in mid-run, under mpirun --enable-recovery
  local run
  declare -n arguments=$1
  write_hostfile
  hang_on n3
  gate_on n1 n2
  on n1 mpirun --enable-recovery --hostfile hostfile "$program" --rank-timeout 5 "${arguments[@]}" \
    -o counts.csv >said 2>&1 &
  run=$!
  mid_run 8
  cut_off n3
  wait_until 120 "the others have done its images" test -e counts.csv || { cat said && return 1; }
  same_bytes "$1"
  says said 'rank [45] on n3 is silent'
  # That of Open MPI 4 waits for the host that is gone, whatever its ranks have ended with.
  kill -TERM "$run"
  wait_until 10 "mpirun has ended" has_ended "$run" || kill -KILL "$run"
}

case_link_cut_mpirun() { # a host is cut off in mid-run
  link_cut tall
}

case_link_cut_pairs() { # a host is cut off while images are described whose pairs are chosen afterwards
  link_cut similar_tall
}

case_link_cut_srun() { # a host is cut off in mid-run, under srun --no-kill --kill-on-bad-exit=0
  hang_on n3
  gate_on n1 n2
  submit "$shared/scripts/slurm/bundle_match.sbatch" --rank-timeout 5 "${tall[@]}" -o counts.csv
  mid_run 8
  cut_off n3
  wait_until 120 "the others have done its images" test -e counts.csv || { cat log && return 1; }
  same_bytes tall
  wait_until 120 "job $job has ended" is_state "$job" "COMPLETED FAILED NODE_FAIL" || true
  cat log
  scontrol show job "$job"
}

case_preempted() { # preempted by a job of higher priority, requeued by Slurm, gone on with
  hang_on "${hosts[@]}"
  submit "$shared/scripts/slurm/bundle_match.sbatch" "${with_last[@]}" -o counts.csv
  mid_run 8
  local first=$job
  sbatch --parsable --partition=urgent --nodes=3 --ntasks-per-node=2 --output=/dev/null --wrap 'true'
  wait_until 60 "the job is back in the queue" is_state "$first" "PENDING COMPLETING REQUEUED"
  release
  job_ends COMPLETED
  same_bytes with_last
  [[ $(restarts_of "$job") == 1 ]] || fail "restarted $(restarts_of "$job") times"
  says log 'asked to end'
  [[ -z $(awk -F '\t' '$2 == "R" { print $3 }' counts.csv.journal | sort | uniq -d) ]] ||
    fail "images were computed twice"
}

# past_time_limit SCRIPT: interrupted in order, requeued by the script, gone on with.
past_time_limit() {
  hang_on "${hosts[@]}"
  # Slurm looks every 30 s, and so far ahead: the signal comes after 20 s at the earliest.
  # shellcheck disable=SC2034  # for submit
  sbatch_options=(--time=1 --signal=B:USR1@10)
  submit "$1" "${with_last[@]}" -o counts.csv
  mid_run 8
  wait_until 100 "the job is back in the queue" is_restarted "$job" || { cat log && return 1; }
  release
  job_ends COMPLETED
  same_bytes with_last
  says log 'interrupted: [0-9]+ of 39 images are done'
}

case_time_limit_srun() { # a job past its time limit, with srun
  past_time_limit "$shared/scripts/slurm/bundle_match.sbatch"
  says log 'goes on from there: srun --mpi=pmix -n 3 '
}

case_time_limit_mpirun() { # a job past its time limit, with mpirun
  script_with_mpirun >script
  past_time_limit script
  says log 'goes on from there: mpirun '
}

case_gridengine() { # the shipped Grid Engine script, on slots of all hosts
  if no_gridengine; then return 77; fi
  start_gridengine
  sed "s|^program=.*|program=$program|" "$shared/scripts/gridengine/bundle_match.sge.sh" >script
  timeout 240 qsub -sync y -pe bundle_match 6 -l h_rt=600,s_rt=500 -o log script \
    "${photos[@]}" -o counts.csv || { cat log && return 1; }
  cat log
  same_bytes photos
  says log '6 ranks on 3 hosts'
}
