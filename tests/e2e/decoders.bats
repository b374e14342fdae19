# Which images need OpenCV's decoders, with the hundred libraries that they bring along.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

readonly kReference=photos/reference.png

# on_watched N ARG...: on N ranks. $loaded are the processes that load OpenCV's decoders.
on_watched() {
  rm -f "$work"/loaded.*
  captured mpirun -n "$1" env LD_DEBUG=files LD_DEBUG_OUTPUT="$work/loaded" "$BUNDLE_MATCH" "${@:2}"
  compgen -G "$work/loaded.*" >/dev/null || fail "the loader tells nothing"
  loaded=$(grep -ls 'libopencv_imgcodecs' "$work"/loaded.* | wc -l)
}

@test "none for PNG and JPEG, whether reference, image, drawn or in a report" {
  oracle $kReference photos/cropped.png photos/smaller.jpg >"$work/expected"
  on_watched 2 -r $kReference photos/cropped.png photos/smaller.jpg --draw "$work/drawn" \
    --report "$work/report.html"
  assert_status 0
  assert_printed "$work/expected"
  assert_lines 0 "$loaded"
}

@test "one process of a rank for others, and the images beside them are matched, too" {
  oracle $kReference photos/cropped.png formats/tilted.bmp photos/smaller.jpg >"$work/expected"
  on_watched 1 -r $kReference photos/cropped.png formats/tilted.bmp photos/smaller.jpg
  assert_status 0
  assert_printed "$work/expected"
  assert_lines 1 "$loaded"
}

@test "none for what starts no job" {
  for arguments in --help --version summarize; do
    captured env LD_DEBUG=files LD_DEBUG_OUTPUT="$work/loaded" "$BUNDLE_MATCH" "$arguments"
    assert_lines "" "$(grep -ls 'libopencv_imgcodecs' "$work"/loaded.*)"
  done
}
