#!/usr/bin/env bash
# Checks that the C++ sources are formatted as .clang-format says, or formats them.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source scripts/lib/llvm.sh

mode=(--dry-run --Werror)
case ${1:-} in
  '') ;;
  --fix) mode=(-i) ;;
  -h | --help) echo "Usage: scripts/checks/format.sh [--fix]" && exit 0 ;;
  *) echo "Usage: scripts/checks/format.sh [--fix]" >&2 && exit 2 ;;
esac

clang_format=$(find_llvm_tool clang-format)
find include src tests -name '*.[ch]pp' -print0 |
  xargs -0 --no-run-if-empty "$clang_format" "${mode[@]}"
