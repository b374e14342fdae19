# Every count is OpenCV's own for that image, and the results are the same bytes on any number of ranks.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

readonly kRanks=(1 2 3 5 8)
readonly kOpencvData=/usr/share/doc/opencv-doc/examples/data

# same_on_all_ranks EXPECTED STATUS ARG...: `bundle_match ARG...` prints that on 1, 2, 3, 5, 8 ranks.
same_on_all_ranks() {
  local ranks
  for ranks in "${kRanks[@]}"; do
    on "$ranks" "${@:3}"
    assert_status "$2"
    assert_printed "$1"
  done
}

@test "text: OpenCV's counts, whatever the number of ranks" {
  oracle photos/reference.png photos/* formats/* >"$work/expected"
  [[ $(wc -l <"$work/expected") == 11 ]]
  same_on_all_ranks "$work/expected" 0 --reference photos/reference.png photos formats
}

# bats test_tags=slow
@test "csv: the same bytes whatever the number of ranks, failed images among them" {
  # The limit: one rank of a large machine could compute the bombs.
  local run=(--memory-limit 1G --format csv -r photos/reference.png photos bad exif bombs)
  on 1 "${run[@]}"
  assert_status 1
  cp "$out" "$work/expected"
  # Not the bombs: OpenCV would try.
  oracle photos/reference.png photos/* bad/* exif/* | sed 's|.*/||' >"$work/counts"
  rows csv path matches <"$work/expected" | sed '/ -$/d' >"$work/found"
  assert_same_bytes "$work/counts" "$work/found"
  same_on_all_ranks "$work/expected" 1 "${run[@]}"
}

@test "any number of threads gives the same, of our SIFT and of OpenCV's" {
  oracle photos/reference.png photos/* >"$work/expected"
  for sift in fast opencv; do
    on 1 --threads 3 --sift $sift -r photos/reference.png photos
    assert_status 0
    assert_printed "$work/expected"
  done
}

@test "one rank without a launcher gives the same" {
  oracle photos/reference.png photos/* >"$work/expected"
  alone -r photos/reference.png photos
  assert_status 0
  assert_printed "$work/expected"
}

@test "--cross-check one-way: reference descriptors that are somebody's nearest" {
  oracle --one-way photos/reference.png photos/* >"$work/expected"
  on 2 --cross-check one-way -r photos/reference.png photos
  assert_status 0
  assert_printed "$work/expected"
  oracle photos/reference.png photos/* >"$work/mutual"
  if cmp -s "$work/expected" "$work/mutual"; then
    fail "the fixtures do not tell one-way from mutual"
  fi
  on 1 --cross-check mutual -r photos/reference.png photos
  assert_status 0
  assert_printed "$work/mutual"
}

@test "--sift: ours and OpenCV's give the same bytes" {
  for sift in auto fast opencv; do
    on 2 --sift "$sift" --format csv -r photos/reference.png photos many_features exif
    assert_status 0
    cp "$out" "$work/$sift"
  done
  assert_same_bytes "$work/opencv" "$work/fast"
  assert_same_bytes "$work/opencv" "$work/auto"
}

@test "--first-octave 0 finds fewer features, -1 is the default" {
  local of_default of_zero
  on 2 --format csv -r photos/reference.png photos/cropped.png
  of_default=$(rows csv keypoints <"$out")
  cp "$out" "$work/default"
  on 2 --first-octave -1 --format csv -r photos/reference.png photos/cropped.png
  assert_printed "$work/default"
  on 2 --first-octave 0 --format csv -r photos/reference.png photos/cropped.png
  assert_status 0
  of_zero=$(rows csv keypoints <"$out")
  ((0 < of_zero && of_zero < of_default)) || fail "$of_zero features, and $of_default by default"
}

@test "--nfeatures 100 keeps the strongest of the reference and of every image" {
  oracle --nfeatures 100 photos/reference.png photos/* >"$work/expected"
  on 2 --nfeatures 100 -r photos/reference.png photos
  assert_status 0
  assert_printed "$work/expected"
  # Of these none has several features as strong as the hundredth: OpenCV would keep them all.
  on 2 --nfeatures 100 --format csv -r photos/reference.png photos/cropped.png photos/rotated.png
  assert_lines "100" "$(rows csv keypoints <"$out" | sort -u)"
}

# bats test_tags=slow
@test "5000 features by default, all of them with --nfeatures 0" {
  local default all
  oracle many_features/one.png many_features/other.png >"$work/default"
  oracle --nfeatures 0 many_features/one.png many_features/other.png >"$work/all"
  on 1 --format csv -r many_features/one.png many_features/other.png
  assert_status 0
  read -r default count <<<"$(rows csv keypoints matches <"$out")"
  assert_lines "$(cut -d' ' -f2 "$work/default")" "$count"
  on 1 --nfeatures 0 --format csv -r many_features/one.png many_features/other.png
  assert_status 0
  read -r all count <<<"$(rows csv keypoints matches <"$out")"
  assert_lines "$(cut -d' ' -f2 "$work/all")" "$count"
  assert_lines 5000 "$default"
  ((all > 5000)) || fail "the fixture has too few features: $all"
}

# bats test_tags=slow
@test "every picture of opencv-doc" {
  local images
  [[ -d $kOpencvData ]] || skip "the package opencv-doc is not installed"
  images=("$kOpencvData"/*.jpg "$kOpencvData"/*.png)
  oracle "$kOpencvData/box.png" "${images[@]}" >"$work/expected"
  (($(wc -l <"$work/expected") > 80)) || fail "few of opencv-doc's pictures could be read"
  on 2 -r "$kOpencvData/box.png" "${images[@]}"
  assert_status 0
  assert_printed "$work/expected"
}

@test "templeRing: 47 lines, OpenCV's counts, the same on 1, 2, 3, 5 and 8 ranks" {
  local ring=$SOURCE_DIR/../shared/data/templeRing
  [[ -d $ring ]] || skip "the images of templeRing are not beside the checkout"
  oracle "$ring/templeR0001.png" "$ring"/*.png >"$work/expected"
  assert_lines 47 "$(wc -l <"$work/expected")"
  same_on_all_ranks "$work/expected" 0 -r "$ring/templeR0001.png" "$ring/*.png"
}
