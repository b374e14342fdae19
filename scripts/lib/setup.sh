# What the scripts share: which packages the project needs, how they are installed, how it is built.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash

# The package lists: Debian 12 and 13, Ubuntu 22.04 and 24.04. A name that ends in "?" is left out
# where the distribution has no such package; what needs it is then skipped, and says so.
# shellcheck disable=SC2034  # for those who source this file
build_packages=(
  g++ cmake ninja-build pkg-config
  openmpi-bin libopenmpi-dev libboost-mpi-dev libboost-serialization-dev
  libopencv-dev # the only one that has OpenCVConfig.cmake; it wants every module of OpenCV
  libexiv2-dev libdeflate-dev libjpeg-dev libpng-dev libseccomp-dev libsqlite3-dev libxxhash-dev
  libzip-dev libcli11-dev libfmt-dev libspdlog-dev nlohmann-json3-dev
)
# shellcheck disable=SC2034
demo_packages=(
  opencv-doc # its photographs
)
# shellcheck disable=SC2034
comparison_packages=(
  python3 python3-opencv python3-ipyparallel
)
# shellcheck disable=SC2034
test_packages=(
  libgtest-dev libgmock-dev libbenchmark-dev
  bats python3 python3-numpy python3-pil
  python3-pandas? # the lines for a notebook
  util-linux bsdutils # setsid, taskset, script(1)
  shellcheck
  chromium? chromium-driver? python3-selenium? # the page of --report, in a browser
  clang-format-14? clang-tidy-14? # these versions, as others format and warn differently
  g++-aarch64-linux-gnu? qemu-user? # the Arm kernels, on an emulated CPU
  # The sanitizers, whose runtime libraries older releases have in libclang-common-14-dev, and what a fuzz
  # target holds the PNG reader against.
  clang-14? libclang-rt-14-dev? lld-14? zlib1g-dev
  help2man dpkg-dev file debootstrap # the manual, and the .deb of scripts/test_package.sh
  zsh? fish? environment-modules?
  # The cluster of scripts/test_cluster.sh.
  iproute2? openssh-client? openssh-server? munge? slurmctld? slurmd? slurm-client?
  gridengine-master? gridengine-exec? gridengine-client?
)

say() { printf '\n== %s\n' "$*" >&2; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

is_installed() { # PACKAGE
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

is_available() { # PACKAGE: apt knows a version of it (from the lists it has, without the network)
  [[ $(apt-cache policy "$1" 2>/dev/null) == *'Candidate: '[!\(]* ]]
}

# Runs a command as root, through sudo if need be; apt asks no questions.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# Hundreds of packages come along with OpenCV: what apt says of each goes to a file, shown on failure.
apt_get() { # ARGUMENT...
  local log status=0
  log=$(mktemp)
  as_root apt-get -q -o Acquire::Retries=3 -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@" \
    >"$log" 2>&1 </dev/null || status=$?
  ((status == 0)) || tail -n 40 "$log" >&2
  rm "$log"
  return "$status"
}

# Packages with servers start them when they are installed; the tests need their programs alone.
without_services() ( # COMMAND...
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap 'as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
  fi
  "$@"
)

# Installs those of the packages that are missing. With nothing missing it does not touch apt.
install_missing() { # PACKAGE[?]...
  local name required=() optional=() unknown=()
  if ! command -v apt-get >/dev/null; then
    say "No apt-get here: the packages are taken to be installed (Debian's names: ${*%\?})"
    return 0
  fi
  for name in "$@"; do
    is_installed "${name%\?}" && continue
    if [[ $name == *\? ]]; then optional+=("${name%\?}"); else required+=("$name"); fi
  done

  if ((${#required[@]} > 0)); then
    if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
      die "missing packages, and neither root nor sudo to install them. An administrator can:
  apt-get install --no-install-recommends ${required[*]}"
    fi
    say "Installing packages and what they depend on (some minutes): ${required[*]}"
    apt_get update
    for name in "${required[@]}"; do
      is_available "$name" || unknown+=("$name")
    done
    ((${#unknown[@]} == 0)) ||
      die "apt has no ${unknown[*]} (on Ubuntu they are in the component 'universe')"
  fi

  local wanted=("${required[@]}")
  for name in "${optional[@]}"; do
    if is_available "$name"; then wanted+=("$name"); fi
  done
  ((${#wanted[@]} == 0)) || without_services apt_get install -y --no-install-recommends "${wanted[@]}"
}

# Open MPI refuses to start as root unless told twice. In a container there is often nobody else.
allow_mpi_as_root() {
  if [[ $(id -u) == 0 ]]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  fi
}

# Prints the folder of opencv-doc's photographs. From the top of the project.
find_photographs() {
  local listed deb
  listed=$(dpkg -L opencv-doc | grep '/aloeL\.jpg$') || die "opencv-doc has no aloeL.jpg here"
  if [[ ! -e $listed ]]; then
    # Container images often tell dpkg to leave out /usr/share/doc (path-exclude).
    if [[ ! -e build/opencv-doc$listed ]]; then
      say "dpkg left out the photographs of opencv-doc on this machine: unpacking them into build/"
      mkdir -p build/opencv-doc
      (cd build/opencv-doc && apt-get -q -o APT::Sandbox::User=root download opencv-doc >&2)
      deb=(build/opencv-doc/opencv-doc_*.deb)
      dpkg-deb -x "${deb[0]}" build/opencv-doc
      rm "${deb[@]}"
    fi
    listed=build/opencv-doc$listed
  fi
  dirname "$listed"
}

# As many ranks as Open MPI itself would start here: the cores (not hardware threads) that this
# process may use, or the allocation of a batch job.
default_ranks() {
  mpirun echo rank | grep -c '^rank'
}

# Ninja for new build folders; an existing one keeps the generator it was made with.
export CMAKE_GENERATOR=${CMAKE_GENERATOR:-Ninja}
