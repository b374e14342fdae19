# --feature-memory, --scratch: features beyond memory, as users type it.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bats
load helpers

# in_small_folder ARG...: bundle_match on two ranks, with a scratch folder that holds 100 KB.
in_small_folder() {
  unshare --map-root-user --user --mount true 2>/dev/null || skip "no namespaces here"
  mkdir -p "$work/small"
  # shellcheck disable=SC2016  # for the shell in the namespace
  captured env small="$work/small" unshare --map-root-user --user --mount sh -c '
    mount -t tmpfs -o size=100k none "$small" && exec "$@"
  ' sh mpirun -n 2 "$BUNDLE_MATCH" --scratch "$work/small" "$@"
}

@test "--feature-memory: the same bytes with features on disk, on any number of ranks and hosts" {
  on 1 --all-pairs photos
  cp "$out" "$work/expected"
  mkdir "$work/scratch"
  local ranks
  for ranks in 1 2 3; do
    on "$ranks" --all-pairs --feature-memory 64K --scratch "$work/scratch" photos
    assert_status 0
    assert_printed "$work/expected"
  done
  with_far_ranks true --all-pairs --feature-memory 64K --scratch "$work/scratch" photos
  assert_status 0
  assert_printed "$work/expected"
  [[ -z $(ls -A "$work/scratch") ]] || fail "files are left"
}

@test "--feature-memory: features on disk serve all that needs them" {
  printf '%s\n' photos/* >"$work/list"
  on 2 --reference-list "$work/list" photos
  cp "$out" "$work/expected"
  on 2 --feature-memory 64K --reference-list "$work/list" photos
  assert_printed "$work/expected"
  on 1 --similar 2 --verify homography --ratio 0.9 gps
  cp "$out" "$work/expected"
  on 2 --feature-memory 64K --similar 2 --verify homography --ratio 0.9 --draw "$work/pictures" \
    --draw-best 1 gps
  assert_status 0
  assert_printed "$work/expected"
  [[ $(find "$work/pictures" -type f | wc -l) == 1 ]] || fail "no picture"
}

@test "--scratch: a folder that cannot be written to is told, and which" {
  on 2 --all-pairs --scratch "$work/nowhere" photos
  assert_status 2
  assert_nothing_printed
  assert_says "--scratch: no scratch file in .*/nowhere: No such file or directory"
  # It is not needed by what has enough memory.
  TMPDIR=$work/nowhere on 1 --window 1 photos
  assert_status 0
}

@test "--scratch: a full disk ends the run, which goes on where there is room" {
  in_small_folder --all-pairs --feature-memory 64K -o "$work/pairs.csv" photos
  assert_status 2
  assert_says 'no room for features in .*/small: No space left on device'
  [[ ! -e $work/pairs.csv ]] || fail "there is an output"
  on 2 --all-pairs --feature-memory 64K -o "$work/pairs.csv" photos
  assert_status 0
  on 1 --all-pairs photos
  assert_printed "$work/pairs.csv"
}
