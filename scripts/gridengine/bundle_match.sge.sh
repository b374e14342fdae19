#!/usr/bin/env bash
# A Grid Engine job; submitted again after its time limit it goes on from there.
# SPDX-License-Identifier: Apache-2.0
#
# Edit what follows, then:  qsub bundle_match.sge.sh -r ref.jpg --list photos.txt -o counts.csv
# The parallel environment: see README.md beside this script.
#$ -N bundle_match
#$ -S /bin/bash
#$ -cwd
#$ -V
#$ -j y
#$ -pe bundle_match 32
# SIGUSR1 comes at the soft limit: time for the images under way before the hard one.
#$ -l h_rt=04:00:00,s_rt=03:58:00
# What was done before is in FILE.journal, so a second start is no loss.
#$ -r y

launch=(mpirun) # it asks Grid Engine for the hosts
program=bundle_match # better with its path: the job is a login shell, which sets PATH anew

set -uo pipefail

usage() {
  cat <<'END'
Usage: qsub [QSUB OPTION...] bundle_match.sge.sh ARGUMENTS OF bundle_match...

Runs bundle_match on the slots named at the top of the script (qsub's options go before them). -o FILE
is needed: what is done when the job ends early is in FILE.journal, and the same qsub goes on from there.
If the program could end in order the job goes back into the queue by itself (exit code 99), but Grid
Engine may end a parallel job at its soft limit before that.
END
}

case ${1:-} in -h | --help) usage && exit 0 ;; esac
if [[ -z ${JOB_ID:-} || -z ${NSLOTS:-} ]]; then
  usage >&2
  exit 2
fi

program=$(type -P "$program") || { echo "$program is not in the PATH of this job: $PATH" >&2 && exit 2; }
run=
trap '[[ -z $run ]] || kill -USR1 "$run"' USR1 USR2 TERM
"${launch[@]}" -n "$NSLOTS" "$program" "$@" </dev/null &
run=$!
while :; do
  wait "$run"
  code=$?
  kill -0 "$run" 2>/dev/null || break # else it was the signal that ended the wait
done

readonly kInterrupted=75 kBackIntoTheQueue=99
((code != kInterrupted)) || exit "$kBackIntoTheQueue"
exit "$code"
