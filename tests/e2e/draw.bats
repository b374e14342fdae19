# --draw: pictures of matches, on any number of ranks, and what becomes of those that cannot be made.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers
load journal_helpers

# pictures FOLDER: name, format and size of every file below it.
pictures() {
  "$PYTHON" - "$1" <<'END'
import pathlib, sys
from PIL import Image
top = pathlib.Path(sys.argv[1])
for path in sorted(top.rglob("*")):
    if path.is_file():
        with Image.open(path) as picture:
            picture.load()
            print(path.relative_to(top), picture.format, picture.mode, *picture.size)
END
}

# assert_same_files A B: the same names and bytes.
assert_same_files() { diff -r "$1" "$2" || fail "$1 and $2 differ"; }

# bats test_tags=slow
@test "a picture of every image that is ok, the same bytes on 1, 2 and 3 ranks" {
  for n in 1 2 3; do
    on $n -r "$kReference" --draw "$work/draw$n" photos bad/text.png
    assert_status 1
    assert_says '8 pictures are drawn'
  done
  assert_same_files "$work/draw1" "$work/draw2"
  assert_same_files "$work/draw1" "$work/draw3"
  pictures "$work/draw1" >"$work/pictures"
  assert_lines 8 "$(wc -l <"$work/pictures")"
  assert_lines 8 "$(grep -c '^photos%2F[a-z_]*\.[a-z]*\.jpg JPEG RGB ' "$work/pictures")"
}

@test "the counts do not depend on it" {
  oracle "$kReference" photos/* >"$work/expected"
  on 2 -r "$kReference" --draw "$work/draw" photos
  assert_printed "$work/expected"
}

@test "--draw-best, --draw-format: the best by inliers, as PNG" {
  on 2 -r "$kReference" --verify homography --ratio 0.8 -o "$work/counts.csv" --sort inliers \
    --draw "$work/draw" --draw-best 3 --draw-format png photos
  assert_status 0
  local expected
  expected=$(rows csv path <"$work/counts.csv" | head -n 3 | sed 's|^|photos%2F|; s|$|.png|' | sort)
  assert_lines "$expected" "$(ls "$work/draw")"
  assert_lines 3 "$(pictures "$work/draw" | grep -c ' PNG RGB ')"
}

@test "a picture shows reference and image, and inliers in orange only if verified" {
  alone -r "$kReference" --draw "$work/plain" --draw-format png photos/cropped.png
  alone -r "$kReference" --draw "$work/verified" --verify homography --draw-format png photos/cropped.png
  "$PYTHON" - "$work" "$kReference" photos/cropped.png <<'END' || fail "not what was to be drawn"
import sys
import numpy
from PIL import Image
work, reference, image = sys.argv[1:]
sizes = [Image.open(path).size for path in (reference, image)]
def orange(folder):
    pixels = numpy.asarray(Image.open(f"{work}/{folder}/photos%2Fcropped.png.png"), dtype=int)
    assert pixels.shape[:2] == (max(h for _, h in sizes), sum(w for w, _ in sizes) + 8), pixels.shape
    red, green, blue = (pixels[..., i] for i in range(3))
    return int(((red > green + 40) & (green > blue + 40)).sum())
assert orange("plain") == 0, orange("plain")
assert orange("verified") > 1000, orange("verified")
END
}

# bats test_tags=slow
@test "of several references, a folder each; of all pairs, the best" {
  on 2 -r "$kReference" -r photos/cropped.png -o "$work/counts.csv" --draw "$work/draw" photos
  assert_status 0
  assert_lines "photos%2Fcropped.png
photos%2Freference.png" "$(ls "$work/draw")"
  assert_lines 16 "$(pictures "$work/draw" | wc -l)"
  for n in 1 2; do
    on $n --all-pairs -o "$work/pairs$n.csv" --draw "$work/pairs$n" --draw-best 4 photos
    assert_status 0
    assert_lines 4 "$(pictures "$work/pairs$n" | wc -l)"
  done
  assert_same_files "$work/pairs1" "$work/pairs2"
  on 2 --all-pairs -o "$work/all.csv" --draw "$work/all" photos
  assert_lines 20 "$(pictures "$work/all" | wc -l)"
}

@test "--send-images, --cache: the same pictures" {
  on 2 -r "$kReference" --draw "$work/expected" photos
  on 2 -r "$kReference" --send-images --draw "$work/sent" photos
  assert_status 0
  assert_same_files "$work/expected" "$work/sent"
  for round in cold warm; do
    on 2 -r "$kReference" --cache "$work/cache" --draw "$work/$round" photos
    assert_status 0
    assert_same_files "$work/expected" "$work/$round"
  done
}

@test "going on with a run, pictures that are there stay; a new run draws them anew" {
  local run=(2 -r "$kReference" -o "$work/counts.csv" --draw "$work/draw")
  on "${run[@]}" photos
  cp -r "$work/draw" "$work/expected"
  rm "$work/draw/photos%2Fcropped.png.jpg"
  echo "looked at" >"$work/draw/photos%2Frotated.png.jpg"
  on "${run[@]}" photos
  assert_status 0
  assert_says '8 pictures are drawn, 7 of them before'
  assert_lines "looked at" "$(cat "$work/draw/photos%2Frotated.png.jpg")"
  on "${run[@]}" --overwrite photos
  assert_status 0
  assert_same_files "$work/expected" "$work/draw"
}

# bats test_tags=slow
@test "interrupted while it draws: exit status 75, what is drawn stays, the same command draws the rest" {
  local command=(-r "$kReference" --timeout 0 -o "$work/counts.csv" photos trap/hang.png)
  on 1 "${command[@]}" --draw "$work/expected"
  assert_status 0
  cp "$work/counts.csv" "$work/expected.csv"
  start_hanging 1 "${command[@]}" --draw "$work/draw"
  rank_0=$(ranks_of "$run")
  kill -TERM "$rank_0"
  ended
  assert_status 75
  assert_says 'interrupted: 8 of 9 pictures are drawn' 'the same command goes on from there'
  assert_lines 8 "$(pictures "$work/draw" | wc -l)"
  on 2 "${command[@]}" --draw "$work/draw"
  assert_status 0
  assert_same_files "$work/expected" "$work/draw"
  assert_same_bytes "$work/expected.csv" "$work/counts.csv"
}

@test "a picture that cannot be made is a warning" {
  cp photos/cropped.png "$work/once.png"
  echo "$work/once.png" >"$work/list"
  on 1 -r "$kReference" -o "$work/counts.csv" --list "$work/list" photos
  rm "$work/once.png"
  on 2 -r "$kReference" -o "$work/counts.csv" --draw "$work/draw" --list "$work/list" photos
  assert_status 0
  assert_says 'warning: no picture of .*once.png with photos/reference.png: unreadable: No such file'
  assert_lines 8 "$(pictures "$work/draw" | wc -l)"
}

@test "a folder that cannot be written is an error before any work" {
  touch "$work/file"
  alone -r "$kReference" --draw "$work/file/draw" photos
  assert_status 2
  assert_nothing_printed
  assert_says 'error: --draw .*file/draw'
  alone -r "$kReference" --draw-best 3 photos
  assert_wrong_usage '--draw-best .*--draw DIR'
}
