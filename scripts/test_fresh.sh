#!/usr/bin/env bash
# Proves that scripts/demo.sh and scripts/test.sh work from a clean clone on a bare Debian.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
project=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
# shellcheck source=scripts/lib/setup.sh
source "$project/scripts/lib/setup.sh"

usage() {
  cat <<'END'
Usage: scripts/test_fresh.sh [OPTION...]          (as root, on Debian or Ubuntu)

Makes a bare Debian 12 in a temporary folder, clones the last commit into it, and runs there, as a
root without a terminal: demo.sh, demo.sh again (which must install and build nothing), test.sh.
Prints the time of each. Mirror and proxy are those of this machine's apt. Folder, mounts and
processes are gone afterwards, however it ends. Needs about 6 GB below TMPDIR (/var/tmp).

  --demo-only      without test.sh
  --quick          test.sh --quick
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

suite=bookworm mirror='' cache='' keep='' slim='' worktree='' tests=all lost_ranks=0
while (($# > 0)); do
  case $1 in
    --demo-only) tests=none && shift ;;
    --quick) tests=quick && shift ;;
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

# Prints "URI RELEASE" of each distribution archive that this machine's apt uses.
host_archives() {
  # shellcheck disable=SC2016  # the fields are apt's to fill in
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' \
    'Created-By: Packages' | awk '$3 == "main" && $4 ~ /^(Debian|Ubuntu|)$/ { print $1, $2 }' | sort -u
}

# Prints the archive that has the suite; else any, as one archive holds several releases.
find_mirror() {
  host_archives | awk -v suite="$suite" '
    $2 == suite { exact = $1 }
    $2 !~ /-/ { other = $1 }
    END { print exact != "" ? exact : other }'
}

# shellcheck disable=SC2317  # called by the trap
clean_up() {
  trap '' INT TERM HUP
  # The first process of the namespace takes all others with it, and ends only after them.
  local first="/proc/${child:-none}/task/${child:-none}/children"
  [[ ! -e $first ]] || xargs --no-run-if-empty kill -KILL <"$first" || true
  wait
  rm -f "$folder.log" "$folder.times"
  if [[ -n $keep ]]; then
    say "Kept. To look inside: chroot $folder"
  else
    rm -rf --one-file-system "$folder"
  fi
}

[[ $(id -u) == 0 ]] || die "only root can make such a folder and enter it"
install_missing debootstrap debian-archive-keyring git util-linux
[[ -n $mirror ]] || mirror=$(find_mirror)
[[ -n $mirror ]] || die "apt here knows no archive with $suite; name one with --mirror URL"
eval "$(apt-config shell apt_proxy Acquire::http::Proxy)" # debootstrap does not read apt's settings
export http_proxy=${http_proxy:-${apt_proxy:-}}

folder=$(mktemp -d -p "${TMPDIR:-/var/tmp}" bundle_match_fresh.XXXXXX)
chmod 755 "$folder"
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
status=0
export folder project suite mirror cache slim worktree tests lost_ranks
export -f host_archives
unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
  "$project/scripts/lib/fresh_system.sh" &
child=$!
wait "$child" || status=$?
say "Times on a bare $suite, $(nproc) cores${cache:+, packages from a cache}"
cat "$folder.times" 2>/dev/null || true
exit "$status"
