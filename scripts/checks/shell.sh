#!/usr/bin/env bash
# Runs shellcheck over the project's shell scripts.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

case ${1:-} in -h | --help) echo "Usage: scripts/checks/shell.sh" && exit 0 ;; esac
command -v shellcheck >/dev/null || { echo "skipped: no shellcheck here" && exit 77; }
{
  printf '.ci/run\0'
  printf 'scripts/bundle_match_supervised\0'
  find scripts tests '(' -name '*.sh' -o -name '*.sbatch' ')' -print0
} | xargs -0 shellcheck -x
