#!/usr/bin/env bash
# Runs shellcheck over the project's shell scripts, and looks for one race that it does not know.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case ${1:-} in -h | --help) echo "Usage: scripts/checks/shell.sh" && exit 0 ;; esac
command -v shellcheck >/dev/null || { echo "skipped: no shellcheck here" && exit 77; }
mapfile -d '' -t scripts < <(
  printf '.ci/run\0'
  printf 'scripts/bundle_match_supervised\0'
  find scripts tests '(' -name '*.sh' -o -name '*.sbatch' ')' -print0
)
shellcheck -x "${scripts[@]}"

# A reader that does not read to the end of a pipe: what writes to it may die of SIGPIPE, now and then,
# and with pipefail that is the exit code of all. GNU grep also leaves early if it prints to /dev/null.
early='(?<!\|)\|&?\s*(head\b|grep\b[^|\n]*?(\s-[a-zA-Z]*[qml]|\s--(quiet|silent|max-count|files-with)|>\s*/dev/null))'
finds_early() { grep -HPzo "[^\n]*${early}[^\n]*" "$@" | tr '\0' '\n'; }
for sample in 'a | head -n 1' 'a | grep -q b' 'a |& grep -Eqx b' 'a | grep -e b -m 1' 'a | grep b >/dev/null' \
  $'a |\n  grep --quiet b'; do
  [[ -n $(finds_early - <<<"$sample") ]] || { echo "this check does not find: $sample" && exit 1; }
done
for sample in 'a || grep -q b c' 'a | grep b' 'a | grep b | sort -m' 'grep -q a b'; do
  [[ -z $(finds_early - <<<"$sample") ]] || { echo "this check takes for an early end: $sample" && exit 1; }
done
found=$(finds_early "${scripts[@]}" | grep -v '^scripts/checks/shell\.sh:') || true
if [[ -n $found ]]; then
  printf '%s\n' "$found" "Keep the output first: text=\$(a); grep -q b <<<\"\$text\", or read all: a | sed -n 1p"
  exit 1
fi
