#!/usr/bin/env bash
# The inner half of scripts/test_fresh.sh: makes the bare system, then runs demo.sh and test.sh in it.
# SPDX-License-Identifier: Apache-2.0
#
# Runs in a mount and a process namespace of its own: what it mounts and starts ends with it. All
# settings come from test_fresh.sh, as environment variables.
set -euo pipefail
: "${folder:?}" "${project:?}" "${suite:?}" "${mirror:?}" "${tests:?}" "${lost_ranks:?}"
# shellcheck source=scripts/lib/setup.sh
source "$project/scripts/lib/setup.sh"

copy_inside() { # PATH
  if [[ -e $1 ]]; then
    mkdir -p "$folder$(dirname "$1")"
    cp -rL "$1" "$folder$(dirname "$1")/"
  fi
}

# Lets apt inside reach the archives as this machine does: sources, proxies, certificates,
# credentials, keys, names.
copy_network_settings() {
  local path settings=$folder/etc/apt/apt.conf.d/00host components=main
  if grep -qx ID=ubuntu "$folder/etc/os-release"; then components='main universe'; fi
  {
    echo "deb $mirror $suite $components"
    host_archives | awk -v suite="$suite" \
      '$2 ~ "^" suite "-(updates|security)$" { print "deb", $1, $2, "main" }'
  } >"$folder/etc/apt/sources.list"
  apt-config dump |
    grep -E '^Acquire::(https?|Check-Valid-Until|Check-Date|ForceIPv[46])\b' >"$settings" || true
  for path in /etc/resolv.conf /etc/hosts /etc/ssl/certs/ca-certificates.crt \
    /etc/apt/{auth.conf,auth.conf.d,keyrings,trusted.gpg.d} \
    $(grep -oE '"/[^"]+"' "$settings" | tr -d '"'); do
    copy_inside "$path"
  done
}

make_folder() {
  local options=(--variant=minbase)
  [[ $mirror != https:* ]] || options+=(--include=ca-certificates)
  if [[ -n $cache ]]; then
    mkdir -p "$cache/debootstrap" "$cache/archives"
    options+=("--cache-dir=$cache/debootstrap")
  fi
  say "Making a bare $suite in $folder"
  debootstrap "${options[@]}" "$suite" "$folder" "$mirror" >"$folder.log" 2>&1 ||
    die "debootstrap failed: $(tail -n 20 "$folder.log")"
  copy_network_settings
  [[ -z $slim ]] || echo 'path-exclude=/usr/share/doc/*' >"$folder/etc/dpkg/dpkg.cfg.d/slim"
}

mount_folder() {
  local device
  mount --bind "$folder" "$folder" # a mount point, as a system's root is
  mount -t proc proc "$folder/proc"
  mount -t sysfs -o ro sysfs "$folder/sys"
  [[ ! -d /sys/fs/cgroup ]] || mount --rbind /sys/fs/cgroup "$folder/sys/fs/cgroup"
  mount -t tmpfs -o mode=755 dev "$folder/dev"
  mkdir "$folder/dev/pts" "$folder/dev/shm"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$folder/dev/pts"
  mount -t tmpfs -o mode=1777 shm "$folder/dev/shm"
  for device in null zero full random urandom tty; do
    touch "$folder/dev/$device"
    mount --bind "/dev/$device" "$folder/dev/$device"
  done
  ln -s pts/ptmx "$folder/dev/ptmx"
  ln -s /proc/self/fd "$folder/dev/fd"
  [[ -z $cache ]] || mount --bind "$cache/archives" "$folder/var/cache/apt/archives"
}

clone_project() {
  git -c safe.directory='*' clone -q --no-hardlinks "$project" "$folder/root/bundle_match"
  if [[ -n $worktree ]]; then
    cd "$project"
    git -c safe.directory='*' ls-files -z --cached --others --exclude-standard --deduplicate |
      while IFS= read -r -d '' file; do [[ ! -e $file ]] || printf '%s\0' "$file"; done |
      tar -c --null -T - | tar -x --no-same-owner -C "$folder/root/bundle_match"
  fi
}

# Makes the folder the root of a mount namespace, not only this process's: namespaces and mounts can
# be made in it, as scripts/test_cluster.sh does.
# shellcheck disable=SC2016
readonly kInFolder='cd "$0" && pivot_root . mnt && umount -l /mnt && cd /root/bundle_match && exec "$@"'

timed() { # NAME COMMAND...
  local name=$1 start=$SECONDS && shift
  say "$name on the bare $suite"
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb CI=true \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    unshare --mount --propagation private sh -c "$kInFolder" "$folder" "$@" </dev/null ||
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
case $tests in
  all) timed test.sh scripts/test.sh ;;
  quick) timed "test.sh --quick" scripts/test.sh --quick ;;
esac
if ((lost_ranks > 0)); then
  timed "lost ranks" scripts/test_faults.sh --moments "$lost_ranks" lost
fi
