# Options from the environment and from a file, and which of several values counts.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

readonly kRun=(--format csv -r photos/reference.png photos/cropped.png)

# assert_keypoints N: how many the image had; --nfeatures decides it.
assert_keypoints() {
  assert_status 0
  assert_lines "$1" "$(rows csv keypoints <"$out")"
}

@test "BUNDLE_MATCH_<OPTION> sets an option, on every rank" {
  export BUNDLE_MATCH_NFEATURES=100
  on 2 "${kRun[@]}"
  assert_keypoints 100
  export BUNDLE_MATCH_CROSS_CHECK=one-way
  oracle --nfeatures 100 --one-way photos/reference.png photos/cropped.png >"$work/expected"
  on 2 -r photos/reference.png photos/cropped.png
  assert_printed "$work/expected"
}

@test "the environment can name everything" {
  export BUNDLE_MATCH_REFERENCE=photos/reference.png BUNDLE_MATCH_LIST=lists/photos.txt \
    BUNDLE_MATCH_FORMAT=csv BUNDLE_MATCH_OUTPUT=$work/counts
  on 2
  assert_status 0
  assert_nothing_printed
  assert_lines $'rotated.png\ncropped.png\nsmaller.jpg' "$(rows csv path <"$work/counts")"
}

@test "a wrong value in the environment is a mistake that names option or variable" {
  export BUNDLE_MATCH_NFEATURES=abc
  alone "${kRun[@]}"
  assert_wrong_usage '--nfeatures|BUNDLE_MATCH_NFEATURES' 'abc'
}

@test "--config FILE sets options" {
  printf 'nfeatures = 100\ncross-check = "one-way"\n' >"$work/config.toml"
  on 2 --config "$work/config.toml" "${kRun[@]}"
  assert_keypoints 100
  oracle --nfeatures 100 --one-way photos/reference.png photos/cropped.png >"$work/expected"
  on 2 --config "$work/config.toml" -r photos/reference.png photos/cropped.png
  assert_printed "$work/expected"
}

@test "the command line wins over the environment and over a file" {
  printf 'nfeatures = 50\n' >"$work/config.toml"
  export BUNDLE_MATCH_NFEATURES=60
  alone --config "$work/config.toml" --nfeatures 70 "${kRun[@]}"
  assert_keypoints 70
  unset BUNDLE_MATCH_NFEATURES
  alone --nfeatures 70 --config "$work/config.toml" "${kRun[@]}"
  assert_keypoints 70
}

@test "the last of several values counts" {
  alone --nfeatures 50 --nfeatures 70 "${kRun[@]}"
  assert_keypoints 70
}

@test "a file of options that cannot be used is a mistake" {
  alone --config "$work/no_such.toml" "${kRun[@]}"
  assert_wrong_usage 'no_such\.toml'
  printf 'nfeatres = 50\n' >"$work/config.toml"
  alone --config "$work/config.toml" "${kRun[@]}"
  assert_wrong_usage 'nfeatres'
  printf 'nfeatures = abc\n' >"$work/config.toml"
  alone --config "$work/config.toml" "${kRun[@]}"
  assert_wrong_usage 'nfeatures' 'abc'
}

@test "--sift and --first-octave from the environment and from a file" {
  on 1 --first-octave 0 "${kRun[@]}"
  assert_status 0
  cp "$out" "$work/zero"
  BUNDLE_MATCH_FIRST_OCTAVE=0 on 2 "${kRun[@]}"
  assert_printed "$work/zero"
  printf 'first-octave = 0\nsift = "fast"\n' >"$work/config.toml"
  on 2 --config "$work/config.toml" "${kRun[@]}"
  assert_printed "$work/zero"
  BUNDLE_MATCH_SIFT=opencv alone --first-octave 0 "${kRun[@]}"
  assert_wrong_usage '--first-octave 0'
}

@test "a run of another SIFT or first octave is not gone on with" {
  alone -o "$work/counts" -r photos/reference.png photos/cropped.png
  assert_status 0
  alone --sift fast -o "$work/counts" -r photos/reference.png photos/cropped.png
  assert_status 0
  alone --first-octave 0 -o "$work/counts" -r photos/reference.png photos/cropped.png
  assert_status 2
  assert_says 'first-octave was -1 and is now 0'
  alone --sift opencv -o "$work/counts" -r photos/reference.png photos/cropped.png
  assert_status 2
  assert_says 'sift was fast and is now opencv'
}
