# Filters, geometry, the cache of features, the choice of rows, exports, as users type them.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

@test "ratio and distance leave fewer matches; a bad one is told" {
  alone -r photos/reference.png --format csv photos
  rows csv matches <"$out" >"$work/all"
  on 2 -r photos/reference.png --format csv --ratio 0.7 --max-distance 250 photos
  assert_status 0
  rows csv matches <"$out" >"$work/few"
  paste "$work/all" "$work/few" | while read -r all few; do ((few <= all)) || fail "$few > $all"; done
  ! cmp -s "$work/all" "$work/few" || fail "the same"
  alone -r photos/reference.png --ratio 2 photos
  assert_wrong_usage
  alone -r photos/reference.png --sort inliers photos
  assert_wrong_usage
}

# bats test_tags=slow
@test "geometry: inliers and models, the same bytes on any number of ranks, over a resume" {
  local run=(-r photos/reference.png --verify homography --ratio 0.8)
  on 1 "${run[@]}" --format csv photos
  assert_status 0
  cp "$out" "$work/expected"
  head -n 1 "$out" | grep -q ',inliers,model' || fail "no columns"
  for ranks in 2 3; do
    on "$ranks" "${run[@]}" --format csv photos
    assert_printed "$work/expected"
  done
  on 2 "${run[@]}" -o "$work/full.csv" photos
  head -n 9 "$work/full.csv.journal" >"$work/part.csv.journal"
  on 2 "${run[@]}" -o "$work/part.csv" photos
  assert_same_bytes "$work/expected" "$work/part.csv"
  on 2 -r photos/reference.png --verify fundamental -o "$work/part.csv" photos
  assert_status 2
  assert_says 'verify was homography and is now fundamental'
}

# bats test_tags=slow
@test "the cache gives the same bytes, without SIFT, and survives damage" {
  on 2 -r photos/reference.png --format csv photos exif
  cp "$out" "$work/expected"
  for _ in 1 2; do
    on 2 -r photos/reference.png --cache "$work/cache" --format csv photos exif
    assert_printed "$work/expected"
  done
  on 2 -r photos/reference.png --cache "$work/cache" --format jsonl photos
  if grep -q '"sift":[^0]' "$out"; then fail "SIFT was computed again"; fi
  find "$work/cache" -name '*.features' -exec truncate -s -1 {} +
  on 2 -r photos/reference.png --cache "$work/cache" --format csv photos exif
  assert_printed "$work/expected"
  on 2 -r photos/reference.png --cache /proc/no_such photos
  assert_status 2
}

# bats test_tags=slow
@test "a cache that cannot be written costs a warning, no result; its limit holds from the start" {
  mkdir "$work/cache"
  printf '%s\n' "$work"/cache/{0..9}{{0..9},{a..f}} "$work"/cache/{a..f}{{0..9},{a..f}} | xargs touch
  oracle photos/reference.png photos/*.png >"$work/expected"
  on 2 -r photos/reference.png --cache "$work/cache" photos/*.png
  assert_status 0
  assert_printed "$work/expected"
  assert_says 'rank 0.*: --cache: .*/cache/'
  others_first 2 "$work/rows" -r photos/reference.png --cache "$work/cache"
  assert_says 'rank 1 on .*: --cache: .*/cache/'
  rm -r "$work/cache"
  on 2 -r photos/reference.png --cache "$work/cache" photos/*.png
  # The second run finds all there is: it stores nothing that could make it prune.
  local large=$work/cache/00/000000000000000000000000000000.features
  mkdir -p "$work/cache/00"
  head -c 2M /dev/zero >"$large"
  touch -d 2020-01-01 "$large"
  on 2 -r photos/reference.png --cache "$work/cache" --cache-limit 1M photos/*.png
  assert_printed "$work/expected"
  [[ ! -e $large ]] || fail "the cache is larger than its limit"
}

@test "top, sort and min-matches choose rows" {
  on 2 -r photos/reference.png --format csv --sort matches --top 3 photos
  assert_status 0
  rows csv matches <"$out" >"$work/found"
  alone -r photos/reference.png --format csv photos
  assert_same_bytes <(rows csv matches <"$out" | sort -rn | head -n 3) "$work/found"
}

@test "exports: COLMAP's database and npz files of every image and pair" {
  on 2 --all-pairs --ratio 0.8 --verify fundamental --export-colmap "$work/db" \
    --save-matches "$work/npz" -o "$work/pairs.csv" photos
  assert_status 0
  "$PYTHON" - "$work" <<'END' || fail "the exports do not agree with the csv"
import csv, glob, os, sqlite3, sys
import numpy
work = sys.argv[1]
rows = list(csv.DictReader(open(work + "/pairs.csv", newline="")))
images = {row["path"] for row in rows} | {row["reference"] for row in rows}
db = sqlite3.connect(work + "/db")
assert db.execute("select count(*) from images").fetchone()[0] == len(images)
assert db.execute("select sum(rows) from matches").fetchone()[0] == sum(int(r["matches"]) for r in rows)
assert len(os.listdir(work + "/npz/features")) == len(images)
files = [numpy.load(name) for name in glob.glob(work + "/npz/matches/*/*.npz")]
assert len(files) == len(rows)
assert sum(len(file["matches"]) for file in files) == sum(int(r["matches"]) for r in rows)
assert sum(int(file["inliers"].sum()) for file in files) == sum(int(r["inliers"]) for r in rows)
END
  on 2 --all-pairs --ratio 0.8 --verify fundamental --export-colmap "$work/db" \
    --save-matches "$work/npz" -o "$work/pairs.csv" photos
  assert_says 'nothing to do'
}
