# A bare Debian or Ubuntu in a temporary folder, with namespaces of its own: how it is made and entered.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# The outer half, outside of the namespaces: find_mirror, with_bare_folder. The inner half, run by it:
# make_folder, mount_folder, in_folder. Between them, as environment variables: folder, suite, mirror,
# cache, slim, http_proxy. Needs setup.sh.

# Prints "URI RELEASE" of each distribution archive that this machine's apt uses.
host_archives() {
  # shellcheck disable=SC2016  # the fields are apt's to fill in
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' \
    'Created-By: Packages' | awk '$3 == "main" && $4 ~ /^(Debian|Ubuntu|)$/ { print $1, $2 }' | sort -u
}

# Prints the archive that has the suite; else any, as one archive holds several releases.
find_mirror() {
  host_archives | awk -v suite="${suite:?}" '
    $2 == suite { exact = $1 }
    $2 !~ /-/ { other = $1 }
    END { print exact != "" ? exact : other }'
}

# shellcheck disable=SC2317  # called by the trap
clean_up_folder() {
  trap '' INT TERM HUP
  # The first process of the namespace takes all others with it, and ends only after them.
  local first="/proc/${child:-none}/task/${child:-none}/children"
  [[ ! -e $first ]] || xargs --no-run-if-empty kill -KILL <"$first" || true
  wait
  rm -f "$folder.log" "$folder.times"
  if [[ -n ${keep:-} ]]; then
    say "Kept. To look inside: chroot $folder"
  else
    rm -rf --one-file-system "$folder"
  fi
}

# Makes an empty $folder, and runs the inner half in a mount and a process namespace: what that mounts
# and starts ends with it. Folder, mounts and processes are gone when this shell exits, unless $keep.
# Returns the exit code of the inner half.
with_bare_folder() { # NAME INNER_SCRIPT
  local status=0
  eval "$(apt-config shell apt_proxy Acquire::http::Proxy)" # debootstrap does not read apt's settings
  export http_proxy=${http_proxy:-${apt_proxy:-}}
  folder=$(mktemp -d -p "${TMPDIR:-/var/tmp}" "$1.XXXXXX") || die "no temporary folder"
  chmod 755 "$folder"
  trap clean_up_folder EXIT
  trap 'exit 130' INT TERM HUP
  export folder suite mirror cache slim
  unshare --mount --pid --fork --kill-child --mount-proc --propagation private "$2" &
  child=$!
  wait "$child" || status=$?
  return "$status"
}

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
  mkdir -p "$folder/etc/dpkg/dpkg.cfg.d"
  echo force-unsafe-io >"$folder/etc/dpkg/dpkg.cfg.d/unsafe-io" # all is thrown away, or can be made again
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

# Makes the folder the root of a mount namespace, not only this process's: namespaces and mounts can
# be made in it, as scripts/test_cluster.sh does.
# shellcheck disable=SC2016
readonly kInFolder='cd "$0" && pivot_root . mnt && umount -l /mnt && cd "$1" && shift && exec "$@"'

# As a root without a terminal and without this machine's environment.
in_folder() { # WORKING_FOLDER COMMAND...
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb CI=true \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    unshare --mount --propagation private sh -c "$kInFolder" "$folder" "$@" </dev/null
}
