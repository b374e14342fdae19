#!/usr/bin/env bash
# The inner half of scripts/test_package.sh: packs, makes the bare system, installs, runs, removes.
# SPDX-License-Identifier: Apache-2.0
#
# Runs in a mount and a process namespace of its own: what it mounts and starts ends with it. All
# settings come from test_package.sh, as environment variables.
set -euo pipefail
: "${folder:?}" "${project:?}" "${build:?}" "${suite:?}" "${mirror:?}"
# shellcheck source=scripts/lib/setup.sh
source "$project/scripts/lib/setup.sh"
# shellcheck source=scripts/lib/bare_system.sh
source "$project/scripts/lib/bare_system.sh"

pack() {
  say "Packing"
  mkdir -p "$folder/root/package"
  cpack --config "$build/CPackConfig.cmake" -B "$folder/root/package" >"$folder.log" 2>&1 ||
    die "cpack failed: $(tail -n 20 "$folder.log")"
  rm -r "$folder/root/package/_CPack_Packages"
  package=$(echo "$folder"/root/package/*)
  [[ $package == *.deb && -e $package ]] || die "cpack made not one .deb, but $package"
}

field() { dpkg-deb -f "$package" "$1"; }

look_at_package() {
  local name wanted contents
  [[ $(field Package) == bundle-match ]] || die "the package is called '$(field Package)'"
  [[ $(field Maintainer) == *' <'*@*'>' ]] || die "no maintainer, but '$(field Maintainer)'"
  for name in Section Priority Version Architecture Installed-Size; do
    [[ -n $(field "$name") ]] || die "the package has no $name"
  done
  (($(field Description | wc -l) > 2)) || die "too short a description: $(field Description)"
  for wanted in openmpi-bin libopencv-imgcodecs libopenmpi libexiv2 libstdc++6; do
    [[ $(field Depends) == *"$wanted"* ]] || die "$wanted is not among what it depends on: $(field Depends)"
  done
  contents=$(dpkg-deb -c "$package")
  ! grep -v ' root/root ' <<<"$contents" || die "that is not root's"
  ! grep -vE ' \./(usr/.*)?$' <<<"$contents" || die "that is outside of /usr"
  ! grep -E '^.{5}w|^.{8}w' <<<"$contents" || die "that others may write"
  ! grep -E '/man/.*\.[0-9]$' <<<"$contents" || die "that is not compressed"
}

timed() { # NAME COMMAND...
  local name=$1 start=$SECONDS && shift
  "$@"
  say "$name: $((SECONDS - start)) s"
}

install_package() {
  in_folder /root/package sh -c "apt-get -q update && DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y --no-install-recommends install ./${package##*/}" >"$folder.log" 2>&1 ||
    die "it cannot be installed: $(tail -n 20 "$folder.log")"
  say "Packages that came with it: $(grep -c '^Unpacking ' "$folder.log")"
}

remove_package() {
  local left
  in_folder / env DEBIAN_FRONTEND=noninteractive apt-get -q -y purge bundle-match \
    >"$folder.log" 2>&1 || die "it cannot be removed: $(tail -n 20 "$folder.log")"
  left=$(find "$folder/usr" -iname '*bundle[-_]match*')
  [[ -z $left ]] || die "it left behind: $left"
}

timed "Making the system" make_folder
mount_folder
timed "Packing" pack
look_at_package
timed "Installing" install_package
cp "$project/tests/package/use.sh" "$folder/root/"
timed "Running" in_folder /root/package bash /root/use.sh
remove_package
