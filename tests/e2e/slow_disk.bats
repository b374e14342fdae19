# A disk on which every call takes longer than the rank time-out: nobody is lost, the bytes are the same.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

readonly kReference=photos/reference.png

# on_slow_disk RANKS SECONDS N ARG...: bundle_match on N ranks; below $work/disk, those of RANKS wait.
on_slow_disk() {
  export SLOW_DISK_RANKS=$1 SLOW_DISK_S=$2 SLOW_DISK_FOLDER=$work/disk SLOW_DISK_LOG=$work/calls
  mkdir -p "$work/disk"
  : >"$work/calls"
  captured mpirun -n "$3" env LD_PRELOAD="$SLOW_DISK" "$BUNDLE_MATCH" --rank-timeout 1 "${@:4}"
}

# assert_waited CALL...: each of these was made to wait.
assert_waited() {
  local call
  for call in "$@"; do
    grep -q "^$call " "$work/calls" || fail "$call did not wait: $(cat "$work/calls")"
  done
}

assert_nobody_lost() {
  ! grep -E 'is silent|lost on the way|handed to others' "$err" || fail "a rank was lost"
}

assert_nothing_left() { # FOLDER: no temporary file
  ! find "$1" -name '*.tmp*' | grep . || fail "temporary files are left"
}

@test "rank 0's journal and output on a disk that takes 5 s a call, with a rank time-out of 1 s" {
  on 2 --format csv -r $kReference photos bad
  cp "$out" "$work/expected"
  on_slow_disk 0 5 3 -r $kReference -o "$work/disk/counts.csv" photos bad
  assert_status 1
  assert_waited fdatasync fsync rename write
  assert_nobody_lost
  assert_same_bytes "$work/expected" "$work/disk/counts.csv"
  assert_nothing_left "$work/disk"
}

@test "so with exports, pictures, a report and a cache that is pruned, of hundreds of slow calls" {
  mkdir -p "$work/disk/cache"
  on 2 --format csv -r $kReference photos
  cp "$out" "$work/expected"
  on_slow_disk 0 0.05 2 -r $kReference -o "$work/disk/counts.csv" --export-colmap "$work/disk/db" \
    --draw "$work/disk/drawn" --draw-best 1 --report "$work/disk/run.html" \
    --cache "$work/disk/cache" --cache-limit 1G photos
  assert_status 0
  assert_waited fsync rename write opendir pwrite
  assert_nobody_lost
  assert_same_bytes "$work/expected" "$work/disk/counts.csv"
  assert_nothing_left "$work/disk"
}

@test "workers with a cache on such a disk" {
  mkdir -p "$work/disk/cache"
  on 2 --format csv -r $kReference photos
  cp "$out" "$work/expected"
  # More than one entry is the limit, so that they list the folder to prune it.
  on_slow_disk 1,2 5 3 --format csv -r $kReference --cache "$work/disk/cache" --cache-limit 4M photos
  assert_status 0
  assert_waited write rename
  assert_nobody_lost
  assert_printed "$work/expected"
}

@test "a run that is asked to end while the disk stands still ends with 75, and goes on" {
  on 2 --format csv -r $kReference photos
  cp "$out" "$work/expected"
  export SLOW_DISK_RANKS=0 SLOW_DISK_S=2 SLOW_DISK_FOLDER=$work/disk SLOW_DISK_LOG=$work/calls
  mkdir -p "$work/disk"
  mkfifo "$work/hangs"
  mpirun -n 2 env LD_PRELOAD="$SLOW_DISK:$BAD_DECODER" BAD_DECODER_FIFO="$work/hangs" \
    "$BUNDLE_MATCH" --rank-timeout 1 -r $kReference -o "$work/disk/counts.csv" photos trap/hang.png \
    </dev/null >"$out" 2>"$err" 3>&- &
  run=$!
  wait_for_hang
  kill -USR1 "$run"
  status=0
  wait "$run" || status=$?
  assert_status 75
  on 2 -r $kReference -o "$work/disk/counts.csv" photos
  assert_status 0
  assert_same_bytes "$work/expected" "$work/disk/counts.csv"
}
