# What `cmake --install` puts into a folder: the command, its manual, completions, module, and the library.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

setup_file() {
  export PREFIX=$BATS_FILE_TMPDIR/prefix
  cmake --install "${BUILD_DIR:?}" --prefix "$PREFIX" >"$BATS_FILE_TMPDIR/install.log"
}

# skip_without PROGRAM: what this machine may lack.
skip_without() { command -v "$1" >/dev/null || skip "no $1 here"; }

# long_options: those of --help, one a line.
long_options() { "$BUNDLE_MATCH" --help | sed -nE 's/^ {1,11}(-[A-Za-z0-9], *)?(--[a-z-]+).*/\2/p'; }

# completed WORD...: what completion in bash offers for the last word.
completed() {
  bash -c '
    compopt() { :; } # only within a completion
    source "$1" && shift
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _bundle_match && echo "${COMPREPLY[*]}"' - "$PREFIX/share/bash-completion/completions/bundle_match" \
    bundle_match "$@"
}

@test "the installed command and its script run" {
  captured "$PREFIX/bin/bundle_match" --version
  assert_status 0
  captured "$PREFIX/bin/bundle_match_supervised" --help
  assert_status 0
  captured "$PREFIX/share/bundle_match/run_hostfile.sh" --help
  assert_status 0
  captured "$PREFIX/share/bundle_match/slurm/bundle_match.sbatch" --help
  assert_status 0
  captured "$PREFIX/share/bundle_match/gridengine/bundle_match.sge.sh" --help
  assert_status 0
  [[ -s $PREFIX/share/doc/bundle-match/LICENSE ]] || fail "no licence"
}

@test "the manual has every option of --help, and its own sections" {
  local page=$PREFIX/share/man/man1/bundle_match.1.gz option title
  command -v help2man >/dev/null || [[ -e $page ]] || skip "made without help2man"
  gzip -dc "$page" | sed 's/\\-/-/g; s/\\f[BIR]//g' >"$work/page"
  for option in $(long_options); do
    grep -qE -- "(^|[ ,])$option\b" "$work/page" || fail "no $option"
  done
  for title in 'SH NAME' 'SH SYNOPSIS' 'SH EXAMPLES' 'SH "EXIT STATUS"' 'SH ENVIRONMENT' 'SH FILES'; do
    grep -q "^\.$title" "$work/page" || fail "no section $title"
  done
  ! grep -q 'Env:' "$work/page" || fail "environment variables stand among the options"
}

@test "every option of --help is in the completion of each shell" {
  local option
  (($(long_options | wc -l) > 30)) || fail "too few options: $(long_options)"
  for option in $(long_options); do
    grep -qE -- " $option( |$)" "$PREFIX/share/bash-completion/completions/bundle_match" ||
      fail "no $option for bash"
    grep -qE -- "[ ',{]$option(=?[',}])" "$PREFIX/share/zsh/site-functions/_bundle_match" ||
      fail "no $option for zsh"
    grep -qE -- " -l ${option#--} " "$PREFIX/share/fish/vendor_completions.d/bundle_match.fish" ||
      fail "no $option for fish"
  done
}

@test "completion in bash: options, words, files" {
  assert_lines --format "$(completed --fo)"
  assert_lines 'csv' "$(completed --format c)"
  assert_lines 'csv jsonl matrix text' "$(completed --format = | tr ' ' '\n' | sort | xargs)"
  assert_lines 'jsonl' "$(completed --format = j)"
  assert_lines '-1 0' "$(completed --first-octave '')"
  assert_lines 'list' "$(completed --kernel l)"
  [[ $(completed --kernel '') == *plain* ]] || fail "no kernel"
  assert_lines '' "$(completed --reference photo)" # bash's own completion then offers files
  assert_lines '' "$(completed --nfeatures 5)"
}

@test "completion in fish" {
  skip_without fish
  offered() { # LINE: without descriptions; later versions offer what has the word anywhere, too
    HOME=$work fish --no-config -c "source $PREFIX/share/fish/vendor_completions.d/bundle_match.fish
      complete -C '$1'" | cut -f 1 | WORD=${1##* } awk 'index($0, ENVIRON["WORD"]) == 1' | sort | xargs
  }
  assert_lines --format "$(offered 'bundle_match --fo')"
  assert_lines 'csv jsonl matrix text' "$(offered 'bundle_match --format ')"
  assert_lines photos/ "$(offered 'bundle_match --cache phot')"
}

@test "completion in zsh is well formed" {
  skip_without zsh
  captured zsh -n "$PREFIX/share/zsh/site-functions/_bundle_match"
  assert_status 0
}

@test "the module finds the folder that it was installed in" {
  local tool
  tool=$(command -v modulecmd || ls /usr/lib/*/modulecmd.tcl 2>/dev/null) || skip "no environment-modules here"
  captured env MODULEPATH="$PREFIX/share/modulefiles" "$tool" bash load bundle_match
  assert_status 0
  # shellcheck disable=SC1090
  (source "$out" && [[ $(command -v bundle_match) == "$PREFIX/bin/bundle_match" ]]) || fail "another PATH"
}

# bats test_tags=slow
@test "another project finds the library, and counts as the command does" {
  captured cmake -S "$SOURCE_DIR/tests/example_consumer" -B "$work/build" \
    -DCMAKE_PREFIX_PATH="$PREFIX" -DCMAKE_BUILD_TYPE=Release
  assert_status 0
  captured cmake --build "$work/build"
  assert_status 0
  alone -q -r photos/reference.png photos/cropped.png
  assert_status 0
  local count
  count=$(sed 's/.* //' "$out")
  ((count > 10)) || fail "too few matches to compare"
  captured "$work/build/count_matches" photos/reference.png photos/cropped.png
  assert_lines "$count" "$(cat "$out")"
}

@test "matching alone is found without OpenCV" {
  mkdir "$work/matching"
  cat >"$work/matching/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.22)
project(matching_alone LANGUAGES CXX)
set(CMAKE_DISABLE_FIND_PACKAGE_OpenCV ON)
find_package(bundle_match CONFIG REQUIRED COMPONENTS matching)
if(NOT TARGET bundle_match::matching OR TARGET bundle_match::features)
  message(FATAL_ERROR "other targets than that of the component")
endif()
find_package(bundle_match CONFIG QUIET COMPONENTS no_such)
if(bundle_match_FOUND)
  message(FATAL_ERROR "a component was found that does not exist")
endif()
END
  captured cmake -S "$work/matching" -B "$work/build" -DCMAKE_PREFIX_PATH="$PREFIX"
  assert_status 0
}

@test "the recipes of Spack and Apptainer are well formed" {
  local packaging=$SOURCE_DIR/scripts/packaging
  captured "$PYTHON" -c 'import ast, sys; ast.parse(open(sys.argv[1]).read())' \
    "$packaging/spack/packages/bundle-match/package.py"
  assert_status 0
  # The scripts of the image, each indented under its %post.
  sed -n '/^%post/,/^[^ ]/{/^ /p;/^$/p}' "$packaging/apptainer/bundle_match.def" >"$work/post"
  grep -q 'cpack -G DEB' "$work/post" || fail "no %post"
  captured sh -n "$work/post"
  assert_status 0
}
