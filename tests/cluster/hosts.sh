# Hosts on one machine: a bridge, and for each host a network, mounts and a name of its own; sshd, munge.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # $shared and others are of main.sh

readonly head_address=10.77.0.1
readonly hosts=(n1 n2 n3)
declare -A host_pid=() host_address=([n1]=10.77.0.11 [n2]=10.77.0.12 [n3]=10.77.0.13)

# wait_until SECONDS WHAT COMMAND...: a bound for what hangs, generous for what is only slow.
wait_until() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    if ((SECONDS >= deadline)); then
      echo "waited in vain until $what"
      return 1
    fi
    sleep 0.1
  done
}

# on HOST COMMAND...: as a process of that host, in this folder.
on() {
  # shellcheck disable=SC2016  # for the shell over there
  nsenter --target "${host_pid[$1]}" --net --mount --uts -- \
    sh -c 'cd "$0" && exec "$@"' "$PWD" "${@:2}"
}

# What is a host's own, and not the other hosts' as well.
private_mounts() {
  mount -t tmpfs -o mode=1777 tmp /tmp
  mount -t tmpfs -o mode=1777 shm /dev/shm
  mount -t tmpfs -o mode=755 run /run
  mkdir -p /run/sshd /run/munge /run/slurm
}

# shellcheck disable=SC2317  # called on the host
become_host() { # NAME
  set -e
  hostname "$1"
  private_mounts
  touch "$shared/run/$1.ready"
  exec sleep infinity
}

# The same bridge carries ssh, Slurm and MPI; link_of HOST is where its cable can be pulled.
link_of() { echo "to-$1"; }

start_host() { # NAME
  local name=$1
  unshare --net --mount --uts --propagation private \
    bash -c "$(declare -f private_mounts become_host); shared=$shared; become_host $name" &
  host_pid[$name]=$!
  wait_until 20 "$name is up" test -e "$shared/run/$name.ready" || return
  ip link add "$(link_of "$name")" type veth peer name eth0 netns "${host_pid[$name]}" &&
    ip link set "$(link_of "$name")" master cluster up &&
    on "$name" ip link set lo up &&
    on "$name" ip address add "${host_address[$name]}/24" dev eth0 &&
    on "$name" ip link set eth0 up
}

# ssh asks nothing and trusts nobody but these hosts.
write_ssh_configuration() {
  local etc=$shared/etc name
  ssh-keygen -q -t ed25519 -N '' -f "$etc/host_key" && ssh-keygen -q -t ed25519 -N '' -f "$etc/user_key" ||
    return
  for name in "${hosts[@]}"; do
    echo "$name,${host_address[$name]} $(cut -d' ' -f1,2 "$etc/host_key.pub")"
  done >"$etc/known_hosts"
  cat >"$etc/ssh_config" <<END
IdentityFile $etc/user_key
IdentitiesOnly yes
GlobalKnownHostsFile $etc/known_hosts
UserKnownHostsFile /dev/null
StrictHostKeyChecking yes
END
  chmod 600 "$etc/host_key" "$etc/user_key"
  mount --bind "$etc/ssh_config" /etc/ssh/ssh_config
}

start_sshd() { # NAME
  cat >"$shared/etc/sshd_$1" <<END
ListenAddress ${host_address[$1]}
HostKey $shared/etc/host_key
AuthorizedKeysFile $shared/etc/user_key.pub
PasswordAuthentication no
PermitRootLogin yes
StrictModes no
UsePAM no
PidFile none
SetEnv PATH=$PATH OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
END
  on "$1" "$(command -v sshd)" -D -e -f "$shared/etc/sshd_$1" >"$shared/log/sshd_$1" 2>&1 &
  wait_until 20 "ssh $1 answers" on n1 ssh -o BatchMode=yes "$1" true 2>>"$shared/log/ssh"
}

# start_munge HOST: it listens on a socket in the host's own /run alone.
start_munge() {
  local with=(on "$1")
  [[ $1 != head ]] || with=()
  # --force: its folders may be of others than root where the tests run in a container.
  "${with[@]}" munged --foreground --force --key-file="$shared/etc/munge.key" \
    --pid-file=/run/munge/pid --log-file=/run/munge/log --seed-file=/run/munge/seed \
    >"$shared/log/munge_$1" 2>&1 &
  wait_until 20 "munge of $1 answers" "${with[@]}" sh -c 'munge -n 2>/dev/null | unmunge >/dev/null 2>&1'
}

start_hosts() {
  local name
  private_mounts
  hostname head
  {
    echo "127.0.0.1 localhost"
    echo "$head_address head"
    for name in "${hosts[@]}"; do echo "${host_address[$name]} $name"; done
  } >"$shared/etc/hosts"
  mount --bind "$shared/etc/hosts" /etc/hosts
  (umask 077 && head -c 128 /dev/urandom >"$shared/etc/munge.key")
  write_ssh_configuration || return
  ip link set lo up && ip link add cluster type bridge && ip address add "$head_address/24" dev cluster &&
    ip link set cluster up || return
  for name in "${hosts[@]}"; do start_host "$name" || return; done
  for name in head "${hosts[@]}"; do start_munge "$name" || return; done
  for name in "${hosts[@]}"; do start_sshd "$name" || return; done

  # As root, on few cores; all else is Open MPI's own choice.
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_btl_vader_single_copy_mechanism=none
  export PATH=$shared/bin:$PATH
}
