#!/usr/bin/env bash
# Checks the hosts of a hostfile, then runs bundle_match on them with mpirun.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail

usage() {
  cat <<'END'
Usage: run_hostfile.sh [OPTION...] HOSTFILE [MPIRUN OPTION...] -- bundle_match ARGUMENT...

Looks at every host of HOSTFILE over ssh, as mpirun will, and only if all is well runs
  mpirun --hostfile HOSTFILE MPIRUN OPTION... bundle_match ARGUMENT...
Checked: ssh without a password; the working folder; the same Open MPI; the same version of the
program; every file and folder named on the command line, and up to 1000 paths of --list FILE
(with --send-images on no other host than this one); the free memory. What fails is told with its host
and the mend; the exit code is then 2.

  --check-only           do not run
  --memory-per-rank N    free memory that every slot needs, in MiB (512: images of 1.4 megapixels)
  -h, --help

  run_hostfile.sh hostfiles/two_nodes -n 16 -- bundle_match -r ref.jpg -o counts.csv photos/
END
}

say() { echo "run_hostfile.sh: $*" >&2; }
wrong_usage() {
  say "error: $*"
  exit 2
}

check_only='' rank_mib=512
while (($# > 0)); do
  case $1 in
    --check-only) check_only=yes && shift ;;
    --memory-per-rank)
      [[ ${2:-} =~ ^[1-9][0-9]{0,7}$ ]] || wrong_usage "$1 takes a number of MiB"
      rank_mib=$2 && shift 2
      ;;
    -h | --help) usage && exit 0 ;;
    -*) wrong_usage "unknown option $1" ;;
    *) break ;;
  esac
done
(($# > 0)) || wrong_usage "no hostfile; --help tells more"
hostfile=$1 && shift
[[ -r $hostfile ]] || wrong_usage "cannot read the hostfile $hostfile"
mpirun_options=()
while (($# > 0)) && [[ $1 != -- ]]; do
  mpirun_options+=("$1") && shift
done
(($# > 1)) || wrong_usage "no bundle_match; it goes after --"
shift
# Over ssh the PATH is another one: the program that was found here is meant.
program=$(type -P -- "$1") || wrong_usage "no program $1 here; its path goes after --"
set -- "$program" "${@:2}"

# hosts and slots[HOST] as mpirun reads them: one a line, "slots=N" (else one a core, 0 here), #.
hosts=()
declare -A slots=()
while read -r host words; do
  [[ -n $host ]] || continue
  [[ -n ${slots[$host]:-} ]] || hosts+=("$host")
  count=0
  if [[ " $words " =~ \ slots\ *=\ *([0-9]+) ]]; then count=${BASH_REMATCH[1]}; fi
  slots[$host]=$((${slots[$host]:-0} + count))
done < <(sed 's/#.*//' "$hostfile")
((${#hosts[@]} > 0)) || wrong_usage "no host in $hostfile"

# needed: the files that every rank reads. Those of FILE in -o, --list and --config are rank 0's alone.
needed=() list='' null='' send_images='' arguments=("${@:2}")
for ((i = 0; i < ${#arguments[@]}; i++)); do
  argument=${arguments[i]}
  case $argument in
    -o | --output | --config) ((++i)) ;;
    --list) list=${arguments[++i]:-} ;;
    --list=*) list=${argument#*=} ;;
    -0 | --null) null=yes ;;
    --send-images) send_images=yes ;;
    -*) ;;
    *) [[ ! -e $argument ]] || needed+=("$argument") ;;
  esac
done
[[ -z ${BUNDLE_MATCH_SEND_IMAGES:-} ]] || send_images=yes
if [[ -n $list && -f $list ]]; then
  delimiter=$'\n'
  [[ -z $null ]] || delimiter=''
  while ((${#needed[@]} < 1000)) && IFS= read -r -d "$delimiter" path; do
    [[ ! -e $path ]] || needed+=("$path")
  done <"$list"
fi
[[ -z $send_images ]] || needed=()

# Runs on a host, in bash: prints one line "KIND VALUE" for everything it finds out.
# shellcheck disable=SC2317,SC2016  # called there
look() { # FOLDER PROGRAM NEEDED...
  local mpi version path
  if ! cd -- "$1" 2>/dev/null; then
    echo "no-folder $1"
    return
  fi
  mpi=$(orted --version 2>/dev/null | sed -n 1p) || true
  [[ -n $mpi ]] || mpi=$(mpirun --version 2>/dev/null | sed -n 1p) || true
  echo "mpi ${mpi##* }"
  version=$("$2" --version 2>&1 | sed -n 1p) || true
  case $version in
    'bundle_match '*) echo "version $version" ;;
    *) echo "no-program $version" ;;
  esac
  awk '$1 == "MemAvailable:" { print "memory", int($2 / 1024) }' /proc/meminfo
  echo "cores $(nproc)"
  for path in "${@:3}"; do
    [[ -r $path ]] || printf 'no-file %q\n' "$path"
  done
  echo "end"
}

# is_here HOST: whether mpirun starts ranks there without ssh.
is_here() { [[ $1 == localhost || $1 == 127.0.0.1 || $1 == "$(hostname)" || $1 == "$(hostname -s)" ]]; }

# The same shell and PATH as mpirun's own ssh meets. The paths may be more than a command line holds.
script() {
  declare -f look
  printf 'look'
  printf ' %q' "$PWD" "$program" "${needed[@]}"
  echo
}

answers=$(mktemp -d)
trap 'rm -rf "$answers"' EXIT
for host in "${hosts[@]}"; do
  {
    if is_here "$host"; then
      script | bash
    else
      script | ssh -x -o BatchMode=yes -o ConnectTimeout=15 "$host" bash
    fi
  } >"$answers/$host" 2>"$answers/$host.error" &
done
look "$PWD" "$program" >"$answers/.here"
wait

failures=0
fails() { # HOST WHAT
  say "$1: $2"
  failures=$((failures + 1))
}
answer() { sed -n "s/^$2 //p" "$answers/$1"; } # HOST KIND
here() { answer .here "$1"; }

check_host() { # HOST
  local host=$1 wanted available cores missing count
  if [[ ! -s $answers/$host ]]; then
    fails "$host" "no answer over ssh: $(grep -v '^$' "$answers/$host.error" | tail -n 1)
    mend: 'ssh $host true' must work without a question (ssh-copy-id $host; its key in known_hosts)"
    return
  fi
  if grep -q '^no-folder ' "$answers/$host"; then
    fails "$host" "no folder $PWD
    mend: mount it there under this path, or start from a folder that every host has"
    return
  fi
  if [[ $(answer "$host" mpi) != "$(here mpi)" ]]; then
    fails "$host" "Open MPI is '$(answer "$host" mpi)', here '$(here mpi)'
    mend: install the same version there; if it is not in the PATH of 'ssh $host env', give mpirun --prefix"
  fi
  if grep -q '^no-program' "$answers/$host"; then
    fails "$host" "$program does not run there: $(answer "$host" no-program)
    mend: install it there under the same path, with the packages it needs (ldd $program)"
  elif [[ $(answer "$host" version) != "$(here version)" ]]; then
    fails "$host" "$program is '$(answer "$host" version)', here '$(here version)'
    mend: install the same version on all hosts"
  fi
  missing=$(answer "$host" no-file | sed -n 1p)
  if [[ -n $missing ]]; then
    count=$(answer "$host" no-file | wc -l)
    fails "$host" "does not see $count of ${#needed[@]} files that this host sees, the first is $missing
    mend: a shared file system under the same path, or the option --send-images"
  fi
  wanted=${slots[$host]} cores=$(answer "$host" cores) available=$(answer "$host" memory)
  ((wanted > 0)) || wanted=$cores
  if ((available < wanted * rank_mib)); then
    fails "$host" "$available MiB of memory are free, $wanted ranks need $((wanted * rank_mib))
    mend: slots=$((available / rank_mib > 0 ? available / rank_mib : 1)) in $hostfile, or --memory-per-rank for smaller images"
  fi
}

[[ -n $(here version) ]] || fails "$(hostname)" "$program does not run here: $(here no-program)
    mend: its path after --, or build it"
for host in "${hosts[@]}"; do check_host "$host"; done
if ((failures > 0)); then
  say "$failures failed checks; nothing was run"
  exit 2
fi
say "${#hosts[@]} hosts are ready"
[[ -z $check_only ]] || exit 0
rm -rf "$answers"
exec mpirun --hostfile "$hostfile" "${mpirun_options[@]}" "$@"
