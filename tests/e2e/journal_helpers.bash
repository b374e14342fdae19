# For the .bats files about the journal: runs that are stopped half way, and what a journal holds.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

# shellcheck disable=SC2154  # $work, $run and others are of helpers.bash
readonly kReference=photos/reference.png

# make_halfway_trap: images of which the eight photos, the largest, are handed out first, then one that
# hangs, then three that are smaller still.
make_halfway_trap() {
  mkdir "$work/small"
  "$PYTHON" - "$work/small" <<'END'
import sys
from PIL import Image
for left in (0, 100, 200):
    photo = Image.open("photos/reference.png")
    photo.crop((left, 60, left + 34, 94)).save(f"{sys.argv[1]}/{left}.png")
END
  input=(photos trap/hang.png "$work/small")
}

# undisturbed: FILE of such a run that nothing happened to, as $work/expected.csv.
undisturbed() {
  on 2 -r "$kReference" -o "$work/expected.csv" "${input[@]}"
  assert_status 0
}

# start_halfway: a run on one rank that has done eight images and hangs in the ninth; $rank_0.
# shellcheck disable=SC2120  # the .bats files pass some
start_halfway() {
  start_hanging 1 --timeout 0 -r "$kReference" -o "$work/counts.csv" "$@" "${input[@]}"
  rank_0=$(ranks_of "$run")
}

# ranks_of MPIRUN: its ranks, by pid.
ranks_of() {
  local child
  for child in $(grep -lsx "PPid:[[:space:]]*$1" /proc/[0-9]*/status | tr -dc '0-9\n' | sort -n); do
    if [[ $(cat "/proc/$child/comm" 2>/dev/null) == bundle_match ]]; then
      echo "$child"
    fi
  done
}

# ended: waits for the run's end, and of all that it had started; $status.
ended() {
  status=0
  wait "$run" || status=$?
  wait_for_end "${processes[@]}"
}

# killed_halfway: leaves what a run leaves that was killed after eight of twelve images.
killed_halfway() {
  make_halfway_trap
  undisturbed
  # shellcheck disable=SC2119
  start_halfway
  kill -KILL "$rank_0"
  ended
  assert_lines 8 "$(records R)"
  rm -f "$work/hangs"
}

# goes_on: the same command now ends with the undisturbed run's bytes, no image computed twice.
goes_on() { # N ARG...
  on "$1" -r "$kReference" -o "$work/counts.csv" "${@:2}" "${input[@]}"
  assert_status 0
  assert_same_bytes "$work/expected.csv" "$work/counts.csv"
  assert_lines "" "$(results_of "$work/counts.csv.journal" | sort | uniq -d)"
}

# records KIND: how many the journal has.
records() { cut -f 2 "$work/counts.csv.journal" | grep -cx "$1" || true; }

# results_of JOURNAL: the path of every result in it.
results_of() { awk -F '\t' '$2 == "R" { print $3 }' "$1"; }

# wait_for_message PATTERN: until the run says so.
wait_for_message() {
  "$PYTHON" - "$err" "$1" "$run" "$kLongestRun_s" <<'END' || fail "it never says: $1"
import os, re, select, sys, time
file, pattern, run, limit_s = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
end = select.poll()
end.register(os.pidfd_open(run), select.POLLIN)
deadline = time.monotonic() + limit_s
while time.monotonic() < deadline:
    ended = end.poll(20)
    if re.search(pattern, open(file, errors="replace").read()):
        sys.exit(0)
    if ended:
        break
sys.exit(1)
END
}
