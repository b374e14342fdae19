# Images that cannot be matched, or only just: each costs its own row, never another's and never the job.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

readonly kReference=photos/reference.png

# statuses: "NAME STATUS" for every row of the csv on standard output.
statuses() { rows csv path status <"$out"; }

# reason_of NAME: why that image has no count.
reason_of() { rows csv path reason <"$out" | sed -n "s/^$1 //p"; }

# photos_are_right: the good images of the csv have OpenCV's counts.
photos_are_right() {
  oracle $kReference photos/* | sed 's|.*/||' >"$work/right"
  rows csv path matches <"$out" | grep -Fxf "$work/right" | sort -u >"$work/found"
  assert_lines "$(sort "$work/right")" "$(cat "$work/found")"
}

@test "damaged files, folders, text: unreadable; unusual formats: ok" {
  on 2 --format csv -r $kReference bad photos
  assert_status 1
  assert_lines "$(sort <<'END'
alpha.png ok
bit_rot.png unreadable
cmyk.jpg ok
constant.png ok
header_only.jpg unreadable
header_only.png unreadable
one_pixel.png ok
palette.png ok
sixteen_bit.png ok
text.png unreadable
truncated.jpg ok
truncated.png unreadable
zero_bytes.png unreadable
END
)" "$(statuses | head -13)"
  photos_are_right
}

@test "16 bits, a palette, alpha, CMYK, half a JPEG: OpenCV's own counts" {
  local images=(bad/sixteen_bit.png bad/palette.png bad/alpha.png bad/cmyk.jpg bad/truncated.jpg)
  oracle $kReference "${images[@]}" >"$work/expected"
  assert_lines 5 "$(wc -l <"$work/expected")"
  on 2 -r $kReference "${images[@]}"
  assert_status 0
  assert_printed "$work/expected"
}

@test "half a JPEG, which OpenCV reads, says so in its reason" {
  on 1 --format csv -r $kReference bad/truncated.jpg photos/cropped.png
  assert_status 0
  [[ $(reason_of truncated.jpg) == *[Pp]remature* ]] || fail "reason: $(reason_of truncated.jpg)"
  assert_lines - "$(reason_of cropped.png)"
}

@test "reasons say what is wrong, in words" {
  on 2 --format csv -r $kReference bad/zero_bytes.png bad/text.png bad/truncated.png
  assert_status 1
  [[ $(reason_of zero_bytes.png) == *empty* ]] || fail "$(reason_of zero_bytes.png)"
  [[ $(reason_of text.png) == *image* ]] || fail "$(reason_of text.png)"
  [[ $(reason_of truncated.png) != - ]] || fail "no reason"
}

@test "EXIF orientations 0 to 9: turned as OpenCV turns them" {
  oracle $kReference exif/* >"$work/expected"
  on 2 -r $kReference exif
  assert_status 0
  assert_printed "$work/expected"
}

@test "width and height are those after the EXIF rotation" {
  on 1 --format csv -r $kReference exif
  assert_status 0
  rows csv path width height <"$out" >"$work/found"
  for orientation in 0 1 2 3 4 9; do
    echo "orientation_$orientation.jpg 240 160"
  done >"$work/expected"
  for orientation in 5 6 7 8; do
    echo "orientation_$orientation.jpg 160 240"
  done >>"$work/expected"
  assert_lines "$(sort "$work/expected")" "$(cat "$work/found")"
}

@test "in a list: a missing file, a folder, a dangling link, a device are unreadable" {
  ln -s no_such_target "$work/dangling.png"
  printf '%s\n' photos/no_such.png photos/cropped.png photos "$work/dangling.png" /dev/zero \
    photos/cropped.png/below.png >"$work/list"
  on 2 --format csv -r $kReference --list "$work/list"
  assert_status 1
  assert_lines "no_such.png unreadable
cropped.png ok
photos unreadable
dangling.png unreadable
zero unreadable
below.png unreadable" "$(statuses)"
  [[ $(reason_of photos) == *directory* ]] || fail "$(reason_of photos)"
}

@test "a file without permission is unreadable" {
  skip_as_root
  cp photos/cropped.png "$work/locked.png"
  chmod 0 "$work/locked.png"
  on 2 --format csv -r $kReference "$work/locked.png" photos/cropped.png
  assert_status 1
  assert_lines $'locked.png unreadable\ncropped.png ok' "$(statuses)"
}

@test "a FIFO that never answers is unreadable, and nobody waits for it" {
  mkfifo "$work/fifo.png"
  on 2 --format csv -r $kReference "$work/fifo.png" photos
  assert_status 1
  assert_lines "fifo.png unreadable" "$(statuses | head -1)"
  photos_are_right
}

@test "only bad images: exit status 1, a row for each, no line of text" {
  on 3 --format csv -r $kReference bad/text.png bad/zero_bytes.png
  assert_status 1
  assert_lines $'text.png unreadable\nzero_bytes.png unreadable' "$(statuses)"
  on 3 -r $kReference bad/text.png bad/zero_bytes.png
  assert_status 1
  assert_nothing_printed
}

@test "a PNG bomb is refused from its header, with the size needed and the option to change" {
  # 900 megapixels at 24 bytes each; two ranks that have that much would rightly compute it.
  (($(awk '/^MemTotal:/ { print $2 }' /proc/meminfo) < 40000000)) || skip "so much memory"
  on 2 --format csv -r $kReference bombs/whole.png bombs/small.png photos
  assert_status 1
  assert_lines $'whole.png too-large\nsmall.png too-large' "$(statuses | head -2)"
  for name in whole.png small.png; do
    [[ $(reason_of $name) == *--memory-limit* ]] || fail "$(reason_of $name)"
    [[ $(reason_of $name) =~ [0-9]\ ?[MGT]i?B ]] || fail "$(reason_of $name)"
  done
  photos_are_right
}

@test "bombs under an explicit --memory-limit, also in a format of which only the decoder knows" {
  on 2 --memory-limit 512M --format csv -r $kReference bombs photos
  assert_status 1
  assert_lines $'small.png too-large\ntiny.pgm too-large\nwhole.png too-large' "$(statuses | head -3)"
  [[ $(reason_of tiny.pgm) == *--memory-limit* ]] || fail "$(reason_of tiny.pgm)"
  photos_are_right
}

# bats test_tags=slow
@test "--memory-limit decides which images are too large" {
  on 1 --memory-limit 70M --format csv -r $kReference large/megapixel.png photos/cropped.png
  assert_status 1
  assert_lines $'megapixel.png too-large\ncropped.png ok' "$(statuses)"
  assert_lines "megapixel.png 1000 1000" "$(rows csv path width height <"$out" | head -1)"
  on 1 --memory-limit 1G --format csv -r $kReference large/megapixel.png photos/cropped.png
  assert_status 0
  # OpenCV's SIFT needs several times as much.
  on 1 --memory-limit 200M --format csv -r $kReference large/megapixel.png
  assert_status 0
  on 1 --memory-limit 200M --sift opencv --format csv -r $kReference large/megapixel.png
  assert_status 1
  assert_lines "megapixel.png too-large" "$(statuses)"
}

@test "a decoder that crashes in any way costs that image alone" {
  for ranks in 1 3; do
    with_bad_decoder $ranks --format csv -r $kReference trap/segfault.png photos/cropped.png \
      trap/abort.png trap/exit.png photos trap/segfault.png
    assert_status 1
    assert_lines $'segfault.png crashed\ncropped.png ok\nabort.png crashed\nexit.png crashed' \
      "$(statuses | head -4)"
    assert_lines "segfault.png crashed" "$(statuses | tail -1)"
    [[ $(reason_of segfault.png | head -1) == *SIGSEGV* ||
      $(reason_of segfault.png | head -1) == *"Segmentation fault"* ]] ||
      fail "$(reason_of segfault.png)"
    [[ $(reason_of abort.png) == *SIGABRT* || $(reason_of abort.png) == *Aborted* ]] ||
      fail "$(reason_of abort.png)"
    photos_are_right
    cp "$out" "$work/on_$ranks"
  done
  assert_same_bytes "$work/on_1" "$work/on_3"
}

# bats test_tags=slow
@test "a decoder that hangs is ended by --timeout, and the others are matched" {
  with_bad_decoder 2 --timeout 10 --format csv -r $kReference trap/hang.png photos
  assert_status 1
  assert_lines "hang.png timed-out" "$(statuses | head -1)"
  [[ $(reason_of hang.png) == *--timeout* ]] || fail "$(reason_of hang.png)"
  photos_are_right
}

# bats test_tags=slow
@test "one rank: the images after one that hangs are matched, too" {
  with_bad_decoder 1 --timeout 10 --format csv -r $kReference photos/cropped.png trap/hang.png \
    trap/hang.png photos
  assert_status 1
  assert_lines $'hang.png timed-out\nhang.png timed-out' "$(statuses | sed -n 2,3p)"
  photos_are_right
}

# bats test_tags=slow
@test "a decoder that eats all memory is stopped by --memory-limit, and the others are matched" {
  [[ -z ${SANITIZER:-} ]] || skip "a sanitizer ends a process whose memory is refused, where new would throw"
  with_bad_decoder 2 --memory-limit 512M --format csv -r $kReference trap/eat_memory.png \
    trap/bad_alloc.png photos
  assert_status 1
  photos_are_right
  assert_lines $'eat_memory.png too-large\nbad_alloc.png too-large' "$(statuses | head -2)"
  for name in eat_memory.png bad_alloc.png; do
    [[ $(reason_of $name) == *--memory-limit* ]] || fail "$(reason_of $name)"
  done
}

@test "the trap is one only for the bad decoder" {
  on 1 --format csv -r $kReference trap
  assert_status 0
  assert_lines ok "$(rows csv status <"$out" | sort -u)"
}
