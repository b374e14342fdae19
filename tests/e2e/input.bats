# What becomes an image of the run, and in which order: files, folders, globs, lists, odd names.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

readonly kReference=photos/reference.png

# would_match ARG...: the paths that a run would match, by --dry-run.
would_match() {
  alone --dry-run -r "$kReference" "$@"
  assert_status 0
}

# expected_rows LIST FORMAT: "PATH COUNT" by the oracle for every path of the NUL-separated LIST; FORMAT
# is printf's, for path and count.
expected_rows() {
  local paths counts linked=() i
  mapfile -d '' -t paths <"$1"
  mkdir -p "$work/linked"
  for i in "${!paths[@]}"; do
    linked[i]=$work/linked/$i.png # a name that can be printed
    ln -sf "$PWD/${paths[i]}" "${linked[i]}"
  done
  oracle "$FIXTURES/$kReference" "${linked[@]}" >"$work/counts"
  mapfile -t counts < <(cut -d ' ' -f 2 "$work/counts")
  for i in "${!paths[@]}"; do
    # shellcheck disable=SC2059 # the format is the parameter
    printf "$2" "${paths[i]}" "${counts[i]}"
  done
}

# escaped_rows LIST: the same, escaped as sha256sum does it.
escaped_rows() {
  local row escaped
  while IFS= read -r -d '' row; do
    escaped=${row//\\/\\\\}
    escaped=${escaped//$'\n'/\\n}
    escaped=${escaped//$'\r'/\\r}
    [[ $escaped == "$row" ]] || escaped=\\$escaped
    printf '%s\n' "$escaped"
  done < <(expected_rows "$1" '%s %s\0')
}

@test "files, in the order given" {
  would_match photos/smaller.jpg photos/cropped.png photos/rotated.png
  printf 'photos/%s\n' smaller.jpg cropped.png rotated.png >"$work/expected"
  assert_printed "$work/expected"
}

@test "rows come in input order although the largest files are computed first" {
  oracle $kReference photos/smaller.jpg bad/one_pixel.png photos/tilted.png photos/cropped.png \
    >"$work/expected"
  on 2 -r $kReference photos/smaller.jpg bad/one_pixel.png photos/tilted.png photos/cropped.png
  assert_status 0
  assert_printed "$work/expected"
}

@test "a folder: every file with an image's extension, sorted bytewise" {
  printf 'tree/%s\n' 10.png 9.png Z.PNG a.jpg b.png >"$work/expected"
  would_match tree
  assert_printed "$work/expected"
  would_match tree/
  assert_printed "$work/expected"
}

@test "a folder really is matched, beside a file" {
  oracle $kReference tree/*.??g tree/*.PNG photos/cropped.png >"$work/unsorted"
  sed '/photos/d' "$work/unsorted" | sort >"$work/expected"
  sed -n '/photos/p' "$work/unsorted" >>"$work/expected"
  on 2 -r $kReference tree photos/cropped.png
  assert_status 0
  assert_printed "$work/expected"
}

@test "--recursive descends, sorted bytewise by the whole path" {
  find tree -type f ! -name '*.txt' ! -name '*.md' ! -name README | sort >"$work/expected"
  assert_lines 8 "$(wc -l <"$work/expected")"
  would_match --recursive tree
  assert_printed "$work/expected"
}

@test "--recursive into a folder that contains a link to itself ends" {
  would_match --recursive loop
  assert_lines loop/only.png "$(cat "$out")"
}

@test "quoted globs, sorted bytewise, in the order given" {
  would_match 'tree/*.png' 'photos/[cr]*ed.png'
  printf '%s\n' tree/10.png tree/9.png tree/b.png photos/cropped.png photos/rotated.png \
    >"$work/expected"
  # A glob matches names, whatever they are: a folder named like an image is an image that fails.
  grep -v '^tree/folder.png$' "$out" >"$work/found"
  assert_same_bytes "$work/expected" "$work/found"
}

@test "a file whose name looks like a glob is that file" {
  would_match 'names/star*.png' 'names/[1].png'
  printf '%s\n' 'names/star*.png' 'names/[1].png' >"$work/expected"
  assert_printed "$work/expected"
}

@test "an image named twice is reported twice" {
  oracle $kReference photos/cropped.png photos/smaller.jpg photos/cropped.png >"$work/expected"
  on 2 -r $kReference photos/cropped.png photos/smaller.jpg photos/cropped.png
  assert_status 0
  assert_printed "$work/expected"
}

@test "the same name in two folders is two images" {
  oracle $kReference twice/a/same.png twice/b/same.png >"$work/expected"
  on 2 --recursive -r $kReference twice
  assert_status 0
  assert_printed "$work/expected"
}

@test "--list FILE: a path a line, in the list's order" {
  oracle $kReference photos/rotated.png photos/cropped.png photos/smaller.jpg >"$work/expected"
  on 2 -r $kReference --list lists/photos.txt
  assert_status 0
  assert_printed "$work/expected"
  on 2 -r $kReference --list lists/no_final_newline.txt
  assert_status 0
  assert_printed "$work/expected"
}

@test "--list - reads standard input, also through mpirun" {
  oracle $kReference photos/rotated.png photos/cropped.png photos/smaller.jpg >"$work/expected"
  stdin=lists/photos.txt
  on 3 -r $kReference --list -
  assert_status 0
  assert_printed "$work/expected"
  alone -r $kReference --list -
  assert_status 0
  assert_printed "$work/expected"
}

@test "odd names, separated by NUL: --null rows are the bytes" {
  expected_rows lists/names.null '%s %s\0' >"$work/expected"
  on 2 --null --list lists/names.null -r $kReference -o "$work/rows"
  assert_status 0
  assert_same_bytes "$work/expected" "$work/rows"
  stdin=lists/names.null
  alone -0 --list - -r $kReference
  assert_status 0
  assert_printed "$work/expected"
  skip_if_mpirun_mixes_streams
  on 2 -0 --list - -r $kReference
  assert_status 0
  assert_printed "$work/expected"
}

@test "odd names without a folder before them, as -dash.png, in a list" {
  cd names
  expected_rows ../lists/bare_names.null '%s %s\0' >"$work/expected"
  on 2 -0 --list ../lists/bare_names.null -r ../$kReference -o "$work/rows"
  assert_status 0
  assert_same_bytes "$work/expected" "$work/rows"
}

@test "odd names as text are escaped as sha256sum does it" {
  escaped_rows lists/names.null >"$work/sorted"
  find names -name '*.png' -print0 >"$work/list"
  escaped_rows "$work/list" | sort >"$work/expected"
  on 2 -r $kReference names
  assert_status 0
  assert_lines "$(tr -dc '\n' <"$work/sorted" | wc -c)" "$(wc -l <"$out")"
  sort "$out" >"$work/found"
  assert_same_bytes "$work/expected" "$work/found"
  # And sha256sum itself, for what all its versions escape.
  for name in $'new\nline.png' 'back\slash.png'; do
    escaped=$(sha256sum "names/$name")
    grep -qF -- "\\${escaped:67} " "$out" || fail "sha256sum says: $escaped"
  done
}

@test "a folder of odd names is sorted by the bytes of the names" {
  alone --dry-run --null -r $kReference names
  assert_status 0
  find names -name '*.png' -print0 | sort -z >"$work/expected"
  assert_printed "$work/expected"
}

@test "--dry-run escapes as text does" {
  alone --dry-run -r $kReference $'names/new\nline.png' 'names/back\slash.png'
  assert_status 0
  printf '%s\n' '\names/new\nline.png' '\names/back\\slash.png' >"$work/expected"
  assert_printed "$work/expected"
}

@test "a leading dash: after --, with --reference=, and behind ./" {
  cd names
  count=$("$ORACLE" ./-dash.png ./-dash.png)
  count=${count##* }
  on 2 --reference=-dash.png -- -dash.png ./-dash.png
  assert_status 0
  printf '%s\n' "-dash.png $count" "./-dash.png $count" >"$work/expected"
  assert_printed "$work/expected"
}

# bats test_tags=slow
@test "a reference with an odd name" {
  # shellcheck disable=SC2016 # it is a name
  for path in $'names/new\nline.png' $'names/not-utf8-\xff\xfe.png' 'names/back\slash.png' \
    "names/single'quote.png" 'names/$(echo).png' 'names/star*.png'; do
    count=$("$ORACLE" "$path" photos/cropped.png)
    alone -r "$path" photos/cropped.png
    assert_status 0
    assert_lines "$count" "$(cat "$out")"
  done
}

@test "an INPUT that does not exist is a mistake" {
  alone -r $kReference photos/cropped.png photos/no_such.png
  assert_wrong_usage 'photos/no_such\.png'
}

@test "a glob without a match is a mistake" {
  alone -r $kReference photos/cropped.png 'photos/*.gif'
  assert_wrong_usage 'photos/\*\.gif'
}

@test "an empty folder, and one without images, is a mistake" {
  alone -r $kReference photos/cropped.png empty
  assert_wrong_usage 'empty'
  alone -r $kReference no_images
  assert_wrong_usage 'no_images'
}

@test "a folder that cannot be read is a mistake" {
  skip_as_root
  mkdir -m 0 "$work/locked"
  alone -r $kReference "$work/locked"
  chmod 700 "$work/locked"
  assert_wrong_usage 'locked'
}

@test "an empty list is a mistake" {
  alone -r $kReference --list lists/empty.txt
  assert_wrong_usage 'lists/empty\.txt'
  alone -r $kReference --list lists/blank.txt
  assert_wrong_usage 'lists/blank\.txt'
  alone -r $kReference --list -
  assert_wrong_usage '--list.*standard input'
}

@test "a list that cannot be read is a mistake" {
  alone -r $kReference --list lists/no_such.txt
  assert_wrong_usage 'lists/no_such\.txt'
  alone -r $kReference --list lists
  assert_wrong_usage 'lists'
}

@test "a missing name with a newline in it is still one message in one line" {
  alone -r $kReference $'no\nsuch.png'
  assert_wrong_usage 'such\.png'
  alone -r $kReference --list $'no\nsuch.txt'
  assert_wrong_usage 'such\.txt'
}
