# Runs that are asked to end: exit status 75, and the same command goes on from there.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers
load journal_helpers

# asked_to_end SIGNAL PID: the run that hangs half way ends in order, within its seconds of grace.
asked_to_end() {
  kill -"$1" "$2"
  ended
  [[ ! -e $work/counts.csv ]] || fail "there is an output file"
  rm -f "$work/hangs"
}

assert_says_how_to_go_on() {
  assert_says 'asked to end.* the same command goes on from there: mpirun .*bundle_match'
}

@test "SIGTERM, SIGINT, SIGUSR1 at rank 0: exit status 75, and the same bytes later" {
  make_halfway_trap
  undisturbed
  for signal in TERM INT USR1; do
    rm -f "$work"/counts.csv*
    start_halfway
    asked_to_end $signal "$rank_0"
    assert_says_how_to_go_on
    assert_status 75
    assert_says 'interrupted: 8 of 12 images are done'
    # What was under way ended with the run, and is not to blame for that.
    assert_lines E "$(tail -n 1 "$work/counts.csv.journal" | cut -f 2)"
    goes_on 2
  done
}

@test "SIGUSR1 at mpirun, which passes it on: exit status 75, and the same bytes later" {
  make_halfway_trap
  undisturbed
  start_halfway
  asked_to_end USR1 "$run"
  assert_says_how_to_go_on
  assert_status 75
  goes_on 2
}

@test "SIGTERM and SIGINT at mpirun: the job ends, the journal is good" {
  make_halfway_trap
  undisturbed
  for signal in TERM INT; do
    rm -f "$work"/counts.csv*
    start_halfway
    asked_to_end $signal "$run"
    is_open_mpi_5 || assert_says_how_to_go_on  # it passes on no more of what its ranks say
    # Open MPI 4 returns 1 itself and kills its ranks after a second, before their grace is over.
    ((status != 0)) || fail "an interrupted run is no success"
    assert_lines 1 "$(records E)"
    goes_on 2
  done
}

@test "a run without a launcher that gets SIGTERM: exit status 75" {
  make_halfway_trap
  undisturbed
  start_hanging 0 --timeout 0 -r "$kReference" -o "$work/counts.csv" "${input[@]}"
  kill -TERM "$run"
  ended
  assert_status 75
  goes_on 1
}

@test "a signal while the reference is described ends the run at once, with exit status 75" {
  start_hanging 2 --timeout 0 -r trap/hang.png -o "$work/counts.csv" photos
  kill -USR1 "$run"
  ended
  assert_status 75
  assert_lines "" "$(cd "$work" && compgen -G 'counts.csv*')"
}

@test "images under way are finished: their results are kept" {
  make_halfway_trap
  undisturbed
  # The decoder hangs for less than the grace.
  start_halfway --timeout 2
  kill -TERM "$rank_0"
  ended
  assert_status 75
  # Also the one that was queued behind it, if there was time.
  (($(records R) >= 9)) || fail "$(records R) results"
  assert_says 'interrupted: (9|10) of 12 images are done'
}

@test "a second signal ends the run at once; the journal is still good" {
  make_halfway_trap
  undisturbed
  start_halfway
  kill -TERM "$rank_0"
  wait_for_message 'asked to end'
  kill -INT "$rank_0"
  ended
  assert_status 75
  # It did not come to say this.
  if messages | grep 'interrupted:'; then
    fail "it waited"
  fi
  rm -f "$work/hangs"
  goes_on 2
}

@test "without -o FILE an interrupted run says what is lost" {
  start_hanging 2 --timeout 0 -r "$kReference" photos trap/hang.png
  kill -TERM "$(ranks_of "$run" | head -n 1)"
  ended
  assert_status 75
  assert_nothing_printed
  assert_says 'lost.*--output FILE'
}
