# --send-images: rank 0 alone needs to see the bundle, and nothing else changes.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

readonly kReference=photos/reference.png

# on_far_host ARG...: one rank here, and two without ./photos, ./bad and ./trap.
on_far_host() {
  with_far_ranks 'for folder in photos bad trap; do mount -t tmpfs none $folder || exit; done' "$@"
}

# first_on_far_host ARG...: as on_far_host, of $kTraps, with results in $work/rows.jsonl. The far ranks
# surely get some.
first_on_far_host() {
  hold_rank_0 "$work/rows.jsonl"
  on_far_host -r "$kReference" -o "$work/rows.jsonl" "$@" "${kTraps[@]}"
}

# bats test_tags=slow
@test "the same bytes, of good images and of bad ones" {
  # The limit: one rank of a large machine could compute the bombs.
  local run=(--memory-limit 1G --format csv -r $kReference photos bad exif bombs)
  on 3 "${run[@]}"
  assert_status 1
  cp "$out" "$work/expected"
  for ranks in 1 2 3; do
    on "$ranks" --send-images "${run[@]}"
    assert_status 1
    assert_printed "$work/expected"
  done
}

@test "a file of many pieces arrives whole" {
  # A decoder must see its last byte: a bitmap, which is stored upside down.
  "$PYTHON" - "$work" <<'END'
import sys
from PIL import Image
photo = Image.open("photos/reference.png").convert("RGB")
photo.resize((1201, 1003)).save(f"{sys.argv[1]}/long.bmp")
END
  # More than rank 0 is ordered at once: the others get some.
  local run=(--format csv -r $kReference "$work"/long.bmp{,,,,,,,} photos/rotated.png)
  alone "${run[@]}"
  assert_status 0
  cp "$out" "$work/expected"
  on 3 --send-images "${run[@]}"
  assert_status 0
  assert_printed "$work/expected"
}

@test "a decoder that crashes costs its own image" {
  with_bad_decoder 3 --send-images --format csv -r $kReference photos trap/segfault.png
  assert_status 1
  cp "$out" "$work/sent"
  with_bad_decoder 3 --format csv -r $kReference photos trap/segfault.png
  assert_same_bytes "$out" "$work/sent"
}

# bats test_tags=slow
@test "ranks that do not see the images match them" {
  on 3 --format csv -r $kReference photos bad
  cp "$out" "$work/expected"
  on_far_host --send-images --format csv -r $kReference photos bad
  assert_status 1
  assert_printed "$work/expected"
  first_on_far_host --send-images
  assert_status 0
  rows jsonl host <"$work/rows.jsonl" | grep -qx far || fail "no image was matched on the far host"
}

@test "without it, what the far host does not see is told in these words" {
  first_on_far_host
  assert_status 1
  assert_says 'trap/hang.png: .*far does not see this file, which rank 0 on .* sees;.*--send-images'
}

@test "a path that nobody sees is no fault of the far host" {
  echo no_such.png >"$work/list"
  on_far_host --format csv -r $kReference --list "$work/list"
  assert_status 1
  assert_says 'no_such.png: unreadable: No such file or directory'
}

# bats test_tags=slow
@test "masks are sent with their images, and count the same" {
  mkdir -p "$work/masks/photos"
  "$PYTHON" - "$work/masks" <<'END'
import sys
from PIL import Image
for name, size in (("photos/cropped.png", (250, 200)), ("rotated.png", (320, 240))):
    mask = Image.new("L", size, 255)
    mask.paste(0, (0, 0, size[0] // 2, size[1]))
    mask.save(f"{sys.argv[1]}/{name}.png")
END
  head -c 100 "$work/masks/rotated.png.png" >"$work/masks/mirrored.png.png"
  cp "$work/masks/rotated.png.png" "$work/masks/40.png" # no image's, whatever files are received as
  local run=(--format csv -r $kReference photos)
  alone "${run[@]}"
  cp "$out" "$work/unmasked"
  alone --mask-dir "$work/masks" "${run[@]}"
  assert_status 1
  cp "$out" "$work/expected"
  # Half the keypoints at most; the damaged mask costs its image, the rest is as it was.
  local before after
  before=$(rows csv keypoints <"$work/unmasked" | head -n 1)
  after=$(rows csv keypoints <"$work/expected" | head -n 1)
  ((after > 0 && after < before)) || fail "$after of $before keypoints are left"
  assert_lines 1 "$(grep -c 'mirrored.png,unreadable,.*its mask: ' "$work/expected")"
  assert_lines 6 "$(diff "$work/unmasked" "$work/expected" | grep -c '^[<>]')"
  for ranks in 2 3; do
    on "$ranks" --send-images --mask-dir "$work/masks" "${run[@]}"
    assert_printed "$work/expected"
  done
  on_far_host --send-images --mask-dir "$work/masks" "${run[@]}"
  assert_printed "$work/expected"
}
