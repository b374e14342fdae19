#!/usr/bin/env bash
# Runs clang-tidy, as .clang-tidy says, over the sources that build/ compiles, and the fuzz targets.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/lib/llvm.sh

usage() {
  cat <<'END'
Usage: scripts/checks/tidy.sh [PATTERN]

Checks the sources whose path contains PATTERN (default: all) with as many processes as there are
cores; those of tests/ without the static analyzer, which GoogleTest's macros keep busy for minutes.
Needs a configured build/; those of tests/fuzz are checked if build-asan/ is configured, too. A source
that passed is not checked again until it, a header of the project, .clang-tidy or the compile commands
change.
END
}

check_one() { # SOURCE, in its own shell
  local source=$1 folder=build stamp output options=()
  stamp=build/checks/tidy/$(cat "$source" "$TIDY_COMMON" | sha256sum | cut -d ' ' -f 1)
  [[ ! -e $stamp ]] || return 0
  [[ $source != */tests/fuzz/* ]] || folder=build-asan
  [[ $source != */tests/* ]] || options+=(--checks=-clang-analyzer-*)
  # GCC's warning options are not all known to Clang.
  options+=(--extra-arg=-Wno-unknown-warning-option)
  if output=$("$CLANG_TIDY" -p "$folder" --quiet "${options[@]}" "$source" 2>&1); then
    touch "$stamp"
  else
    printf '%s\n%s\n' "-- $source" "$output" && return 1
  fi
}

case ${1:-} in -h | --help) usage && exit 0 ;; esac
if [[ ! -e build/compile_commands.json ]]; then
  echo "no build/compile_commands.json: scripts/test.sh makes it" && exit 1
fi

commands=(build/compile_commands.json)
[[ ! -e build-asan/compile_commands.json ]] || commands+=(build-asan/compile_commands.json)

CLANG_TIDY=$(find_llvm_tool clang-tidy)
TIDY_COMMON=$(mktemp)
trap 'rm -f "$TIDY_COMMON"' EXIT
{
  cat .clang-tidy "${commands[@]}"
  find include src tests -name '*.hpp' -print0 | sort -z | xargs -0 cat
} >"$TIDY_COMMON"
mkdir -p build/checks/tidy
export CLANG_TIDY TIDY_COMMON
export -f check_one

# Of build-asan/, the targets alone: the others are those of build/.
sources=$(sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "${commands[@]}" | grep -v '/build-asan/' | sort -u |
  grep -F -- "${1:-/}") || { echo "no source whose path contains '$1' is compiled" && exit 2; }
# shellcheck disable=SC2016  # $1 expands in the shell that xargs starts
tr '\n' '\0' <<<"$sources" | xargs -0 -n 1 -P "$(nproc)" bash -c 'check_one "$1"' tidy
