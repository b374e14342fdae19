# Jobs that a test starts, watches and kills.
# SPDX-License-Identifier: Apache-2.0
"""Processes are waited for by pid file descriptors, and named by pid and start time: nothing that
this test did not start is ever signalled."""

import os
import select
import signal
import subprocess
import time

# Only ends what would hang for ever; a slow machine is no failure.
PATIENCE_S = 300


class Failure(Exception):
    pass


def children_of(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children") as file:
            found += [int(child) for child in file.read().split()]
    return sorted(found)


def children(pid):
    try:
        return children_of(pid)
    except (FileNotFoundError, ProcessLookupError):
        return []


def name_of(pid):
    try:
        with open(f"/proc/{pid}/comm") as file:
            return file.read().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


class Process:
    """One process, also after its end, when its number may be another's."""

    def __init__(self, pid):
        self.pid = pid
        self.fd = os.pidfd_open(pid)

    def close(self):
        os.close(self.fd)

    def signal(self, number):
        """Whether it was still there."""
        try:
            signal.pidfd_send_signal(self.fd, number)
            return True
        except ProcessLookupError:
            return False

    def ended(self, within_s=0.0):
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        return bool(poll.poll(within_s * 1000))


class Job:
    """A launch line, and all that it starts. As a context, it ends what is left of it."""

    def __init__(self, launch, errors, environment=None):
        self.launch = launch
        self.errors = errors
        self.known = {}
        self.start = time.monotonic()
        with open(errors, "wb") as file:
            self.popen = subprocess.Popen(
                launch,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=file,
                env={**os.environ, **(environment or {})},
            )
        self.launcher = Process(self.popen.pid)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.look()
        for process in [self.launcher, *self.known.values()]:
            process.signal(signal.SIGKILL)
            process.close()
        self.popen.wait()

    def look(self):
        """Takes note of all processes that there are now."""
        waiting = children(self.popen.pid)
        while waiting:
            pid = waiting.pop()
            if pid not in self.known:
                try:
                    self.known[pid] = Process(pid)
                except ProcessLookupError:
                    continue
            waiting += children(pid)

    def ranks(self):
        """The ranks' pids, by rank."""
        ranks = {}
        for pid in children(self.popen.pid):
            if name_of(pid) != "bundle_match":
                continue
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    entries = dict(e.partition(b"=")[::2] for e in file.read().split(b"\0"))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
            if b"OMPI_COMM_WORLD_RANK" in entries:
                ranks[int(entries[b"OMPI_COMM_WORLD_RANK"])] = pid
        return ranks

    def fork_servers(self):
        return [c for r in self.ranks().values() for c in children(r) if name_of(c) == "bm-forkserver"]

    def compute_processes(self):
        return [c for server in self.fork_servers() for c in children(server)]

    def ended(self, within_s=0.0):
        return self.launcher.ended(within_s)

    def wait(self):
        """The exit code (negative: the signal), once all of its processes have ended."""
        self.look()
        deadline = time.monotonic() + PATIENCE_S
        if not self.launcher.ended(PATIENCE_S):
            raise Failure(f"the job hangs: {' '.join(self.launch)}\n{self.said()}")
        self.seconds = time.monotonic() - self.start
        code = self.popen.wait()
        for process in self.known.values():
            if not process.ended(max(0.0, deadline - time.monotonic())):
                raise Failure(f"process {process.pid} outlives its job\n{self.said()}")
        return code

    def said(self):
        with open(self.errors, errors="replace") as file:
            return file.read()
