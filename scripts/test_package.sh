#!/usr/bin/env bash
# Makes the .deb of build/, installs it in a bare system of this release, and runs it there.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
project=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
# shellcheck source=scripts/lib/setup.sh
source "$project/scripts/lib/setup.sh"
# shellcheck source=scripts/lib/bare_system.sh
source "$project/scripts/lib/bare_system.sh"

usage() {
  cat <<'END'
Usage: scripts/test_package.sh [OPTION...]          (as root, on Debian or Ubuntu)

Packs what was built in build/ (cpack), looks at the package, makes a bare system of the release that
runs here in a temporary folder, installs the package in it with apt and nothing that is only
recommended, and matches two images there, on one rank and on two. Folder, mounts and processes are
gone afterwards, however it ends. Needs the archive of the release, and about 1.5 GB below TMPDIR
(/var/tmp). Exit code 77 where this machine cannot do it.

  --cache DIR      keep the downloaded packages there for the next time
  --build FOLDER   where the program was built (build)
  --keep           keep the folder, to look into with chroot
  -h, --help
END
}

skip() {
  echo "skipped: $*"
  exit 77
}

# shellcheck disable=SC2034  # keep and slim: for bare_system.sh
build=$project/build cache='' keep='' slim=''
while (($# > 0)); do
  case $1 in
    --cache) cache=$(realpath -m "${2:?--cache needs a folder}") && shift 2 ;;
    --build) build=$(realpath "${2:?--build needs a folder}") && shift 2 ;;
    --keep) keep=yes && shift ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
done

[[ -e $build/bundle_match ]] || die "no $build/bundle_match: scripts/test.sh builds it"
[[ $(id -u) == 0 ]] || skip "only root can make such a folder and enter it"
PATH=$PATH:/usr/sbin:/sbin
for tool in debootstrap dpkg-shlibdeps file apt-get unshare; do
  command -v "$tool" >/dev/null || skip "no $tool here (packages debootstrap dpkg-dev file util-linux)"
done
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
[[ -n $suite ]] || skip "this system names no release of Debian or Ubuntu"
mirror=$(find_mirror)
[[ -n $mirror ]] || skip "apt here knows no archive with $suite"
unshare --mount --pid --fork --mount-proc --propagation private mount -t tmpfs tmpfs /mnt \
  2>/dev/null || skip "no namespaces or mounts permitted here"
reachable=$(mktemp)
/usr/lib/apt/apt-helper download-file "${mirror%/}/dists/$suite/InRelease" "$reachable" >/dev/null 2>&1 ||
  { rm -f "$reachable" && skip "$mirror cannot be reached"; }
rm -f "$reachable"

export project build
with_bare_folder bundle_match_package "$project/tests/package/bare_system.sh"
