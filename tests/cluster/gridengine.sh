# Grid Engine on the hosts of hosts.sh, as Debian packages it, with its files in the shared folder.
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154  # $shared and others are of main.sh and hosts.sh

# No package here, or no cell: a reason to skip.
no_gridengine() {
  local tool
  for tool in sge_qmaster sge_execd qsub qconf; do
    command -v "$tool" >/dev/null || { echo "no $tool here (packages gridengine-master gridengine-exec)" && return; }
  done
  [[ -x /usr/share/gridengine/scripts/init_cluster ]] || { echo "no init_cluster of Debian's gridengine-common" && return; }
  return 1
}

write_cell() {
  local common=$SGE_ROOT/$SGE_CELL/common spool=$shared/run/sge
  mkdir -p "$SGE_ROOT" "$common" "$spool/qmaster" "$spool/db"
  cp -a /var/lib/gridengine/. "$SGE_ROOT/"
  echo head >"$common/act_qmaster"
  sed -e "s|^admin_user .*|admin_user root|" -e "s|^spooling_params .*|spooling_params $spool/db|" \
    -e "s|^qmaster_spool_dir .*|qmaster_spool_dir $spool/qmaster|" \
    /usr/share/gridengine/default-bootstrap >"$common/bootstrap"
  /usr/share/gridengine/scripts/init_cluster "$SGE_ROOT" "$SGE_CELL" "$spool/db" root
}

qmaster_answers() { qconf -sconf >/dev/null 2>&1; }
exec_hosts_answer() { (($(qhost 2>/dev/null | awk '/^n[0-9]/ && $NF != "-" && $4 != "-"' | wc -l) == ${#hosts[@]})); }

# Servers in the foreground, in this process's namespaces: they end with them.
start_gridengine() {
  local name
  export SGE_ROOT=$shared/sge SGE_CELL=default SGE_ND=1
  write_cell || return
  sge_qmaster >"$shared/log/qmaster" 2>&1 &
  wait_until 60 "sge_qmaster answers" qmaster_answers || return
  for name in "${hosts[@]}"; do
    qconf -ah "$name" && qconf -as "$name" || return
  done
  qconf -as head
  # Root's jobs are not usual.
  qconf -sconf | sed -e 's/^\(min_[ug]id\) .*/\1 0/' >"$shared/run/sge/global"
  qconf -Mconf "$shared/run/sge/global" || return
  for name in "${hosts[@]}"; do
    on "$name" mount -t tmpfs none /var/spool/gridengine && on "$name" mkdir /var/spool/gridengine/execd &&
      on "$name" sge_execd >"$shared/log/execd_$name" 2>&1 &
  done
  qconf -Ap "$shared/scripts/gridengine/parallel_environment" || return
  # qconf offers a whole queue to an editor: this one.
  cat >"$shared/run/sge/editor" <<END
#!/bin/sh
exec sed -i -e 's/^hostlist .*/hostlist ${hosts[*]}/' -e 's/^slots .*/slots 2/' \
  -e 's/^pe_list .*/pe_list bundle_match/' -e 's/^load_thresholds .*/load_thresholds NONE/' "\$1"
END
  chmod +x "$shared/run/sge/editor"
  EDITOR=$shared/run/sge/editor qconf -aq all.q || return
  wait_until 60 "all hosts report" exec_hosts_answer || { qhost; qstat -f; return 1; }
  qstat -f
}
