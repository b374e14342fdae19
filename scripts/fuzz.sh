#!/usr/bin/env bash
# Coverage-guided fuzzing of what the program reads: the targets of tests/fuzz, by Clang's libFuzzer.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib/setup.sh
source scripts/lib/llvm.sh

usage() {
  cat <<'END'
Usage: scripts/fuzz.sh [--seed N] [TARGET...] SECONDS
       scripts/fuzz.sh --replay [TARGET...]
       scripts/fuzz.sh --check TARGET

Builds the targets of the preset `asan` in build-asan/ and fuzzes them (all, if none is named) for SECONDS
each, as many at once as there are cores. They start from tests/fuzz/corpus/TARGET and from what earlier runs
have found; new inputs go to build-asan/fuzz/corpus/TARGET. Prints executions, coverage and findings; the exit
code is 1 if anything was found, 77 if this machine has no Clang with libFuzzer.

  --seed N     of the random changes (1)
  --replay     runs the inputs that are there, and nothing new
  --check      for CTest: builds nothing, fuzzes for 3 seconds from tests/fuzz/corpus alone, and keeps nothing
               but findings
  -h, --help

After a finding: cure it, put its input into tests/fuzz/corpus/TARGET, write a unit test.
END
}

folder="build-asan/fuzz"
mode=fuzz seed=1 targets=() seconds=
while (($# > 0)); do
  case $1 in
    --seed) seed=${2:?--seed needs a number} && shift 2 ;;
    --replay | --check) mode=${1#--} && shift ;;
    -h | --help) usage && exit 0 ;;
    *[!0-9]*) targets+=("$1") && shift ;;
    *) seconds=$1 && shift ;;
  esac
done
[[ $mode != fuzz || -n $seconds ]] || { usage >&2 && exit 2; }
for target in "${targets[@]}"; do
  [[ -e tests/fuzz/${target}_fuzz.cpp ]] || die "there is no tests/fuzz/${target}_fuzz.cpp"
done
if ((${#targets[@]} == 0)); then
  for source in tests/fuzz/*_fuzz.cpp; do
    target=${source##*/} && targets+=("${target%_fuzz.cpp}")
  done
fi

scratch=$(mktemp -d)
set -m # each job is a process group, so that its fuzzer ends with it
end_jobs() {
  local job
  for job in $(jobs -p); do kill -TERM -- "-$job" 2>/dev/null || true; done
  wait
  rm -rf "$scratch"
}
trap end_jobs EXIT
trap 'exit 130' INT TERM HUP

# Prints a line; returns 1 if something was found.
run_target() { # TARGET LIBFUZZER_OPTION_OR_FOLDER...
  local target=$1 && shift
  local log=$folder/logs/$target.log findings=$folder/findings/$target status=0
  mkdir -p "$folder/logs" "$findings" "tests/fuzz/corpus/$target"
  # Short stacks of allocations, as recording them takes most of the time of some targets, and little that is
  # kept back from reuse, as decoders allocate much.
  TMPDIR=$scratch ASAN_OPTIONS=malloc_context_size=4:quarantine_size_mb=32 UBSAN_OPTIONS=print_stacktrace=1 \
    nice -n 10 "$folder/${target}_fuzz" -seed="$seed" -timeout=20 -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="$findings/" "$@" >"$log" 2>&1 || status=$?
  awk -v target="$target" -v status="$status" '
    /cov: / {
      for (i = 1; i < NF; ++i) {
        if ($i == "cov:") edges = $(i + 1)
        if ($i == "ft:") features = $(i + 1)
      }
    }
    /^stat::number_of_executed_units:/ { executions = $2 }
    END { printf "%-18s %10d executions, %6d edges, %6d features, %s\n", target, executions, edges, features,
                 status == 0 ? "no finding" : "a FINDING" }' "$log"
  ((status != 0)) || return 0
  local input
  input=$(sed -n 's/^.*Test unit written to //p' "$log")
  tail -n 60 "$log" >&2
  echo "$target: the whole log is $log; to see it again:  $folder/${target}_fuzz ${input:-tests/fuzz/corpus/$target/*}" >&2
  return 1
}

if [[ $mode == check ]]; then
  [[ -e $folder/${targets[0]}_fuzz ]] || { echo "skipped: no $folder/${targets[0]}_fuzz (scripts/test.sh builds it)" && exit 77; }
else
  install_missing "${build_packages[@]}" "${test_packages[@]}" # the preset has the tests, too
  say "Building build-asan/fuzz/"
  build_sanitized asan fuzz_targets >&2
fi
for target in "${targets[@]}"; do
  own=tests/fuzz/corpus/$target kept=$folder/corpus/$target
  mkdir -p "$kept" "$scratch/$target"
  case $mode in
    replay) options=(-runs=0 "$own" "$kept") ;;
    check) options=(-max_total_time=3 "$scratch/$target" "$own") ;;
    *) options=(-max_total_time="$seconds" "$kept" "$own") ;;
  esac
  while (($(jobs -rp | wc -l) >= $(nproc))); do
    wait -n || true
  done
  { run_target "$target" "${options[@]}" || touch "$scratch/found"; } &
done
wait
[[ ! -e $scratch/found ]]
