#!/usr/bin/env bash
# What scripts/test_package.sh does with the installed package, inside of the bare system.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail

die() {
  echo "use.sh: $*" >&2
  exit 1
}

has() { # FILE PATTERN: that file, compressed or not, has such a line
  local text
  text=$(gzip -cdf -- "$1") || die "$1 cannot be read"
  grep -q -- "$2" <<<"$text" || die "$1 has no '$2'"
}

# picture SHIFT: a grey image of overlapping rectangles, the same for every SHIFT but for its place.
picture() {
  awk -v shift="$1" 'BEGIN {
    srand(7); size = 240
    for (i = 0; i < 260; ++i) {
      x0 = int(rand() * 300) + shift; y0 = int(rand() * 240)
      x1 = x0 + 6 + int(rand() * 30); y1 = y0 + 6 + int(rand() * 30); grey = int(rand() * 256)
      for (y = y0; y < y1; ++y) for (x = x0; x < x1; ++x) pixel[x, y] = grey
    }
    print "P2", size, size, 255
    for (y = 0; y < size; ++y) for (x = 0; x < size; ++x) print pixel[x, y] + 0
  }'
}

[[ -z $(dpkg --verify bundle-match) ]] || die "files differ: $(dpkg --verify bundle-match)"
[[ $(bundle_match --version) == bundle_match\ [0-9]* ]] || die "--version says: $(bundle_match --version)"
[[ $(bundle_match --help) == *--reference* ]] || die "--help names no --reference"
bundle_match_supervised --help >/dev/null
has /usr/share/man/man1/bundle_match.1.gz '^\.TH BUNDLE_MATCH "1"'
has /usr/share/man/man1/bundle_match_supervised.1.gz '^\.TH BUNDLE_MATCH_SUPERVISED "1"'
has /usr/share/bash-completion/completions/bundle_match --reference
has /usr/share/fish/vendor_completions.d/bundle_match.fish reference
has /usr/share/zsh/vendor-completions/_bundle_match --reference
has /usr/share/doc/bundle-match/copyright '^License: Apache-2.0'
has /usr/share/bundle_match/slurm/bundle_match.sbatch '^#SBATCH'

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_btl_vader_single_copy_mechanism=none
export PRTE_ALLOW_RUN_AS_ROOT=1 PRTE_ALLOW_RUN_AS_ROOT_CONFIRM=1
export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
cd "$(mktemp -d)"
picture 0 >reference.pgm
picture -40 >image.pgm
bundle_match -r reference.pgm reference.pgm image.pgm >one
mpirun -n 2 bundle_match -r reference.pgm reference.pgm image.pgm >two
cat one
diff one two || die "two ranks give other results than one"
(($(wc -l <one) == 2)) || die "not two rows"
while read -r path count; do
  ((count > 50)) || die "only $count matches in $path"
done <one
