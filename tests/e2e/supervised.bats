# scripts/bundle_match_supervised: what it runs again, what it passes on, when it gives up.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers
load journal_helpers

# made_up CODE...: a launch line, $launch, that ends with these exit codes, one a try, the last one for
# ever. CODE+ adds a result to the journal first, CODEt and CODEm one of --all-pairs, as earlier
# versions wrote it and as this one does; CODEe an end in order and FILE.
made_up() {
  mkdir -p "$work/bin"
  printf '%s\n' "$@" >"$work/codes"
  : >"$work/tries"
  cat >"$work/bin/bundle_match" <<'END'
#!/usr/bin/env bash
# bundle_match CODES TRIES -o FILE
echo try >>"$2"
code=$(sed -n "$(wc -l <"$2")p" "$1")
code=${code:-$(tail -n 1 "$1")}
if [[ $code == *+ ]]; then
  printf '0123456789abcdef\tR\timage\n' >>"$4.journal"
elif [[ $code == *t ]]; then
  printf '0123456789abcdef\tT\timage\tref\tok\n' >>"$4.journal"
elif [[ $code == *m ]]; then
  printf '0123456789abcdef\tN\t0\timage\n0123456789abcdef\tM\t0\tok\n' >>"$4.journal"
elif [[ $code == *e ]]; then
  printf '0e8f40a1f8210724\tE\n' >>"$4.journal"
  touch "$4"
fi
code=${code%[+tme]}
((code < 128)) || kill -$((code - 128)) $$
exit "$code"
END
  chmod +x "$work/bin/bundle_match"
  launch=("$work/bin/bundle_match" "$work/codes" "$work/tries" -o "$work/counts.csv")
}

supervised() { captured "$SOURCE_DIR/scripts/bundle_match_supervised" "$@"; }

assert_tries() { assert_lines "$1" "$(wc -l <"$work/tries")"; }

@test "what the program says is final is passed on at once" {
  for code in 0 2 3 127; do
    made_up $code
    supervised --wait 0 -- "${launch[@]}"
    assert_status $code
    assert_tries 1
  done
}

@test "exit statuses 0 and 1 are final if the journal ends in order, else they are the launcher's" {
  for code in 0 1; do
    made_up ${code}e
    supervised --wait 0 -- "${launch[@]}"
    assert_status $code
    assert_tries 1
    rm "$work"/counts.csv*
    made_up $code+ 0e
    supervised --wait 0 -- "${launch[@]}"
    assert_status 0
    assert_tries 2
    rm "$work"/counts.csv*
  done
}

@test "interruptions, defects and signals are run again" {
  made_up 75+ 70+ 137+ 134+ 213+ 0e
  supervised --wait 0 -- "${launch[@]}"
  assert_status 0
  assert_tries 6
}

@test "it gives up after so many tries in a row without progress" {
  made_up 75 75 75+ 75 137 75
  supervised --wait 0 --tries 3 -- "${launch[@]}"
  assert_status 75
  assert_tries 6
  grep -q 'gives up after 3 tries without progress' "$err" || fail "it does not say so"
  made_up 70
  supervised --wait 0 --tries 1 -- "${launch[@]}"
  assert_status 70
  assert_tries 1
}

@test "results of --all-pairs are progress, too" {
  local kind
  for kind in t m; do
    made_up 137 137$kind 137 137
    supervised --wait 0 --tries 2 -- "${launch[@]}"
    assert_tries 4
    grep -q ' 1 new results, ' "$err" || fail "a record is not one result"
  done
}

@test "a torn last record is no progress" {
  made_up 137
  printf '0123456789abcdef\tR\timage\n0123456789abcdef' >"$work/counts.csv.journal"
  supervised --wait 0 --tries 2 -- "${launch[@]}"
  assert_tries 2
}

@test "FILE is found in every way to write it, after the program only" {
  made_up 70
  local way
  printf '0123456789abcdef\tR\timage\n' >"$work/other.journal"
  for way in "-o $work/other" "-o$work/other" "--output $work/other" "--output=$work/other"; do
    # shellcheck disable=SC2086  # words
    supervised --wait 0 --tries 2 -- env -u nothing "${launch[@]}" $way -- -o "$work/input"
    assert_status 70
    grep -q ' 0 new results, 1 in all' "$err" || fail "another FILE: $way"
  done
  supervised --wait 0 -- env -o "$work/other" bundle_match photos -- -o "$work/counts.csv"
  assert_status 2
  grep -q 'no -o FILE' "$err" || fail "another program's -o, or an input, was taken for FILE"
}

@test "wrong usage: exit status 2 and a word about it" {
  made_up 0
  local arguments
  for arguments in "" "--tries" "--tries x -- bundle_match -o f" "--tries 0 -- bundle_match -o f" \
    "--wait 08 -- bundle_match -o f" "bundle_match -o f" "--" "-- true" "-- bundle_match photos" \
    "-- bundle_match -o -" "-- bundle_match -o f --list -"; do
    # shellcheck disable=SC2086  # words
    supervised $arguments
    assert_status 2
    grep -q '^bundle_match_supervised: error: ' "$err" || fail "no message for: $arguments"
  done
  supervised --help
  assert_status 0
}

# bats test_tags=slow
@test "rank 0 and then mpirun are killed: the run is complete in the end" {
  make_halfway_trap
  undisturbed
  mkfifo "$work/hangs"
  command_line="bundle_match_supervised"
  # Hangs in the ninth image twice; without the FIFO the decoder that hangs dies, twice.
  "$SOURCE_DIR/scripts/bundle_match_supervised" --wait 0 --tries 2 -- mpirun -n 2 \
    env LD_PRELOAD="$BAD_DECODER" BAD_DECODER_FIFO="$work/hangs" "$BUNDLE_MATCH" --timeout 0 \
    -r "$kReference" -o "$work/counts.csv" "${input[@]}" </dev/null >"$out" 2>"$err" 3>&- &
  run=$!
  local victim
  for victim in rank_0 mpirun; do
    wait_for_hang
    launcher=$(grep -lsx "PPid:[[:space:]]*$run" /proc/[0-9]*/status | tr -dc '0-9\n' | tail -n 1)
    mapfile -t processes < <(descendants_of "$launcher")
    remember "${processes[@]}"
    if [[ $victim == rank_0 ]]; then
      kill -KILL "$(ranks_of "$launcher" | head -n 1)"
    else
      rm "$work/hangs" # the third try meets a decoder that dies
      kill -KILL "$launcher"
    fi
    wait_for_end "${processes[@]}"
  done
  status=0
  wait "$run" || status=$?
  assert_status 1
  assert_lines "hang.png crashed" "$(rows csv path status <"$work/counts.csv" | grep hang)"
  assert_lines "$(grep -v hang "$work/expected.csv")" "$(grep -v hang "$work/counts.csv")"
  assert_lines "" "$(results_of "$work/counts.csv.journal" | sort | uniq -d)"
}

# bats test_tags=slow
@test "Ctrl-C, SIGTERM and SIGUSR1 end the run and the script, with exit status 75" {
  make_halfway_trap
  undisturbed
  local signal
  for signal in INT TERM USR1; do
    rm -f "$work"/counts.csv* "$work/hangs"
    mkfifo "$work/hangs"
    # In a process group of its own, and with the signals' default actions, as on a terminal.
    "$PYTHON" - "$SOURCE_DIR/scripts/bundle_match_supervised" -- mpirun -n 2 \
      env LD_PRELOAD="$BAD_DECODER" BAD_DECODER_FIFO="$work/hangs" "$BUNDLE_MATCH" --timeout 0 \
      -r "$kReference" -o "$work/counts.csv" "${input[@]}" >"$out" 2>"$err" 3>&- <<'END' &
import os, signal, sys
os.setpgid(0, 0)
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
END
    run=$!
    wait_for_hang
    mapfile -t processes < <(descendants_of "$run")
    remember "${processes[@]}"
    # A terminal signals the whole group.
    kill -$signal -- "-$run"
    ended
    assert_status 75
    [[ ! -e $work/counts.csv ]] || fail "there is an output file"
    rm -f "$work/hangs"
    goes_on 2
  done
}
