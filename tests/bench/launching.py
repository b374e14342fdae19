# How the benchmarks start mpirun: also as root, and with more ranks than cores.
# SPDX-License-Identifier: Apache-2.0
import os


def environment():
    env = dict(os.environ, OMPI_MCA_rmaps_base_oversubscribe="1")
    if os.geteuid() == 0:
        env.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    return env
