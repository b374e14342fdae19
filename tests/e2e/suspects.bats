# Images that compute processes died of, and journals that were damaged.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers
load journal_helpers

# run_with_trap N ARG...: photos and an image that kills its decoder, into counts.csv.
run_with_trap() {
  with_bad_decoder "$1" "${@:2}" -r "$kReference" -o "$work/counts.csv" photos trap/segfault.png
}

@test "a decoder's crash: tried once more, then reported with the signal, and not again" {
  run_with_trap 2
  assert_status 1
  assert_lines "segfault.png crashed" "$(rows csv path status <"$work/counts.csv" | tail -1)"
  grep -q 'signal 11' "$work/counts.csv" || fail "the signal is not named"
  assert_lines 1 "$(records D)"
  run_with_trap 1
  assert_status 1
  assert_says 'nothing to do'
  assert_lines 1 "$(records D)"
}

# bats test_tags=slow
@test "a run that ended after the first death: the second, in the next run, is the last" {
  run_with_trap 2
  cp "$work/counts.csv" "$work/expected.csv"
  # As if rank 0 had been killed after the first.
  sed -i -e '/\tD\t/q' "$work/counts.csv.journal"
  rm "$work/counts.csv"
  run_with_trap 1
  assert_status 1
  assert_same_bytes "$work/expected.csv" "$work/counts.csv"
  assert_lines 1 "$(records D)"
}

# bats test_tags=slow
@test "a suspect that ended two more runs without a word is reported without another try" {
  run_with_trap 2
  sed -i -e '/\tD\t/q' "$work/counts.csv.journal"
  rm "$work/counts.csv"
  local assigned start
  assigned=$(grep $'\tA\t.*segfault' "$work/counts.csv.journal" | head -1)
  start=$(grep $'\tS$' "$work/counts.csv.journal" | head -1)
  printf '%s\n' "$start" "$assigned" "$start" "$assigned" >>"$work/counts.csv.journal"
  # Not a trap for this decoder: it would be ok.
  on 2 -r "$kReference" -o "$work/counts.csv" photos trap/segfault.png
  assert_status 1
  assert_lines "segfault.png crashed" "$(rows csv path status <"$work/counts.csv" | tail -1)"
  on 2 --retry-failed -r "$kReference" -o "$work/counts.csv" photos trap/segfault.png
  assert_status 0
}

# bats test_tags=slow
@test "a torn last record is reported and dropped" {
  killed_halfway
  local size
  size=$(stat -c %s "$work/counts.csv.journal")
  truncate -s $((size - 3)) "$work/counts.csv.journal"
  goes_on 2
  assert_says '1 damaged record dropped'
  assert_says 'of 12 images are done'
  # It is gone for good.
  on 2 -r "$kReference" -o "$work/counts.csv" "${input[@]}"
  assert_status 0
  if messages | grep damaged; then
    fail "it is still there"
  fi
}

# after_damage: the same command ends with the same bytes, or with a clear error.
after_damage() { # WHAT
  rm -f "$work/counts.csv"
  alone -r "$kReference" -o "$work/counts.csv" photos/cropped.png photos/smaller.jpg
  case $status in
    0) assert_same_bytes "$work/expected.csv" "$work/counts.csv" ;;
    2)
      assert_says 'error: .*counts\.csv\.journal.*--overwrite'
      [[ ! -e $work/counts.csv ]] || fail "there is an output file after $1"
      ((refused += 1))
      ;;
    *) fail "after $1" ;;
  esac
}

# two_images: a finished run over two images; its journal as $work/journal.
two_images() {
  alone -r "$kReference" -o "$work/counts.csv" photos/cropped.png photos/smaller.jpg
  assert_status 0
  mv "$work/counts.csv" "$work/expected.csv"
  mv "$work/counts.csv.journal" "$work/journal"
  size=$(stat -c %s "$work/journal")
  refused=0
}

# All offsets: ResumeTest.GoesOnFromEveryCut.
# bats test_tags=slow
@test "a journal that is cut in its last records: the same bytes" {
  local size refused cut last_two
  two_images
  last_two=$(tail -n 2 "$work/journal" | wc -c)
  for ((cut = 0; cut <= last_two; cut += last_two / 12)); do
    head -c $((size - cut)) "$work/journal" >"$work/counts.csv.journal"
    after_damage "a cut of $cut bytes"
  done
  assert_lines 0 "$refused"
}

# More: ResumeTest.NeverGivesAWrongCountAfterDamage, and scripts/test_faults.sh.
# bats test_tags=slow
@test "a journal with random damage: the same bytes, or a clear error" {
  local size refused seed
  two_images
  echo "seeds 1 to 12"
  for seed in {1..12}; do
    "$PYTHON" "$SOURCE_DIR/tests/e2e/damage.py" "$seed" "$work/journal" "$work/counts.csv.journal"
    after_damage "damage with seed $seed"
  done
  ((refused < 12)) || fail "none was gone on with"
}
