# Finds the LLVM tools in the one version whose output the project's checks are written for, and builds
# what needs its sanitizers.
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

# Some packages of Clang come without the runtime libraries.
has_sanitizers() { # COMPILER
  local program='extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }'
  "$1" -x c++ -fsanitize=fuzzer,address,undefined - -o /dev/null <<<"$program" 2>/dev/null
}

# Configures the preset and builds the targets (all of them, if none is named); 77 without such a Clang.
build_sanitized() { # PRESET [TARGET...]
  local preset=$1 compiler folder linker && shift
  compiler=$(find_llvm_tool clang++) || return
  has_sanitizers "$compiler" || { echo "skipped: $compiler has no sanitizers here" >&2 && return 77; }
  # LLVM's own linker, if it is there: programs with sanitizers are large, and GNU's takes five times as long.
  folder=$(dirname "$(readlink -f "$(command -v "$compiler")")")
  linker=
  [[ ! -x $folder/ld.lld ]] || linker=-fuse-ld=lld
  cmake --preset "$preset" -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_EXE_LINKER_FLAGS="$linker" \
    -DCMAKE_MODULE_LINKER_FLAGS="$linker" || return 1
  cmake --build "build-$preset" ${1:+--target "$@"} || return 1
}
