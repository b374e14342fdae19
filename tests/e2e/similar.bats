# --similar: pairs that are chosen once images are described, as users type it.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

@test "--similar matches each image with those most like it, the same ones on any number of ranks" {
  on 1 --all-pairs photos exif
  cp "$out" "$work/all"
  on 1 --similar 2 --save-similar "$work/similar.txt" photos exif
  assert_status 0
  assert_says '[0-9]+ pairs chosen among [0-9]+ images'
  cp "$out" "$work/expected"
  cp "$work/similar.txt" "$work/first.txt"
  [[ -z $(grep -vxFf "$work/all" "$work/expected") ]] || fail "a row that all pairs do not have"
  (($(wc -l <"$work/expected") < $(wc -l <"$work/all"))) || fail "all pairs"
  # Every image is in two pairs at least.
  tail -n +2 "$work/expected" | cut -d, -f 1,2 --output-delimiter $'\n' | sort | uniq -c |
    awk '$1 < 2 { exit 1 }' || fail "an image with fewer than two"
  for ranks in 2 3 5; do
    on "$ranks" --similar 2 --save-similar "$work/similar.txt" photos exif
    assert_printed "$work/expected"
    assert_same_bytes "$work/first.txt" "$work/similar.txt"
  done
  # The list that was saved names the same pairs.
  on 2 --pairs "$work/similar.txt" photos exif
  assert_printed "$work/expected"
  on 2 --similar 2 --save-similar "$work/similar.txt" --null photos exif
  on 2 --pairs "$work/similar.txt" --null photos exif
  assert_printed "$work/expected"
  # With more than there are, all of them are chosen.
  on 2 --similar 1000 photos exif
  assert_printed "$work/all"
}

@test "--similar: most like an image is its copy" {
  cp -r photos "$work/copies"
  on 2 --similar 1 --save-similar "$work/similar.txt" photos "$work/copies"
  assert_status 0
  local name
  for name in $(ls photos); do
    grep -qx "photos/$name $work/copies/$name 1.0000" "$work/similar.txt" || fail "$name"
  done
}

# bats test_tags=slow
@test "--similar: an interrupted run goes on with the same pairs" {
  on 2 --similar 2 -o "$work/full.csv" photos exif
  assert_status 0
  # A journal that ends early: among the images, the choices, the pairs.
  for last in R C M; do
    rm -f "$work/part.csv"
    awk -F '\t' -v last=$last '{ print } $2 == last && ++n == 3 { exit }' "$work/full.csv.journal" \
      >"$work/part.csv.journal"
    on 3 --similar 2 -o "$work/part.csv" photos exif
    assert_status 0
    assert_same_bytes "$work/full.csv" "$work/part.csv"
  done
  on 2 --similar 2 -o "$work/part.csv" photos exif
  assert_says 'nothing to do'
}

@test "--similar: a longer list keeps what was chosen, and adds to it" {
  on 2 --similar 2 -o "$work/part.csv" photos
  assert_status 0
  cp "$work/part.csv" "$work/before"
  on 2 --similar 2 -o "$work/part.csv" photos exif
  assert_status 0
  assert_says 'going on with'
  [[ -z $(grep -vxFf "$work/part.csv" "$work/before") ]] || fail "a row of before is gone"
  (($(wc -l <"$work/part.csv") > $(wc -l <"$work/before"))) || fail "no row is new"
  on 1 --similar 3 -o "$work/part.csv" photos exif
  assert_status 0
  assert_says 'pairs chosen'
}

@test "--similar: an image that cannot be used has no pairs, and is told" {
  on 2 --similar 2 -o "$work/pairs.csv" photos bad/header_only.png
  assert_status 1
  assert_says 'bad/header_only.png: unreadable'
  if grep -q header_only "$work/pairs.csv"; then fail "it has a row"; fi
  on 2 --similar 2 -o "$work/pairs.csv" photos bad/header_only.png
  assert_status 1
  assert_says 'nothing to do'
}

@test "--similar: images without features are in no pair" {
  "$PYTHON" -c 'import sys; from PIL import Image; [Image.new("L", (64, 64), 90).save(f) for f in sys.argv[1:]]' \
    "$work/a.png" "$work/b.png"
  on 2 --similar 2 -o "$work/pairs.csv" "$work/a.png" "$work/b.png"
  assert_status 0
  assert_says '0 pairs chosen among 2 images'
  on 2 --similar 2 -o "$work/pairs.csv" "$work/a.png" "$work/b.png"
  assert_status 0
  assert_says 'nothing to do'
  on 2 --similar 2 -o "$work/pairs.csv" "$work/a.png" "$work/b.png" photos/cropped.png
  assert_status 0
}

@test "mistakes with --similar are told" {
  alone --similar 0 photos
  assert_wrong_usage
  alone --similar 2
  assert_wrong_usage
  alone --all-pairs --save-similar "$work/similar.txt" photos
  assert_wrong_usage
  alone --similar 2 --save-similar - photos
  assert_wrong_usage
  cp photos/cropped.png "$work/with space.png"
  alone --similar 2 --save-similar "$work/similar.txt" photos "$work/with space.png"
  assert_status 2
  assert_says 'with space.png has white space'
  alone --similar 2 --save-similar "$work/no_such_folder/similar.txt" photos
  assert_status 2
  assert_says -- '--save-similar '
}
