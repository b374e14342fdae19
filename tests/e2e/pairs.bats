# Many references, and pairs of images, as users type them.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers


# single_runs ARG...: the csv of one run a photograph, as if they were one.
single_runs() {
  local reference
  for reference in photos/*; do
    alone --format csv "$@" -r "$reference" photos
    if [[ ! -e $work/singles ]]; then cp "$out" "$work/singles"; else tail -n +2 "$out" >>"$work/singles"; fi
  done
}

# references: options that name every photograph as a reference.
references() {
  local reference
  for reference in photos/*; do printf -- '--reference\n%s\n' "$reference"; done
}

# bats test_tags=slow
@test "many references: the rows of single runs, on any number of ranks, one or two hosts" {
  single_runs
  mapfile -t options < <(references)
  for ranks in 1 2 3 5; do
    on "$ranks" "${options[@]}" photos
    assert_status 0
    assert_printed "$work/singles"
  done
  printf '%s\n' photos/* >"$work/list"
  on 2 --reference-list "$work/list" photos
  assert_printed "$work/singles"
}

# bats test_tags=slow
@test "a rank on another host gets the references, too" {
  single_runs
  mapfile -t options < <(references)
  with_far_ranks true "${options[@]}" photos
  assert_status 0
  assert_printed "$work/singles"
}

@test "a reference that cannot be used ends the run before work starts, and is named" {
  on 2 -r photos/reference.png -r no_such.png -r bad/header_only.png photos
  assert_status 3
  assert_nothing_printed
  assert_says 'reference no_such.png: unreadable: No such file'
}

@test "all pairs: the counts of single runs, on any number of ranks" {
  single_runs
  on 1 --all-pairs photos
  assert_status 0
  cp "$out" "$work/expected"
  # Every row is one of the single runs', and there are n (n - 1) / 2 of them.
  [[ -z $(grep -vxFf "$work/singles" "$work/expected") ]] || fail "a row that no single run gives"
  local n
  n=$(find photos -type f | wc -l)
  [[ $(wc -l <"$work/expected") == $((n * (n - 1) / 2 + 1)) ]] || fail "not every pair once"
  for ranks in 2 3 5; do
    on "$ranks" --all-pairs photos
    assert_printed "$work/expected"
  done
}

@test "all pairs: a bad image costs its own rows" {
  on 3 --all-pairs --format csv photos bad/header_only.png
  assert_status 1
  local bad
  bad=$(grep -c ',unreadable,' "$out")
  [[ $bad == $(find photos -type f | wc -l) ]] || fail "$bad rows are unreadable"
  grep -v ',unreadable,' "$out" >"$work/good"
  on 1 --all-pairs photos
  assert_same_bytes "$out" "$work/good"
}

# bats test_tags=slow
@test "all pairs: an interrupted run goes on, and a longer list adds pairs" {
  on 2 --all-pairs -o "$work/full.csv" photos
  assert_status 0
  # What a run that was killed leaves: a journal that ends early, among the images or among the pairs.
  for last in R M; do
    rm -f "$work/part.csv"
    awk -F '\t' -v last=$last '{ print } $2 == last && ++n == 3 { exit }' "$work/full.csv.journal" \
      >"$work/part.csv.journal"
    on 3 --all-pairs -o "$work/part.csv" photos
    assert_status 0
    assert_same_bytes "$work/full.csv" "$work/part.csv"
    [[ $last == R ]] || assert_says 'going on with .*: [0-9]+ of [0-9]+ pairs are done'
  done
  on 2 --all-pairs -o "$work/part.csv" photos
  assert_says 'nothing to do'
  on 2 --all-pairs -o "$work/part.csv" photos exif
  assert_status 0
  assert_says 'going on with'
  on 1 --all-pairs photos exif
  assert_same_bytes "$out" "$work/part.csv"
}

# The rows of all pairs of the photographs that AWK says, an expression of their positions a and b, from 1.
rows_where() { # AWK
  on 1 --all-pairs photos
  awk -F, 'NR == 2 { first = $1; print first } $1 == first { print $2 }' "$out" >"$work/names"
  awk -F, "NR == FNR { n[\$0] = FNR; next } { a = n[\$1]; b = n[\$2] } FNR == 1 || ($1)" \
    "$work/names" "$out"
}

@test "--window matches each image with those after it, as all pairs do" {
  rows_where 'b - a <= 2' >"$work/expected"
  [[ $(wc -l <"$work/expected") -lt $(wc -l <"$out") ]] || fail "the window has all pairs"
  for ranks in 1 2 3; do
    on "$ranks" --window 2 photos
    assert_status 0
    assert_printed "$work/expected"
  done
  on 2 --window 1000 photos
  cp "$out" "$work/wide"
  on 2 --all-pairs photos
  assert_printed "$work/wide"
}

@test "--pairs matches what a list names, each pair once, in the order of the images" {
  rows_where '(a + b) % 3 == 0' >"$work/expected"
  tail -n +2 "$work/expected" | cut -d, -f 1,2 --output-delimiter ' ' >"$work/pairs.txt"
  sed -n '1s/\(.*\) \(.*\)/\2 \1/p' "$work/pairs.txt" >>"$work/pairs.txt" # again, the other way round
  for ranks in 1 2 3; do
    on "$ranks" --pairs "$work/pairs.txt" photos
    assert_status 0
    assert_printed "$work/expected"
  done
  # Without INPUT the images are those of the list; their names may be relative to a folder.
  sed 's#photos/##g' "$work/pairs.txt" | shuf --random-source=/dev/zero >"$work/relative.txt"
  on 2 --pairs "$work/relative.txt" --pairs-dir photos
  assert_status 0
  assert_lines "$(cut -d, -f 4 "$work/expected" | sort)" "$(cut -d, -f 4 "$out" | sort)"
}

@test "pairs that are chosen in several ways are matched once" {
  rows_where 'b - a == 1 || a == 1' >"$work/expected"
  awk 'NR > 1 { print first, $0 } NR == 1 { first = $0 }' "$work/names" >"$work/pairs.txt"
  on 3 --pairs "$work/pairs.txt" --window 1 photos
  assert_status 0
  assert_printed "$work/expected"
}

@test "references and pairs: each pair once, and references that are no images come first" {
  rows_where 'a == 1 || b - a == 1' >"$work/expected"
  mapfile -t all <"$work/names"
  local ranks
  for ranks in 1 2 3; do
    on "$ranks" -r "${all[0]}" --window 1 "${all[@]:1}"
    assert_status 0
    assert_printed "$work/expected"
  done
  # A reference that is an image keeps its place.
  rows_where 'b - a == 1 || a == 3 || b == 3' >"$work/expected"
  printf '%s\n' "${all[2]}" "${all[2]}" >"$work/list"
  on 2 --reference-list "$work/list" --window 1 photos
  assert_printed "$work/expected"
  # Images of a list alone are not matched with it.
  rows_where '(a == 1 && b < 4) || a == 4 && b == 5' >"$work/expected"
  echo "${all[3]} ${all[4]}" >"$work/pairs.txt"
  on 2 -r "${all[0]}" --pairs "$work/pairs.txt" "${all[1]}" "${all[2]}"
  [[ $(sort "$work/expected") == "$(sort "$out")" ]] || fail "rows: $(<"$out")"
}

@test "references and pairs: a run goes on with a reference more" {
  mapfile -t all < <(printf '%s\n' photos/* | LC_ALL=C sort)
  on 2 --window 1 -o "$work/part.csv" "${all[@]:1}"
  assert_status 0
  on 2 -r "${all[0]}" --window 1 -o "$work/part.csv" "${all[@]:1}"
  assert_status 0
  assert_says "going on with .*: $((${#all[@]} - 2)) of $((2 * ${#all[@]} - 3)) pairs are done"
  on 3 -r "${all[0]}" --window 1 "${all[@]:1}"
  assert_printed "$work/part.csv"
}

@test "references and pairs: a reference that cannot be used ends the run, until it is mended" {
  on 2 -r no_such.png --window 1 photos
  assert_status 3
  assert_says 'reference no_such.png: unreadable: No such file'
  cp bad/header_only.png "$work/reference.png"
  on 2 --window 1 -o "$work/part.csv" photos
  on 2 -r "$work/reference.png" --window 1 -o "$work/part.csv" photos
  assert_status 3
  assert_says 'reference .*/reference.png: unreadable: '
  cp photos/reference.png "$work/reference.png"
  on 2 -r "$work/reference.png" --window 1 -o "$work/part.csv" photos
  assert_status 0
  on 1 -r "$work/reference.png" --window 1 photos
  assert_printed "$work/part.csv"
  cp bad/header_only.png "$work/reference.png"
  on 2 -r "$work/reference.png" --window 1 -o "$work/new.csv" photos
  assert_status 3
  [[ ! -e $work/new.csv.journal ]] || fail "a journal is left"
  alone -r '' --window 1 photos
  assert_wrong_usage
}

@test "a wider window computes what is new" {
  on 2 --window 1 -o "$work/part.csv" photos
  assert_status 0
  local first
  first=$(($(wc -l <"$work/part.csv") - 1))
  on 2 --window 3 -o "$work/part.csv" photos
  assert_status 0
  assert_says "going on with .*: $first of [0-9]+ pairs are done"
  on 2 --window 3 photos
  assert_same_bytes "$out" "$work/part.csv"
}

@test "a mistake in --pairs is named with its line" {
  printf 'photos/cropped.png photos/rotated.png\nphotos/cropped.png\n' >"$work/pairs.txt"
  alone --pairs "$work/pairs.txt"
  assert_wrong_usage
  assert_says "--pairs $work/pairs.txt:2: a pair is two paths, and here is one"
  alone --pairs "$work/pairs.txt" -r photos/reference.png
  assert_wrong_usage
  alone --pairs-dir photos -r photos/reference.png photos
  assert_wrong_usage
  alone --window 0 photos
  assert_wrong_usage
  alone --window 2
  assert_wrong_usage
}

@test "an image of --pairs that cannot be used costs its own pairs" {
  printf '%s\n' 'photos/cropped.png photos/rotated.png' 'nowhere.png photos/rotated.png' >"$work/pairs.txt"
  on 2 --pairs "$work/pairs.txt" --format csv
  assert_status 1
  assert_lines $'ok\nunreadable' "$(rows csv status <"$out")"
}

@test "matrix: references by images, symmetric for mutual matching" {
  mapfile -t options < <(references)
  on 2 "${options[@]}" --format matrix photos
  assert_status 0
  "$PYTHON" - "$out" <<'END' || fail "not symmetric"
import csv, sys
rows = [row[1:] for row in csv.reader(open(sys.argv[1], newline=""))][1:]
sys.exit(rows != [list(column) for column in zip(*rows)] or "" in rows[0])
END
}

@test "what options say against each other is wrong usage" {
  alone -r photos/reference.png -r photos/reference.png --format text photos
  assert_wrong_usage
  alone --all-pairs --format matrix --top 3 photos
  assert_wrong_usage
}
