# A run with -o FILE goes on from where an earlier one was stopped, and says so.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers
load journal_helpers

@test "a run whose rank 0 was killed goes on, on any number of ranks, and says what it found" {
  killed_halfway
  [[ ! -e $work/counts.csv ]] || fail "there is an output file"
  cp "$work/counts.csv.journal" "$work/journal"
  for ranks in 1 3; do
    cp "$work/journal" "$work/counts.csv.journal"
    rm -f "$work/counts.csv"
    goes_on $ranks
    assert_says 'counts\.csv\.journal: 8 of 12 images are done'
    assert_lines 12 "$(records R)"
  done
}

# bats test_tags=slow
@test "text and jsonl go on from the journal of csv" {
  killed_halfway
  on 2 -r "$kReference" --format text -o "$work/counts.csv" "${input[@]}"
  assert_status 0
  on 1 -r "$kReference" "${input[@]}"
  assert_same_bytes "$out" "$work/counts.csv"
}

@test "a finished FILE: nothing to do, exit status 0, FILE is not touched" {
  on 2 -r "$kReference" -o "$work/counts.csv" photos
  assert_status 0
  touch -d '2001-02-03 04:05:06' "$work/counts.csv"
  stat -c '%i %y' "$work/counts.csv" >"$work/before"
  cp "$work/counts.csv" "$work/expected.csv"
  on 3 -r "$kReference" -o "$work/counts.csv" photos
  assert_status 0
  assert_says 'nothing to do'
  stat -c '%i %y' "$work/counts.csv" >"$work/after"
  assert_same_bytes "$work/before" "$work/after"
  assert_same_bytes "$work/expected.csv" "$work/counts.csv"
  assert_lines 8 "$(records A)"
}

@test "a finished FILE with failures: nothing to do, exit status 1 as before" {
  on 2 -r "$kReference" -o "$work/counts.csv" photos bad/text.png
  assert_status 1
  on 2 -r "$kReference" -o "$work/counts.csv" photos bad/text.png
  assert_status 1
  assert_says 'nothing to do'
}

@test "a FILE that was lost after it was finished is written again, nothing is computed" {
  on 2 -r "$kReference" -o "$work/counts.csv" photos
  mv "$work/counts.csv" "$work/expected.csv"
  on 1 -r "$kReference" -o "$work/counts.csv" photos
  assert_status 0
  assert_same_bytes "$work/expected.csv" "$work/counts.csv"
  assert_lines 8 "$(records A)"
}

# bats test_tags=slow
@test "a list that has grown: the new images are added; one that has shrunk: they are left out" {
  on 2 -r "$kReference" -o "$work/counts.csv" photos/rotated.png photos/cropped.png
  assert_status 0
  on 2 -r "$kReference" -o "$work/all.csv" photos
  assert_status 0
  on 2 -r "$kReference" -o "$work/counts.csv" photos
  assert_status 0
  assert_says '2 of 8 images are done'
  assert_same_bytes "$work/all.csv" "$work/counts.csv"
  assert_lines 8 "$(records R)"
  on 2 -r "$kReference" -o "$work/counts.csv" photos/cropped.png
  assert_status 0
  assert_lines cropped.png "$(rows csv path <"$work/counts.csv")"
  assert_lines 8 "$(records R)"
}

# bats test_tags=slow
@test "failures are computed again only with --retry-failed" {
  cp bad/text.png "$work/image.png"
  on 2 -r "$kReference" -o "$work/counts.csv" photos "$work/image.png"
  assert_status 1
  cp photos/cropped.png "$work/image.png"
  on 2 -r "$kReference" -o "$work/counts.csv" photos "$work/image.png"
  assert_status 1
  assert_says 'nothing to do'
  on 2 --retry-failed -r "$kReference" -o "$work/counts.csv" photos "$work/image.png"
  assert_status 0
  assert_says '8 of 9 images are done'
  assert_lines "image.png ok" "$(rows csv path status <"$work/counts.csv" | tail -1)"
  assert_lines 10 "$(records A)"
  # And that is what is known from now on.
  on 1 -r "$kReference" -o "$work/counts.csv" photos "$work/image.png"
  assert_status 0
}

# bats test_tags=slow
@test "other parameters are refused, naming the difference" {
  on 2 -r "$kReference" -o "$work/counts.csv" photos
  cp "$work/counts.csv.journal" "$work/journal"
  cp "$work/counts.csv" "$work/expected.csv"
  on 2 --nfeatures 2000 -r "$kReference" -o "$work/counts.csv" photos
  assert_status 2
  assert_says 'error: .*nfeatures was 5000 and is now 2000.*--overwrite'
  on 2 --cross-check one-way -r "$kReference" -o "$work/counts.csv" photos
  assert_status 2
  assert_says 'error: .*cross-check was mutual and is now one-way.*--overwrite'
  on 2 -r photos/cropped.png -o "$work/counts.csv" photos
  assert_status 2
  assert_says 'error: .*reference-hash was [0-9a-f]+ and is now [0-9a-f]+'
  assert_same_bytes "$work/journal" "$work/counts.csv.journal"
  assert_same_bytes "$work/expected.csv" "$work/counts.csv"
}

@test "the reference is known by its content, not by its name" {
  on 2 -r "$kReference" -o "$work/counts.csv" photos
  cp "$kReference" "$work/other_name.png"
  on 2 -r "$work/other_name.png" -o "$work/counts.csv" photos
  assert_status 0
  assert_says 'nothing to do'
}

@test "--overwrite begins anew" {
  on 2 -r "$kReference" -o "$work/counts.csv" photos
  on 2 --overwrite --nfeatures 100 -r "$kReference" -o "$work/counts.csv" photos
  assert_status 0
  on 1 --nfeatures 100 --format csv -r "$kReference" photos
  assert_same_bytes "$out" "$work/counts.csv"
  assert_lines 8 "$(records R)"
}

@test "a FILE without a journal is somebody's work: refused; --overwrite replaces it" {
  echo "somebody's work" >"$work/counts.csv"
  on 2 -r "$kReference" -o "$work/counts.csv" photos
  assert_status 2
  assert_says 'counts\.csv exists.*--overwrite'
  assert_lines "somebody's work" "$(cat "$work/counts.csv")"
  on 2 --overwrite -r "$kReference" -o "$work/counts.csv" photos
  assert_status 0
  assert_lines 8 "$(rows csv path <"$work/counts.csv" | wc -l)"
}

@test "two runs on one FILE: the second is refused, the first is not disturbed" {
  make_halfway_trap
  start_halfway
  cp "$work/counts.csv.journal" "$work/journal"
  captured mpirun -n 2 "$BUNDLE_MATCH" -r "$kReference" -o "$work/counts.csv" photos
  assert_status 2
  assert_says 'error: .*counts\.csv\.journal: another run is writing it'
  captured "$BUNDLE_MATCH" --overwrite -r "$kReference" -o "$work/counts.csv" photos
  assert_status 2
  assert_same_bytes "$work/journal" "$work/counts.csv.journal"
  # A temporary file of the one that was refused would be litter.
  assert_lines "counts.csv.journal" "$(cd "$work" && echo counts.csv*)"
}

@test "a folder for the journal that cannot be written is told at once" {
  skip_as_root
  mkdir "$work/locked"
  chmod 500 "$work/locked"
  on 2 -r "$kReference" -o "$work/locked/counts.csv" photos
  assert_status 2
  assert_says 'locked/counts\.csv'
}
