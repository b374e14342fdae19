# How results are written: formats, escaping, files that appear complete or not at all.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

readonly kReference=photos/reference.png

# only_file NAME: the folder $work/results holds nothing else, but for the journal that stays beside it.
only_file() {
  local names
  names=$(find "$work/results" -mindepth 1 ! -name "$1.journal" -printf '%P\n')
  assert_lines "$1" "$names"
}

# counts_of FILE: "NAME COUNT" as `rows FORMAT path matches` prints it, from text.
counts_of() { sed 's|.*/||' "$1"; }

@test "csv: header, CRLF, columns" {
  oracle $kReference photos/* >"$work/text"
  on 2 --format csv -r $kReference photos
  assert_status 0
  assert_lines $'reference,path,status,matches,keypoints,width,height,reason\r' "$(head -1 "$out")"
  assert_lines "$(counts_of "$work/text")" "$(rows csv path matches <"$out")"
  assert_lines $kReference "$(rows csv reference <"$out" | sort -u)"
  assert_lines "320 240" "$(rows csv width height path <"$out" | sed -n 's/ reference.png$//p')"
  assert_lines "250 200" "$(rows csv width height path <"$out" | sed -n 's/ cropped.png$//p')"
}

@test "csv: names with commas, quotes and line breaks are quoted, others are bytes" {
  on 2 --format csv -0 --list lists/names.null -r $kReference
  assert_status 0
  "$PYTHON" - >"$work/expected" <<'END'
for path in open("lists/names.null", "rb").read().split(b"\0")[:-1]:
    print(repr(path.rsplit(b"/", 1)[-1])[2:-1])
END
  rows csv path <"$out" >"$work/found"
  assert_same_bytes "$work/expected" "$work/found"
  grep -qF ',"names/double""quote.png",ok,' "$out" || fail "quotes are not doubled"
  grep -qF ',names/with space.png,ok,' "$out" || fail "a space needs no quotes"
}

@test "csv: a failed image has no matches and no keypoints, and a reason" {
  on 2 --format csv -r $kReference photos/cropped.png bad/text.png
  assert_status 1
  assert_lines "text.png unreadable - -" \
    "$(rows csv path status matches keypoints <"$out" | grep '^text')"
  [[ $(rows csv reason <"$out" | tail -1) != - ]] || fail "no reason"
}

@test "jsonl: one object a line, with times, rank, host and kernel" {
  on 3 --format jsonl -r $kReference photos bad/text.png bad/constant.png
  assert_status 1
  oracle $kReference photos/* >"$work/text"
  counts=$(
    counts_of "$work/text"
    echo "text.png -"
    echo "constant.png 0"
  )
  assert_lines "$counts" "$(rows jsonl path matches <"$out")"
  assert_lines "unreadable -" "$(rows jsonl status keypoints path <"$out" | sed -n 's/ text.png$//p')"
  assert_lines "" "$(rows jsonl rank <"$out" | sed '/^[0-2]$/d')"
  assert_lines "$(hostname)" "$(rows jsonl host <"$out" | sort -u)"
}

@test "jsonl: a path that is not UTF-8 has its bytes beside it, in base64" {
  on 2 --format jsonl -0 --list lists/names.null -r $kReference
  assert_status 0
  # rows checks that path_base64 is there only where it is needed, and takes the path from it.
  "$PYTHON" - >"$work/expected" <<'END'
for path in open("lists/names.null", "rb").read().split(b"\0")[:-1]:
    print(repr(path.rsplit(b"/", 1)[-1])[2:-1])
END
  rows jsonl path <"$out" >"$work/found"
  assert_same_bytes "$work/expected" "$work/found"
  assert_lines 2 "$(grep -c '"path_base64"' "$out")"
}

@test "text: images that could not be matched are named on standard error alone" {
  oracle $kReference photos/cropped.png photos/rotated.png >"$work/expected"
  on 2 -r $kReference photos/cropped.png bad/text.png photos/rotated.png bad/zero_bytes.png
  assert_status 1
  assert_printed "$work/expected"
  assert_says 'bad/text\.png.*unreadable' 'bad/zero_bytes\.png.*unreadable'
}

@test "an image without features has a row with 0 matches" {
  on 2 -r $kReference bad/constant.png bad/one_pixel.png
  assert_status 0
  printf '%s 0\n' bad/constant.png bad/one_pixel.png >"$work/expected"
  assert_printed "$work/expected"
}

# bats test_tags=slow
@test "-o FILE: the format by the extension, nothing on standard output" {
  mkdir "$work/results"
  on 2 --format csv -r $kReference photos
  cp "$out" "$work/csv"
  on 2 --format text -r $kReference photos
  cp "$out" "$work/text"
  for name in counts.csv counts.jsonl counts.txt counts counts.dat; do
    on 2 -o "$work/results/$name" -r $kReference photos
    assert_status 0
    assert_nothing_printed
    only_file "$name"
    case $name in
      *.csv) assert_same_bytes "$work/csv" "$work/results/$name" ;;
      *.jsonl) assert_lines "$(counts_of "$work/text")" \
        "$(rows jsonl path matches <"$work/results/$name")" ;;
      *) assert_same_bytes "$work/text" "$work/results/$name" ;;
    esac
    rm "$work/results/$name"*
  done
}

@test "--format wins over the extension" {
  mkdir "$work/results"
  oracle $kReference photos/* >"$work/expected"
  on 2 --format text -o "$work/results/counts.csv" -r $kReference photos
  assert_status 0
  assert_same_bytes "$work/expected" "$work/results/counts.csv"
  only_file counts.csv
}

@test "-o FILE in this folder; --overwrite replaces one that is there" {
  cd "$work"
  mkdir results
  echo old >results/counts.txt
  oracle "$FIXTURES/$kReference" "$FIXTURES/photos/cropped.png" >expected
  cd results
  alone --overwrite -o counts.txt -r "$FIXTURES/$kReference" "$FIXTURES/photos/cropped.png"
  assert_status 0
  assert_same_bytes ../expected counts.txt
  only_file counts.txt
}

@test "-o FILE is written with the umask's permissions" {
  mkdir "$work/results"
  umask 027
  alone -o "$work/results/counts.txt" -r $kReference photos/cropped.png
  assert_status 0
  assert_lines 640 "$(stat -c %a "$work/results/counts.txt")"
}

@test "-o FILE is left alone by a run that cannot start" {
  mkdir "$work/results"
  echo old >"$work/results/counts.txt"
  alone -o "$work/results/counts.txt" -r $kReference photos/no_such.png
  assert_status 2
  only_file counts.txt
  on 2 --overwrite -o "$work/results/counts.txt" -r bad/constant.png photos
  assert_status 3
  only_file counts.txt
  assert_lines old "$(cat "$work/results/counts.txt")"
}

@test "-o FILE is not there before the run has finished" {
  mkdir "$work/results"
  start_hanging 2 -o "$work/results/counts.txt" -r $kReference photos/cropped.png trap/hang.png
  [[ ! -e $work/results/counts.txt ]] || fail "it is there while the run goes on"
  kill -TERM "$run"
  wait "$run" || true
  wait_for_end "${processes[@]}"
  [[ ! -e $work/results/counts.txt ]] || fail "it is there although the run was ended"
}

@test "-o FILE through a link writes what the link names" {
  mkdir "$work/results" "$work/elsewhere"
  echo old >"$work/elsewhere/target.txt"
  ln -s ../elsewhere/target.txt "$work/results/counts.txt"
  oracle $kReference photos/cropped.png >"$work/expected"
  alone --overwrite -o "$work/results/counts.txt" -r $kReference photos/cropped.png
  assert_status 0
  [[ -L $work/results/counts.txt ]] || fail "the link is gone"
  assert_same_bytes "$work/expected" "$work/elsewhere/target.txt"
}

# assert_unwritable NAME: exit status 2, and one message that names the option and the file.
assert_unwritable() {
  assert_status 2
  assert_nothing_printed
  assert_lines 1 "$(messages | grep -cE -- "--output.*$1")"
}

@test "an output that cannot be written is a mistake, told before any work" {
  alone -o "$work/no_such_folder/counts.csv" -r $kReference photos
  assert_unwritable 'no_such_folder/counts\.csv'
  mkdir "$work/results"
  alone -o "$work/results" -r $kReference photos
  assert_unwritable 'results'
  # Before any work: a missing reference is not even looked at.
  on 3 -o "$work/no_such_folder/counts.csv" -r photos/no_such.png photos
  assert_unwritable 'no_such_folder/counts\.csv'
}

@test "an output folder without permission is a mistake" {
  skip_as_root
  mkdir -m 500 "$work/locked"
  alone -o "$work/locked/counts.csv" -r $kReference photos
  assert_unwritable 'locked/counts\.csv'
}

@test "a full disk ends the run with exit status 2 and names the output" {
  alone -o /dev/full -r $kReference photos/cropped.png
  assert_status 2
  assert_nothing_printed
  assert_says '/dev/full'
  on 2 -o /dev/full -r $kReference photos/cropped.png
  assert_status 2
  assert_says '/dev/full'
}

@test "a full disk behind standard output ends the run with exit status 2" {
  out=/dev/full
  alone -r $kReference photos/cropped.png
  assert_status 2
  assert_says 'standard output'
}

@test "only results on standard output, whatever the decoder and the progress print" {
  oracle $kReference photos/cropped.png trap/chatter.png photos/rotated.png >"$work/expected"
  local images=(photos/cropped.png trap/chatter.png photos/rotated.png)
  captured env LD_PRELOAD="$BAD_DECODER" "$BUNDLE_MATCH" --progress always -r $kReference "${images[@]}"
  assert_status 0
  assert_printed "$work/expected"
  with_bad_decoder 2 --progress always -r $kReference "${images[@]}"
  assert_status 0
  assert_printed "$work/expected"
}
