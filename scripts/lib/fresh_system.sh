#!/usr/bin/env bash
# The inner half of scripts/test_fresh.sh: makes the bare system, then runs demo.sh and test.sh in it.
# SPDX-License-Identifier: Apache-2.0
#
# Runs in a mount and a process namespace of its own: what it mounts and starts ends with it. All
# settings come from test_fresh.sh, as environment variables; tests is none, or the option of test.sh, if any.
set -euo pipefail
: "${folder:?}" "${project:?}" "${suite:?}" "${mirror:?}" "${tests?}" "${lost_ranks:?}"
# shellcheck source=scripts/lib/setup.sh
source "$project/scripts/lib/setup.sh"
# shellcheck source=scripts/lib/bare_system.sh
source "$project/scripts/lib/bare_system.sh"

clone_project() {
  git -c safe.directory='*' clone -q --no-hardlinks "$project" "$folder/root/bundle_match"
  if [[ -n $worktree ]]; then
    cd "$project"
    git -c safe.directory='*' ls-files -z --cached --others --exclude-standard --deduplicate |
      while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done |
      tar -c --null -T - | tar -x --no-same-owner -C "$folder/root/bundle_match"
  fi
}

timed() { # NAME COMMAND...
  local name=$1 start=$SECONDS && shift
  say "$name on the bare $suite"
  in_folder /root/bundle_match "$@" ||
    die "$name failed on the bare $suite after $((SECONDS - start)) s"
  printf '%-16s %5d s\n' "$name" $((SECONDS - start)) >>"$folder.times"
}

demo() { timed demo.sh scripts/demo.sh; }

demo_again() {
  local made
  touch "$folder/root/before"
  timed "demo.sh again" scripts/demo.sh
  made=$(find "$folder"/var/lib/apt/lists "$folder"/var/log/dpkg.log \
    "$folder"/root/bundle_match/build -type f -newer "$folder/root/before" ! -name '.ninja_*')
  [[ -z $made ]] || die "the second demo.sh was only to run, yet it wrote $made"
}

make_folder
mount_folder
clone_project
demo
demo_again
[[ $tests == none ]] || timed "test.sh${tests:+ $tests}" scripts/test.sh ${tests:+"$tests"}
if ((lost_ranks > 0)); then
  timed "lost ranks" scripts/test_faults.sh --moments "$lost_ranks" lost
fi
