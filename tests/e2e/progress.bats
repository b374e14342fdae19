# What is said on standard error while a run goes on and at its end.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

readonly kRun=(-r photos/reference.png photos)

# on_terminal COMMAND...: runs it on a terminal: what that shows is in $err, the results are in $out.
on_terminal() {
  captured script --quiet --return --command "$(printf '%q ' "$@") >$(printf '%q' "$work/results")" \
    /dev/null
  # The terminal turns every newline into CR LF.
  sed 's/\r$//' "$out" >"$err"
  cp "$work/results" "$out"
}

# redraws: whether a line was drawn again in its place.
redraws() { grep -q $'\r' "$err"; }

# shows_progress: whether anything counts the images done so far.
shows_progress() { grep -qE '\b[0-9]+/[0-9]+\b' "$err"; }

# said PATTERN: waits until a run in the background has said so.
said() {
  timeout 120 grep -qEm1 -- "$1" <(tail -n +1 -f "$err" 3>&-) || fail "not said: $1"
}

@test "auto: no terminal, no control characters" {
  on 2 "${kRun[@]}"
  assert_status 0
  assert_says '8 images'
  if LC_ALL=C grep -q '[[:cntrl:]]' "$err"; then
    fail "control characters"
  fi
}

@test "auto: on a terminal a line that redraws, also through mpirun" {
  oracle photos/reference.png photos/* >"$work/expected"
  on_terminal "$BUNDLE_MATCH" "${kRun[@]}"
  assert_status 0
  redraws || fail "nothing is redrawn"
  shows_progress || fail "no progress"
  assert_printed "$work/expected"
  skip_if_mpirun_mixes_streams
  on_terminal mpirun -n 2 "$BUNDLE_MATCH" "${kRun[@]}"
  assert_status 0
  redraws || fail "nothing is redrawn"
  shows_progress || fail "no progress"
}

@test "on a terminal: a line that follows its width" {
  timeout "$kLongestRun_s" "$PYTHON" "$BATS_TEST_DIRNAME/resized_terminal.py" env LD_PRELOAD="$BAD_DECODER" \
    "$BUNDLE_MATCH" "${kRun[@]}" trap/hang.png >"$err" 2>&1 || fail "the width does not matter"
}

@test "on a terminal: colours, unless NO_COLOR or TERM say no" {
  local kRed=$'\x1b[1;31m' kYellow=$'\x1b[33m' kBold=$'\x1b[1m'
  TERM=xterm on_terminal "$BUNDLE_MATCH" "${kRun[@]}" bad/text.png
  assert_status 1
  grep -qF "bundle_match: ${kYellow}warning:" "$err" || fail "warnings are not yellow"
  grep -qF "bundle_match: ${kBold}9 images" "$err" || fail "the summary is not bold"
  TERM=xterm on_terminal "$BUNDLE_MATCH" -r missing.png photos
  grep -qF "bundle_match: ${kRed}error:" "$err" || fail "errors are not red"
  NO_COLOR=1 TERM=xterm on_terminal "$BUNDLE_MATCH" --progress never "${kRun[@]}" bad/text.png
  ! grep -q $'\x1b' "$err" || fail "colours in spite of NO_COLOR"
  TERM=dumb on_terminal "$BUNDLE_MATCH" --progress never "${kRun[@]}" bad/text.png
  ! grep -q $'\x1b' "$err" || fail "colours in spite of TERM=dumb"
}

@test "on a terminal or with --verbose, the best ten; not with --quiet" {
  local best
  on 2 --verbose --verify homography --ratio 0.8 -o "$work/counts.csv" --sort inliers "${kRun[@]}"
  best=$(rows csv matches inliers path <"$work/counts.csv")
  assert_lines "$best" "$(messages | sed '1,/ matches  *inliers  *image$/d; s/bundle_match: *//; s|photos/||' | tr -s ' ')"
  on_terminal "$BUNDLE_MATCH" "${kRun[@]}"
  messages | grep -qx 'bundle_match:  *matches  image' || fail "no table"
  on 2 "${kRun[@]}"
  ! messages | grep -q 'matches  image' || fail "a table where nobody looks"
  on_terminal "$BUNDLE_MATCH" --quiet "${kRun[@]}"
  [[ ! -s $err ]] || fail "it is not quiet"
}

@test "with --verbose, the longest pause of every rank's loop" {
  on 2 --verbose "${kRun[@]}"
  assert_says '^bundle_match: rank 0 on .*, longest pause [0-9.]+ ms' \
    '^bundle_match: rank 1 on .*, longest pause [0-9]*[1-9.][0-9.]* ms'
  on 2 "${kRun[@]}"
  ! messages | grep 'longest pause' || fail "told without being asked"
}

@test "never: nothing, not even on a terminal" {
  on_terminal "$BUNDLE_MATCH" --progress never "${kRun[@]}"
  assert_status 0
  assert_says '8 images'
  if redraws || shows_progress; then
    fail "there is progress"
  fi
}

@test "always: also without a terminal" {
  skip_if_mpirun_mixes_streams
  on 2 --progress always "${kRun[@]}"
  assert_status 0
  shows_progress || fail "no progress"
}

# bats test_tags=slow
@test "auto: no terminal, a plain line every few seconds, with done, failed, rate and time left" {
  # The decoder hangs long enough for one line.
  with_bad_decoder 2 --timeout 7 "${kRun[@]}" bad/text.png trap/hang.png
  assert_status 1
  assert_says '\b[0-9]+/10\b' '\b1 failed' 'images/s' 'left'
  if LC_ALL=C grep -q '[[:cntrl:]]' "$err"; then
    fail "control characters"
  fi
}

@test "the summary: images, failures, seconds, images/s, and how busy each rank was" {
  on 2 "${kRun[@]}" bad/text.png bad/zero_bytes.png
  assert_status 1
  assert_says '\b10 images' '\b2 failed' '[0-9.]+ s\b' '[0-9.]+ images/s'
  assert_says "rank 0 .*busy +[0-9.]+ ?%" "rank 1 .*busy +[0-9.]+ ?%"
  assert_lines 1 "$(messages | grep -c '2 failed')"
}

@test "the ranks of the summary have done all images" {
  on 3 "${kRun[@]}"
  assert_status 0
  assert_lines 8 "$(messages | sed -n 's/.*rank [0-2] .*: \([0-9]*\) images.*/\1/p' |
    awk '{ sum += $1 } END { print sum }')"
}

@test "the messages of the program begin with its name" {
  alone "${kRun[@]}" bad/text.png
  assert_status 1
  assert_lines "" "$(grep -v '^bundle_match: ' "$err")"
}

@test "SIGUSR2 to mpirun tells what every rank does, and ends nothing" {
  start_hanging 2 -r photos/reference.png photos/cropped.png trap/hang.png
  kill -USR2 "$run"
  said 'rank [01] on .*: at trap/hang.png for [0-9.]+ s, 0 more in its queue'
  said 'rank [01] on .*: nothing to do'
  said '1/2 images'
  said ': 2 ranks, 1 images'
  kill -0 "$run"
}

@test "an image that takes ten times as long as usual is named with its rank" {
  local paths=(photos photos)
  start_hanging 2 -r photos/reference.png trap/hang.png "${paths[@]}"
  said 'rank [01] on .* has been at trap/hang.png for [0-9.]+ s; half of the images take no more'
}

@test "--progress-detail tells of every host" {
  start_hanging 2 --progress-detail -r photos/reference.png photos trap/hang.png
  said "$(hostname): 2 ranks, 8 images, [0-9.]+ images/s, busy [0-9]+ %"
}

@test "the start tells each rank's cores, CPU and kernel" {
  on 2 -r photos/reference.png photos
  assert_says 'rank 0 on .*: kernel [a-z0-9_]+, SIFT [a-z0-9_]+, cores? [0-9,-]+ of ' 'rank 1 on .*: kernel '
}
