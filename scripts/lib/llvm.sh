# Finds the LLVM tools in the one version whose output the project's checks are written for.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

llvm_major=14

# Prints the command for TOOL; without that version, says so and ends the check as skipped (77).
find_llvm_tool() { # TOOL
  local candidate
  for candidate in "$1-$llvm_major" "$1"; do
    if [[ $("$candidate" --version 2>/dev/null) == *"version $llvm_major."* ]]; then
      echo "$candidate" && return 0
    fi
  done
  echo "skipped: no $1 $llvm_major here" >&2
  return 77
}
