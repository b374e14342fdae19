# Slurm on the hosts of hosts.sh, and what the cases ask of it.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # $shared and others are of main.sh and hosts.sh

write_slurm_configuration() {
  local name
  cat <<END
ClusterName=test
SlurmctldHost=head($head_address)
SlurmctldAddr=$head_address
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
# How long a requeued job waits, too: two minutes if it is not said.
AuthInfo=cred_expire=10
StateSaveLocation=$shared/run/slurmctld
SlurmdSpoolDir=/run/slurm
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
# A lost host is told after a quarter of a minute, not after five.
SlurmdTimeout=15
KillWait=10
InactiveLimit=0
MailProg=/bin/true
END
  for name in "${hosts[@]}"; do
    echo "NodeName=$name NodeAddr=${host_address[$name]} CPUs=2 RealMemory=4000"
  done
  echo "PartitionName=normal Nodes=ALL Default=YES PriorityTier=1 MaxTime=60"
  echo "PartitionName=urgent Nodes=ALL PriorityTier=9 PreemptMode=OFF MaxTime=60"
}

idle_hosts() { [[ $(sinfo --noheader -p normal -o %T 2>/dev/null | sort -u) == idle ]]; }

start_slurm() {
  local name
  export SLURM_CONF=$shared/etc/slurm.conf
  write_slurm_configuration >"$SLURM_CONF"
  mkdir -p "$shared/run/slurmctld"
  slurmctld -D >"$shared/log/slurmctld" 2>&1 &
  for name in "${hosts[@]}"; do
    on "$name" slurmd -D >"$shared/log/slurmd_$name" 2>&1 &
  done
  wait_until 60 "all hosts are idle" idle_hosts
}

# The shipped script, edited as its users are told to: the other launcher.
script_with_mpirun() {
  sed -e 's/^launch=/#&/' -e 's/^#\(launch=(mpirun)\)/\1/' "$shared/scripts/slurm/bundle_match.sbatch"
}

# submit SCRIPT ARG...: $job, on one slot of each host; sbatch's own options are in $sbatch_options.
submit() {
  local script=$1 options
  shift
  options=(--parsable --nodes=3 --ntasks-per-node=1 --mem-per-cpu=0 --time=10 --output="$work/log")
  job=$(sbatch "${options[@]}" "${sbatch_options[@]}" "$script" "$@")
  echo "job $job"
}
sbatch_options=() # a case sets them

# One line "State=...": a job that is gone is no error.
job_state() { scontrol --oneliner show job "$1" 2>/dev/null | grep -oP ' JobState=\K\S+'; }
restarts_of() { scontrol --oneliner show job "$1" 2>/dev/null | grep -oP ' Restarts=\K\d+'; }

is_restarted() { (($(restarts_of "$1") > 0)); }
is_state() { [[ " $2 " == *" $(job_state "$1") "* ]]; }

# job_ends STATE: until $job has ended, in that state.
job_ends() {
  wait_until 240 "job $job has ended" is_state "$job" "COMPLETED FAILED TIMEOUT CANCELLED NODE_FAIL PREEMPTED" ||
    { scontrol show job "$job" && squeue && cat "$work/log" && return 1; }
  cat "$work/log"
  [[ $(job_state "$job") == "$1" ]] || { scontrol show job "$job" && return 1; }
}
