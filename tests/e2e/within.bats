# --within: pairs of images that were taken near each other, as users type it.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

# The pairs of the csv that was printed last: names, the earlier one first.
pairs_printed() {
  tail -n +2 "$out" | cut -d, -f 1,2 | sed 's|gps/||g; s|\.[a-z]*||g; s|,| |'
}

expect_pairs() { # PAIR...
  [[ $(pairs_printed) == "$(printf '%s\n' "$@")" ]] || fail "pairs: $(pairs_printed)"
}

@test "--within matches images that were taken so near each other, on any number of ranks" {
  on 1 --all-pairs gps
  cp "$out" "$work/all"
  local ranks
  for ranks in 1 2 3 5; do
    on "$ranks" --within 15 gps
    assert_status 0
    assert_says '6 of 8 images have a GPS position'
    expect_pairs 'row_0 row_1' 'row_1 row_2' 'row_2 row_3' 'south_0 south_1'
    [[ -z $(grep -vxFf "$work/all" "$out") ]] || fail "a row that all pairs do not have"
  done
  on 2 --within 23.5 gps
  expect_pairs 'row_0 row_1' 'row_0 row_2' 'row_1 row_2' 'row_1 row_3' 'row_2 row_3' 'south_0 south_1'
  on 2 --within 10 gps
  expect_pairs 'south_0 south_1'
  on 2 --send-images --within 10 gps
  expect_pairs 'south_0 south_1'
  on 2 --within 10 gps/row_0.jpg gps/row_1.jpg gps/nowhere.jpg
  assert_status 0
  expect_pairs
}

@test "--within adds to what other options choose" {
  on 2 --within 10 --window 1 gps
  expect_pairs 'no_fix nowhere' 'nowhere row_0' 'row_0 row_1' 'row_1 row_2' 'row_2 row_3' \
    'row_3 south_0' 'south_0 south_1'
  on 2 --within 1e9 --similar 1 gps
  (($(pairs_printed | wc -l) >= 15)) || fail "6 images have 15 pairs"
  on 2 --all-pairs gps
  cp "$out" "$work/all"
  on 2 --within 10 --all-pairs gps
  assert_printed "$work/all"
}

@test "--within: a position comes from the cache of features, too" {
  on 2 --within 15 gps
  cp "$out" "$work/expected"
  local time
  for time in first second; do
    on 2 --cache "$work/cache" --within 15 gps
    assert_status 0
    assert_printed "$work/expected" || fail "$time time"
  done
}

@test "--within without any position chooses nothing, and says so" {
  on 2 --within 100 photos
  assert_status 0
  assert_says 'no image has a GPS position'
  expect_pairs
}

@test "--within: a run goes on, with more images and with other distances" {
  on 2 --within 15 -o "$work/full.csv" gps
  assert_status 0
  # A journal that ends early: among the images, the positions, the pairs.
  local last
  for last in R G M; do
    rm -f "$work/part.csv"
    awk -F '\t' -v last=$last '{ print } $2 == last && ++n == 2 { exit }' "$work/full.csv.journal" \
      >"$work/part.csv.journal"
    on 3 --within 15 -o "$work/part.csv" gps
    assert_status 0
    assert_same_bytes "$work/full.csv" "$work/part.csv"
  done
  on 2 --within 15 -o "$work/part.csv" gps
  assert_says 'nothing to do'
  on 2 --within 10 -o "$work/part.csv" gps
  assert_says 'nothing to do'
  on 2 --within 23.5 -o "$work/part.csv" gps
  assert_says 'going on with .*: 4 of 6 pairs are done'
  assert_status 0
  on 2 --within 23.5 -o "$work/few.csv" gps/row_*
  on 2 --within 23.5 -o "$work/few.csv" gps
  assert_same_bytes "$work/part.csv" "$work/few.csv"
}

@test "mistakes with --within are told" {
  local wrong
  for wrong in 0 -1 near nan inf 1e300; do
    alone --within "$wrong" gps
    assert_wrong_usage
  done
  alone --within 10
  assert_wrong_usage
}
