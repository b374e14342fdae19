#!/usr/bin/env bash
# Proves that scripts/demo.sh and scripts/test.sh work from a clean clone on a bare Debian.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
project=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
# shellcheck source=scripts/lib/setup.sh
source "$project/scripts/lib/setup.sh"
# shellcheck source=scripts/lib/bare_system.sh
source "$project/scripts/lib/bare_system.sh"

usage() {
  cat <<'END'
Usage: scripts/test_fresh.sh [OPTION...]          (as root, on Debian or Ubuntu)

Makes a bare Debian 12 in a temporary folder, clones the last commit into it, and runs there, as a
root without a terminal: demo.sh, demo.sh again (which must install and build nothing), test.sh.
Prints the time of each. Mirror and proxy are those of this machine's apt. Folder, mounts and
processes are gone afterwards, however it ends. Needs about 6 GB below TMPDIR (/var/tmp).

  --demo-only      without test.sh
  --quick          test.sh --quick
  --thorough       test.sh --thorough
  --lost-ranks N   then also N random moments of test_faults.sh lost
  --slim           dpkg leaves out /usr/share/doc, as in many container images
  --worktree       lay this checkout's changed and new files over the last commit
  --suite NAME     another release than bookworm
  --mirror URL     where to get it, if apt here does not know that (Ubuntu works too)
  --cache DIR      keep the downloaded packages there for the next time
  --keep           keep the folder, to look into with chroot
  -h, --help
END
}

suite=bookworm mirror='' cache='' keep='' slim='' worktree='' tests='' lost_ranks=0
while (($# > 0)); do
  case $1 in
    --demo-only) tests=none && shift ;;
    --quick | --thorough) tests=$1 && shift ;;
    --lost-ranks) lost_ranks=${2:?--lost-ranks needs a number} && shift 2 ;;
    --slim) slim=yes && shift ;;
    --worktree) worktree=yes && shift ;;
    --suite) suite=${2:?--suite needs a name} && shift 2 ;;
    --mirror) mirror=${2:?--mirror needs a URL} && shift 2 ;;
    --cache) cache=$(realpath -m "${2:?--cache needs a folder}") && shift 2 ;;
    --keep) keep=yes && shift ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
done

[[ $(id -u) == 0 ]] || die "only root can make such a folder and enter it"
install_missing debootstrap debian-archive-keyring git util-linux
[[ -n $mirror ]] || mirror=$(find_mirror)
[[ -n $mirror ]] || die "apt here knows no archive with $suite; name one with --mirror URL"

status=0
export project worktree tests lost_ranks
with_bare_folder bundle_match_fresh "$project/scripts/lib/fresh_system.sh" || status=$?
say "Times on a bare $suite, $(nproc) cores${cache:+, packages from a cache}"
cat "$folder.times" 2>/dev/null || true
exit "$status"
