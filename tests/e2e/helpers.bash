# What every .bats file loads: how to run the command, and assertions that show what they saw.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
bats_require_minimum_version 1.5.0

: "${BUNDLE_MATCH:?the binary to test}" "${ORACLE:?opencv_counts}" "${FIXTURES:?from make_fixtures.py}"
: "${BAD_DECODER:?the preloaded library}" "${PYTHON:=python3}" "${SOURCE_DIR:?the checkout}"

# A slow machine is not a failure; this only ends what would hang for ever.
readonly kLongestRun_s=240

# Whatever the shell that runs the tests has set must not reach the command.
for name in $(compgen -e); do
  case $name in
    BUNDLE_MATCH_* | SLURM_* | PMI_* | PMIX_*) unset "$name" ;;
  esac
done
export LC_ALL=C

# More ranks than cores, also as root (containers), and no two runs bound to the same core.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
# Containers forbid the system call behind single copies; Open MPI would complain on standard error.
export OMPI_MCA_btl_vader_single_copy_mechanism=none
# No search for networks: all ranks are on this machine.
export OMPI_MCA_btl=self,vader
# The same for Open MPI 5.
export PRTE_ALLOW_RUN_AS_ROOT=1 PRTE_ALLOW_RUN_AS_ROOT_CONFIRM=1
export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe PRTE_MCA_hwloc_default_binding_policy=none

setup() {
  # scripts/test.sh --quick leaves out what takes many seconds.
  if [[ -n ${WITHOUT_SLOW_CASES:-} && " ${BATS_TEST_TAGS[*]-} " == *" slow "* ]]; then
    skip "slow"
  fi
  cd "$FIXTURES" || return
  work=$BATS_TEST_TMPDIR
  out=$work/out        # standard output of the last run
  err=$work/err        # its standard error
  stdin=/dev/null      # what its standard input comes from
  command_line=        # for messages
  status=              # its exit status
  hung=()              # process and start time of a run that was made to hang: teardown ends them
}

teardown() {
  local pid start
  for pid in $(jobs -p); do
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  while read -r pid start; do
    # Only if it is still that process: numbers are used again.
    if [[ -n $pid && $start == "$(start_of "$pid")" ]]; then
      kill -KILL "$pid" 2>/dev/null || true
    fi
  done <<<"$(printf '%s\n' "${hung[@]}")"
}

# captured COMMAND...: runs it to its end; $out, $err and $status are what came of it.
captured() {
  command_line="$*"
  status=0
  timeout --kill-after=10 "$kLongestRun_s" "$@" <"$stdin" >"$out" 2>"$err" 3>&- || status=$?
}

# alone ARG...: bundle_match without a launcher.
alone() { captured "$BUNDLE_MATCH" "$@"; }

# on N ARG...: bundle_match on N ranks.
on() { captured mpirun -n "$1" "$BUNDLE_MATCH" "${@:2}"; }

# More than a rank is ordered at once (one to match and one ahead): the others get the rest.
readonly kTraps=(trap/hang.png trap/hang.png trap/hang.png trap/hang.png trap/hang.png trap/hang.png)

# hold_rank_0 FILE: of the run of $kTraps with -o FILE that is started next, rank 0 waits with the first
# image that it gets until another rank has a result. That run lets it `eval "$near_host"` first.
hold_rank_0() {
  mkfifo "$work/gate"
  near_host="export LD_PRELOAD=$BAD_DECODER BAD_DECODER_GATE=$work/gate"
  (
    until grep -qs $'\tR\t' "$1.journal"; do sleep 0.02; done
    exec 4<>"$work/gate"
    rm "$work/gate"
  ) 3>&- &
}

# others_first N FILE ARG...: bundle_match of $kTraps on N ranks, with -o FILE. Others than rank 0 surely
# get some.
others_first() {
  hold_rank_0 "$2"
  # shellcheck disable=SC2016  # for the ranks' own shells
  captured env near_host="$near_host" mpirun -n "$1" sh -c '
    [ "$OMPI_COMM_WORLD_RANK" != 0 ] || eval "$near_host"
    exec "$@"
  ' sh "$BUNDLE_MATCH" -o "$2" "${@:3}" "${kTraps[@]}"
}

# with_far_ranks COMMANDS ARG...: bundle_match on three ranks, of which all but rank 0 run on what is
# a host of its own to them, set up by COMMANDS; rank 0 runs $near_host, if set, first. One program for all: some builds of Open MPI 5's
# mpirun crash when they start several (open-mpi/ompi#13303).
with_far_ranks() {
  unshare --map-root-user --user --mount --uts true 2>/dev/null || skip "no namespaces here"
  # shellcheck disable=SC2016  # for the ranks' own shells
  captured env far_host="hostname far && $1" near_host="${near_host:-}" mpirun -n 3 sh -c '
    [ "$OMPI_COMM_WORLD_RANK" != 0 ] || { eval "$near_host" && exec "$@"; }
    exec unshare --map-root-user --user --mount --uts sh -c "eval \"\$far_host\" && exec \"\$@\"" sh "$@"
  ' sh "$BUNDLE_MATCH" "${@:2}"
}

is_open_mpi_5() {
  [[ $(mpirun --version) == *'(Open MPI) 5.'* ]]
}

# Open MPI 5's mpirun sends the piece after the last newline of one stream with the other's.
skip_if_mpirun_mixes_streams() {
  ! is_open_mpi_5 || skip "this mpirun mixes up lines without an end"
}

# with_bad_decoder N ARG...: the same, with the decoder that misbehaves (see bad_decoder.cpp).
with_bad_decoder() {
  captured mpirun -n "$1" env LD_PRELOAD="$BAD_DECODER" "$BUNDLE_MATCH" "${@:2}"
}

# oracle ARG...: the lines of opencv_counts for images that can be read. Of fixtures it computes them once.
oracle() {
  local lines
  lines=$FIXTURES/oracle/$(printf '%s\0' "$@" | sha256sum | cut -d ' ' -f 1)
  [[ "$*" != *"$work"* ]] || lines=$work/oracle
  if [[ ! -e $lines || $lines == "$work"/* ]]; then
    "$ORACLE" "$@" >"$work/oracle.out" 2>"$work/oracle.err" ||
      fail "the oracle failed: $(cat "$work/oracle.err")"
    mkdir -p "${lines%/*}"
    mv "$work/oracle.out" "$lines"
  fi
  sed '/ -$/d' "$lines"
}

# rows FORMAT COLUMN... <FILE: columns of a csv or jsonl file, which is checked strictly.
rows() { "$PYTHON" "$BATS_TEST_DIRNAME/show_rows.py" "$@"; }

# messages: the lines of standard error that the program wrote, and not mpirun.
messages() { grep '^bundle_match: ' "$err" || true; }

# wait_for_end PID...: until these processes have ended; they need not be children of ours.
wait_for_end() {
  "$PYTHON" - "$@" <<'END'
import os, select, sys
for pid in sys.argv[1:]:
    try:
        process = os.pidfd_open(int(pid))
    except ProcessLookupError:
        continue
    end = select.poll()
    end.register(process, select.POLLIN)
    if not end.poll(30000):
        sys.exit(f"process {pid} still runs")
END
}

# skip_unless_limits_work / skip_as_root: what this machine or user cannot show.
skip_as_root() {
  if [[ $(id -u) == 0 ]]; then
    skip "root may read and write everything"
  fi
}

fail() {
  echo "FAILED: $*"
  echo "--- command: $command_line"
  echo "--- exit status: $status"
  echo "--- standard output:"
  if [[ -f $out ]]; then
    head -c 3000 "$out" | cat -v
  fi
  echo "--- standard error:"
  head -c 3000 "$err" | cat -v
  return 1
}

assert_status() { [[ $status == "$1" ]] || fail "expected exit status $1"; }

assert_nothing_printed() { [[ ! -s $out ]] || fail "expected nothing on standard output"; }

assert_same_bytes() { cmp "$1" "$2" || fail "$1 and $2 differ: $(diff "$1" "$2" | cat -v)"; }

# assert_printed FILE: standard output is exactly that.
assert_printed() { assert_same_bytes "$1" "$out"; }

# assert_lines EXPECTED ACTUAL: the same lines in two strings.
assert_lines() { [[ $1 == "$2" ]] || fail "differences: $(diff <(echo "$1") <(echo "$2"))"; }

# assert_says PATTERN...: a message of the program matches each of these extended regular expressions.
assert_says() {
  local pattern
  for pattern in "$@"; do
    messages | grep -qiE -- "$pattern" || fail "no message matches: $pattern"
  done
}

# assert_one_message PATTERN...: there is one message, in one line, and it matches all of them.
assert_one_message() {
  local count
  count=$(messages | wc -l)
  [[ $count == 1 ]] || fail "expected one message, not $count"
  assert_says "$@"
}

# assert_wrong_usage PATTERN...: after `alone`: exit status 2, one line on standard error, no output.
assert_wrong_usage() {
  assert_status 2
  assert_nothing_printed
  assert_one_message "$@"
  [[ $(wc -l <"$err") == 1 ]] || fail "expected one line on standard error"
}

# start_hanging N ARG...: starts a run whose decoder hangs on trap/hang.png (0: without mpirun), and
# returns when it does. $run is the process started, $processes it and all that it has started.
start_hanging() {
  local with=(mpirun -n "$1")
  (($1 > 0)) || with=()
  command_line="$*"
  mkfifo "$work/hangs"
  "${with[@]}" env LD_PRELOAD="$BAD_DECODER" BAD_DECODER_FIFO="$work/hangs" \
    "$BUNDLE_MATCH" "${@:2}" </dev/null >"$out" 2>"$err" 3>&- &
  run=$!
  wait_for_hang
  mapfile -t processes < <(descendants_of "$run")
  remember "${processes[@]}"
}

# remember PID...: these are ended by teardown, if they still run then.
remember() {
  local pid
  for pid in "$@"; do
    hung+=("$pid $(start_of "$pid")")
  done
}

# wait_for_hang: until a decoder of $run hangs and has $work/hangs open.
wait_for_hang() {
  "$PYTHON" - "$work/hangs" "$run" "$kLongestRun_s" <<'END' || fail "no decoder has come to hang"
import errno, os, select, sys, time
fifo, run, limit_s = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
end = select.poll()
end.register(os.pidfd_open(run), select.POLLIN)
deadline = time.monotonic() + limit_s
while time.monotonic() < deadline:
    try:
        os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        sys.exit(0)
    except OSError as error:
        if error.errno != errno.ENXIO:  # nobody reads yet
            raise
    if end.poll(20):
        break
sys.exit(1)
END
}

# descendants_of PID: that process and all below it.
descendants_of() {
  local child
  echo "$1"
  for child in $(grep -lsx "PPid:[[:space:]]*$1" /proc/[0-9]*/status | tr -dc '0-9\n'); do
    descendants_of "$child"
  done
}

# start_of PID: when it was started; with the number it identifies a process.
start_of() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
