# Ranks and launchers: exit statuses through mpirun, more ranks than images, Slurm, ranks that are killed.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

readonly kReference=photos/reference.png

@test "mpirun returns the command's exit status" {
  on 3 -r $kReference photos/cropped.png
  assert_status 0
  on 3 -r $kReference photos/cropped.png bad/text.png
  assert_status 1
  on 3 --no-such-option -r $kReference photos/cropped.png
  assert_status 2
  on 3 -r photos/no_such.png photos/cropped.png
  assert_status 3
}

@test "more ranks than images" {
  oracle $kReference photos/cropped.png >"$work/expected"
  on 5 -r $kReference photos/cropped.png
  assert_status 0
  assert_printed "$work/expected"
}

@test "--dry-run lists the images on standard output, ranks and hosts on standard error" {
  on 3 --dry-run -r $kReference photos/cropped.png bad/text.png
  assert_status 0
  printf '%s\n' photos/cropped.png bad/text.png >"$work/expected"
  assert_printed "$work/expected"
  assert_says '3 ranks' "$(hostname)"
}

@test "--dry-run says how many pairs there are" {
  on 2 --dry-run --window 1 -r $kReference photos/cropped.png photos/noisy.png photos/tilted.png
  assert_status 0
  printf '%s\n' $kReference photos/cropped.png photos/noisy.png photos/tilted.png >"$work/expected"
  assert_printed "$work/expected"
  assert_says 'would match 5 pairs of 4 images on 2 ranks on 1 host'
  on 1 --dry-run --similar 1 photos/cropped.png photos/noisy.png
  assert_says 'would match 0 pairs of 2 images, and those that are chosen once they are described on 1 rank'
}

@test "--dry-run writes no output file" {
  on 2 --dry-run -o "$work/counts.csv" -r $kReference photos
  assert_status 0
  assert_lines 8 "$(wc -l <"$out")"
  [[ ! -e $work/counts.csv ]] || fail "there is an output file"
}

@test "tasks of Slurm that do not find each other are an error that names srun --mpi=pmix" {
  SLURM_NTASKS=4 alone -r $kReference photos
  assert_wrong_usage 'srun --mpi=pmix' 'SLURM_NTASKS|tasks'
}

@test "such tasks say it once, all of them together" {
  for task in 0 1 2 3; do
    SLURM_NTASKS=4 SLURM_PROCID=$task alone -r $kReference photos
    assert_status 2
    assert_nothing_printed
    cat "$err" >>"$work/all"
  done
  cp "$work/all" "$err"
  assert_one_message 'srun --mpi=pmix'
}

@test "a mistake in such tasks' command is told once, too" {
  for task in 0 1 2 3; do
    SLURM_NTASKS=4 SLURM_PROCID=$task alone --nfeatures abc -r $kReference photos
    assert_status 2
    assert_nothing_printed
    cat "$err" >>"$work/all"
  done
  cp "$work/all" "$err"
  assert_one_message '--nfeatures|srun --mpi=pmix'
}

@test "a rank that dies in the first exchange: the job ends, and says what it waited for" {
  captured mpirun --enable-recovery -n 2 env LD_PRELOAD="$DIES_AT_START" BUNDLE_MATCH_RANK_TIMEOUT=0.2 \
    "$BUNDLE_MATCH" -r $kReference photos/cropped.png
  ((status != 124)) || fail "it has not ended" # else mpirun's status says nothing: it recovered
  assert_nothing_printed
  assert_lines 1 "$(grep -c 'error: rank 0: not all ranks have answered within 2 s of their start' "$err")"
}

@test "ranks bound to fewer cores than --threads say so once, with the options that give more" {
  (($(getconf _NPROCESSORS_ONLN) > 1)) || skip "the machine has one core"
  local core
  core=$("$PYTHON" -c 'import os; print(min(os.sched_getaffinity(0)))')
  captured mpirun -n 2 taskset -c "$core" "$BUNDLE_MATCH" --threads 2 -r $kReference photos/cropped.png
  assert_status 0
  assert_lines 1 "$(grep -c 'bound to 1 core, fewer than --threads 2; mpirun .*--bind-to none' "$err")"
  captured mpirun -n 2 taskset -c "$core" "$BUNDLE_MATCH" -r $kReference photos/cropped.png
  assert_lines 0 "$(grep -c 'bound to' "$err")"
}

@test "one task of Slurm is one rank" {
  oracle $kReference photos/cropped.png >"$work/expected"
  SLURM_NTASKS=1 alone -r $kReference photos/cropped.png
  assert_status 0
  assert_printed "$work/expected"
}

@test "mpirun within a Slurm job finds its ranks" {
  oracle $kReference photos/cropped.png photos/rotated.png >"$work/expected"
  SLURM_NTASKS=2 on 2 -r $kReference photos/cropped.png photos/rotated.png
  assert_status 0
  assert_printed "$work/expected"
}

@test "a rank that is killed takes its processes with it, and the job ends" {
  local ranks
  start_hanging 3 --timeout 0 -r $kReference trap/hang.png photos
  # mpirun, the ranks, a fork server each, and the compute process that hangs at least.
  ((${#processes[@]} >= 8)) || fail "processes: ${processes[*]}"
  mapfile -t ranks < <(grep -lsx "PPid:[[:space:]]*$run" /proc/[0-9]*/status | tr -dc '0-9\n')
  kill -KILL "${ranks[-1]}"
  status=0
  wait "$run" || status=$?
  ((status != 0)) || fail "a run that lost a rank is no success"
  wait_for_end "${processes[@]}"
}

@test "a run without a launcher that is killed leaves no process behind" {
  start_hanging 0 --timeout 0 -r $kReference trap/hang.png
  ((${#processes[@]} >= 3)) || fail "processes: ${processes[*]}"
  kill -KILL "$run"
  wait_for_end "${processes[@]}"
}

@test "an interrupted run leaves no process behind and no half results" {
  start_hanging 2 --timeout 0 -o "$work/counts.csv" -r $kReference trap/hang.png photos
  kill -TERM "$run"
  status=0
  wait "$run" || status=$?
  ((status != 0)) || fail "an interrupted run is no success"
  wait_for_end "${processes[@]}"
  [[ ! -e $work/counts.csv ]] || fail "there is an output file"
}
