# Mistakes in the command: exit status 2, one line that names the option and what it takes. Help, versions.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

readonly kGood=(-r photos/reference.png photos/cropped.png)

@test "an unknown option" {
  alone --nfeatres 3 "${kGood[@]}"
  assert_wrong_usage '--nfeatres'
  alone -x "${kGood[@]}"
  assert_wrong_usage '-x'
}

@test "an option that is told too late is still seen" {
  alone "${kGood[@]}" --nfeatres
  assert_wrong_usage '--nfeatres'
}

@test "--nfeatures takes a whole number" {
  for value in abc -1 1.5 10x 99999999999 ''; do
    alone --nfeatures="$value" "${kGood[@]}"
    assert_wrong_usage '--nfeatures' 'number'
  done
}

@test "--first-octave 0 is not for OpenCV's SIFT" {
  alone --first-octave 0 --sift opencv "${kGood[@]}"
  assert_wrong_usage '--first-octave 0' '--sift fast'
  alone --first-octave 1 "${kGood[@]}"
  assert_wrong_usage '--first-octave' '-1\|0'
}

@test "--timeout takes seconds" {
  for value in -1 soon 5s nan inf; do
    alone --timeout="$value" "${kGood[@]}"
    assert_wrong_usage '--timeout' 'seconds'
  done
}

@test "--memory-limit takes a size" {
  for value in xyz -1 12Q 1..5G; do
    alone --memory-limit="$value" "${kGood[@]}"
    assert_wrong_usage '--memory-limit' 'size' '[0-9] ?[MG]'
  done
}

@test "--cross-check, --format, --progress take one of a few words" {
  alone --cross-check both "${kGood[@]}"
  assert_wrong_usage '--cross-check' 'mutual' 'one-way' 'both'
  alone --format xml "${kGood[@]}"
  assert_wrong_usage '--format' 'text' 'csv' 'jsonl' 'xml'
  alone --progress sometimes "${kGood[@]}"
  assert_wrong_usage '--progress' 'auto' 'always' 'never' 'sometimes'
}

@test "an option without its value" {
  for option in --reference --list --output --nfeatures --cross-check --format --timeout \
    --memory-limit --progress --config; do
    alone "${kGood[@]}" $option
    assert_wrong_usage "$option"
  done
}

@test "a flag with a value" {
  alone --recursive=perhaps "${kGood[@]}"
  assert_wrong_usage '--recursive'
}

@test "no --reference, no INPUT, nothing at all" {
  alone photos/cropped.png
  assert_wrong_usage '--reference'
  alone -r photos/reference.png
  assert_wrong_usage 'input' '--list'
  alone
  assert_wrong_usage '--reference'
  alone -r '' photos/cropped.png
  assert_wrong_usage '--reference'
}

@test "a value with a newline in it is quoted in one line" {
  alone --format=$'a\nb' "${kGood[@]}"
  assert_wrong_usage '--format'
}

# bats test_tags=slow
@test "on any number of ranks a mistake is told once, and mpirun returns 2" {
  for ranks in 1 5; do
    on $ranks --nfeatures abc "${kGood[@]}"
    assert_status 2
    assert_nothing_printed
    assert_one_message '--nfeatures' 'abc'
  done
  on 3 -r photos/reference.png photos/no_such.png
  assert_status 2
  assert_nothing_printed
  assert_one_message 'photos/no_such\.png'
}

@test "--help names every option, in groups, once" {
  alone --help
  assert_status 0
  for option in --reference --list --null --recursive --nfeatures --sift --first-octave --cross-check --timeout \
    --memory-limit --output --format --progress --dry-run --version --help --config; do
    grep -qE -- "(^|[ ,])$option\b" "$out" || fail "no $option"
  done
  grep -q 'Exit status' "$out" || fail "no exit status"
  (($(grep -cE '^[A-Z][a-z]+:$' "$out") > 3)) || fail "no groups"
  [[ ! -s $err ]] || fail "expected nothing on standard error"
  cp "$out" "$work/help"
  on 3 --help
  assert_status 0
  assert_printed "$work/help"
  alone -h
  assert_printed "$work/help"
}

@test "--version names the versions of OpenCV, Boost and MPI, once" {
  on 3 --version
  assert_status 0
  for library in 'bundle_match [0-9]' 'OpenCV [0-9]' 'Boost [0-9]' 'MPI .*[0-9]'; do
    assert_lines 1 "$(grep -cE "$library" "$out")"
  done
  assert_lines "$(mpirun --version | sed -n 's/.* //;1p')" "$(grep -oE '[0-9.]+$' <(grep MPI "$out"))"
}
