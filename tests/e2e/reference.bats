# A reference that cannot be used: exit status 3, the reason once, no results.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers
load journal_helpers

# assert_unusable PATTERN...: what the last run must have come to.
assert_unusable() {
  assert_status 3
  assert_nothing_printed
  assert_says "$@"
  assert_lines 1 "$(messages | grep -cE -- "$1")"
  [[ ! -e $work/counts.csv ]] || fail "there is an output file"
  assert_lines "" "$(find "$work" -name '*counts.csv*')"
}

# refuses REFERENCE PATTERN...: without mpirun and on three ranks; the first pattern is the name.
refuses() {
  alone -o "$work/counts.csv" -r "$1" photos
  assert_unusable "${@:2}"
  on 3 -r "$1" photos
  assert_unusable "${@:2}"
}

@test "a missing file" { refuses photos/no_such.png 'photos/no_such\.png'; }

@test "a folder" { refuses photos '\bphotos:? ' 'directory'; }

@test "an empty file" { refuses bad/zero_bytes.png 'bad/zero_bytes\.png' 'empty'; }

# bats test_tags=slow
@test "text, half a PNG" {
  refuses bad/text.png 'bad/text\.png' 'image'
  refuses bad/truncated.png 'bad/truncated\.png'
}

# bats test_tags=slow
@test "no features: a constant image, a single pixel" {
  refuses bad/constant.png 'bad/constant\.png' 'features?'
  refuses bad/one_pixel.png 'bad/one_pixel\.png' 'features?'
}

@test "a FIFO that never answers" {
  mkfifo "$work/fifo.png"
  refuses "$work/fifo.png" 'fifo\.png'
}

@test "a PNG bomb" {
  on 2 --memory-limit 512M -r bombs/whole.png photos
  assert_unusable 'bombs/whole\.png' '--memory-limit'
}

# bats test_tags=slow
@test "a decoder that crashes, hangs or eats memory" {
  with_bad_decoder 2 -r trap/segfault.png photos
  assert_unusable 'trap/segfault\.png' 'crash'
  with_bad_decoder 2 --timeout 1 -r trap/hang.png photos
  assert_unusable 'trap/hang\.png' 'timed-out|--timeout'
  with_bad_decoder 2 --memory-limit 512M -r trap/bad_alloc.png photos
  assert_unusable 'trap/bad_alloc\.png' '--memory-limit'
}

@test "a missing name with a newline in it is told in one line" {
  alone -r $'no\nsuch.png' photos
  assert_unusable 'such\.png'
  assert_lines "" "$(grep -v '^bundle_match: ' "$err")"
}

# bats test_tags=slow
@test "unusual but good: alpha, 16 bits, CMYK, a rotated JPEG, half a JPEG" {
  for reference in bad/alpha.png bad/sixteen_bit.png bad/cmyk.jpg exif/orientation_6.jpg \
    bad/truncated.jpg; do
    oracle $reference photos/cropped.png >"$work/expected"
    alone -r $reference photos/cropped.png
    assert_status 0
    assert_printed "$work/expected"
  done
}

@test "images are read while it is described" {
  start_hanging 2 --timeout 0 -r trap/hang.png bad/text.png
  wait_for_message 'bad/text.png: unreadable'
  kill -USR1 "$run"
  ended
  assert_status 75
}

@test "as an image, too, it has the row that reading it gives" {
  cp bad/truncated.jpg "$work/copy.jpg"
  for reference in photos/cropped.png bad/truncated.jpg; do
    alone --format csv -r $reference $reference photos/rotated.png "$work/copy.jpg"
    assert_status 0
    cp "$out" "$work/once"
    alone --format csv --report "$work/report.html" -r $reference $reference photos/rotated.png "$work/copy.jpg"
    assert_same_bytes "$out" "$work/once"
  done
}
