# The page of a run (--report), and summaries of finished outputs. The page in a browser: tests/browser.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

readonly kRun=(-r photos/reference.png --list lists/photos.txt)

# page_data FIELD... <PAGE: fields of the data that the page holds, one a line.
page_data() {
  "$PYTHON" -c '
import json, re, sys
page = sys.stdin.buffer.read().decode()
data = json.loads(re.search("id=\"data\">(.*?)</script>", page, re.S).group(1))
for field in sys.argv[1:]:
    value = data
    for key in field.split("."):
        value = value[int(key)] if isinstance(value, list) else value[key]
    print(json.dumps(value))
' "$@"
}

@test "--report writes a page with the counts of the run" {
  on 2 "${kRun[@]}" -o "$work/counts.csv" --report "$work/run.html"
  assert_status 0
  assert_lines "$(rows csv matches <"$work/counts.csv" | paste -sd, | sed 's/,/, /g; s/.*/[&]/')" \
    "$(page_data rows.matches <"$work/run.html")"
  assert_lines $'2\n"reference.png against 3 images"' \
    "$(page_data timeline.ranks title <"$work/run.html")"
}

@test "--report works for several references and all pairs" {
  on 2 -r photos/reference.png -r photos/rotated.png --list lists/photos.txt -o "$work/counts.csv" \
    --report "$work/run.html"
  assert_status 0
  assert_lines "$(rows csv matches <"$work/counts.csv" | paste -sd, | sed 's/,/, /g; s/.*/[&]/')" \
    "$(page_data rows.matches <"$work/run.html")"
  on 2 --all-pairs --verify homography --list lists/photos.txt -o "$work/pairs.csv" \
    --report "$work/pairs.html"
  assert_status 0
  assert_lines "$(rows csv inliers <"$work/pairs.csv" | paste -sd, | sed 's/,/, /g; s/.*/[&]/')" \
    "$(page_data rows.inliers <"$work/pairs.html")"
  assert_lines $'true\n3' "$(page_data amongImages imageCount <"$work/pairs.html")"
}

@test "--report tells of failures, and of rows that are not written" {
  on 2 -r photos/reference.png photos/cropped.png nowhere.png -o "$work/counts.csv" \
    --min-matches 100000 --report "$work/run.html"
  assert_status 2 # an INPUT that does not exist is a mistake; one in a list is a row
  printf 'photos/cropped.png\nnowhere.png\n' >"$work/list"
  on 2 -r photos/reference.png --list "$work/list" -o "$work/counts.csv" --min-matches 100000 \
    --report "$work/run.html"
  assert_status 1
  assert_lines $'2\n[0, 1]\n{"1": "No such file or directory"}' \
    "$(page_data total rows.status rows.reasons <"$work/run.html")"
}

@test "a report of a run that was finished before has its rows" {
  on 2 "${kRun[@]}" -o "$work/counts.csv"
  assert_status 0
  on 2 "${kRun[@]}" -o "$work/counts.csv" --report "$work/run.html"
  assert_status 0
  assert_says 'nothing to do'
  assert_lines 3 "$(page_data total <"$work/run.html")"
}

@test "a report that cannot be written is a mistake, before any work" {
  alone "${kRun[@]}" --report "$work/nowhere/run.html"
  assert_status 2
  assert_nothing_printed
  assert_says '--report .*nowhere/run.html cannot be written'
  alone "${kRun[@]}" --report -
  assert_wrong_usage '--report'
  alone "${kRun[@]}" -o "$work/counts.csv" --report "$work/counts.csv"
  assert_wrong_usage '--report'
  [[ ! -e $work/counts.csv ]] || fail "it was written"
}

# bats test_tags=slow
@test "summarize tells what a finished output holds, whatever its format" {
  local format
  printf 'photos/cropped.png\nphotos/rotated.png\nnowhere.png\n' >"$work/list"
  for format in csv jsonl txt; do
    on 2 -r photos/reference.png --list "$work/list" -o "$work/counts.$format"
    assert_status 1
    alone summarize "$work/counts.$format"
    assert_status 0
    [[ ! -s $err ]] || fail "expected nothing on standard error"
    cp "$out" "$work/summary.$format"
  done
  assert_lines '3 images: 2 ok, 1 unreadable' "$(head -n 1 "$work/summary.csv")"
  assert_lines '2 images: 2 ok' "$(head -n 1 "$work/summary.txt")"
  grep -q '^  nowhere.png: unreadable: No such file' "$work/summary.csv" || fail "no reason"
  grep -q '^Time by stage' "$work/summary.jsonl" || fail "no times"
  assert_lines "$(sort -k2 -t' ' -rn "$work/counts.txt" | sed 's/ [0-9]*$//' | head -n 1)" \
    "$(sed -n '/^Most matches/{n;s/^ *[0-9]*  //p}' "$work/summary.csv")"
}

@test "summarize does not start MPI, and speaks once under mpirun" {
  printf 'a.png 5\n' >"$work/counts.txt"
  # Without any MPI to be found, a program that started it would fail.
  captured env -i PATH=/nowhere OMPI_MCA_btl=nothing "$BUNDLE_MATCH" summarize "$work/counts.txt"
  assert_status 0
  on 3 summarize "$work/counts.txt"
  assert_status 0
  assert_lines 1 "$(grep -c '^1 image' "$out")"
}

@test "summarize --report makes the page" {
  on 2 "${kRun[@]}" -o "$work/counts.jsonl" --report "$work/run.html"
  alone summarize --report "$work/again.html" "$work/counts.jsonl"
  assert_status 0
  assert_lines "$(page_data images.path images.keypoints rows.matches stages.sift <"$work/run.html" | head -n 3)" \
    "$(page_data images.path images.keypoints rows.matches <"$work/again.html")"
}

@test "summarize --groups tells which images belong together" {
  on 2 --all-pairs --ratio 0.8 --verify homography photos -o "$work/pairs.csv"
  alone summarize "$work/pairs.csv" --groups 15 --report "$work/groups.html"
  assert_status 0
  grep -q '^Groups of images connected by at least 15 inliers: 1, with' "$out" || fail "no groups"
  assert_lines '"at least 15 inliers"' "$(page_data groups.rule <"$work/groups.html")"
  alone summarize "$work/pairs.csv" --groups 15 --format csv
  assert_status 0
  assert_lines "$(page_data groups.shown.0.paths <"$work/groups.html" | tr -d '[]", ' )" \
    "$(tail -n +2 "$out" | tr -d '\r' | cut -d, -f 3 | tr -d '\n')"
  alone summarize "$work/pairs.csv" --format csv
  assert_wrong_usage '--groups'
  printf 'a.png 5\n' >"$work/counts.txt"
  alone summarize "$work/counts.txt" --groups 2
  assert_wrong_usage 'counts.txt' 'reference'
}

@test "summarize refuses what is no output of a run" {
  alone summarize "$work/nowhere.csv"
  assert_wrong_usage 'summarize' 'nowhere.csv' 'No such file'
  alone summarize "$work"
  assert_wrong_usage 'summarize' 'directory'
  alone summarize
  assert_wrong_usage 'summarize' 'FILE'
  alone summarize photos/cropped.png
  assert_wrong_usage 'cropped.png' 'line 1'
  on 2 "${kRun[@]}" -o "$work/counts.csv"
  head -c -3 "$work/counts.csv" >"$work/torn.csv"
  alone summarize "$work/torn.csv"
  assert_wrong_usage 'torn.csv' 'line 4'
  alone summarize --report "$work/torn.csv" "$work/torn.csv"
  assert_wrong_usage '--report'
}

@test "a file whose name is summarize can still be given" {
  cp photos/cropped.png "$work/summarize"
  cd "$work"
  alone -r "$FIXTURES/photos/reference.png" ./summarize
  assert_status 0
  grep -qE '^./summarize [0-9]+$' "$out" || fail "no count"
}
