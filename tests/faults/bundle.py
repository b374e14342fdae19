# The run that all fault tests disturb, and what must hold of its journal.
# SPDX-License-Identifier: Apache-2.0
import os
import time

from job import PATIENCE_S, Failure, Job


class Bundle:
    def __init__(self, binary, images, work, launcher=("mpirun",)):
        self.binary = binary
        self.images = images
        self.reference = os.path.join(images, "00.png")
        self.work = work
        self.launcher = list(launcher)
        self.output = os.path.join(work, "counts.csv")
        self.journal = self.output + ".journal"
        self.errors = os.path.join(work, "errors")
        self.expected = b""

    def line(self, ranks, options=(), inputs=None, launcher_options=(), prefix=()):
        return [
            *self.launcher,
            *launcher_options,
            "-n",
            str(ranks),
            *prefix,
            self.binary,
            *options,
            "-r",
            self.reference,
            "-o",
            self.output,
            *(inputs or [self.images]),
        ]

    def job(self, ranks=3, **options):
        return Job(self.line(ranks, **options), self.errors)

    def clear(self):
        for name in os.listdir(self.work):
            if name.startswith("counts.csv"):
                os.remove(os.path.join(self.work, name))

    def run(self, ranks=3, codes=(0,), **options):
        """A run that nothing disturbs; it must end with one of these exit codes."""
        with self.job(ranks, **options) as job:
            code = job.wait()
            if code not in codes:
                raise Failure(f"exit code {code}, not {codes}\n{job.said()}")
            return job

    def read(self):
        with open(self.output, "rb") as file:
            return file.read()

    def undisturbed(self):
        self.clear()
        self.run()
        self.expected = self.read()

    def check_output(self, what):
        if self.read() != self.expected:
            raise Failure(f"{what}: other bytes than those of the undisturbed run")

    def records(self):
        """Kind and path of every whole record in the journal."""
        try:
            with open(self.journal, "rb") as file:
                lines = file.read().split(b"\n")[:-1]
        except FileNotFoundError:
            return []
        fields = [line.split(b"\t") for line in lines]
        return [(f[1].decode(), f[2] if len(f) > 2 else b"") for f in fields if len(f) > 1]

    def results(self):
        return sum(kind == "R" for kind, _ in self.records())

    def wait_for_results(self, job, count):
        """Until that many images are done; whether the job still runs then."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.results() >= count:
                return not job.ended()
            if job.ended(0.002):
                return False
        raise Failure(f"never {count} results\n{job.said()}")

    def check_journal(self, what):
        """No image was computed twice: one result each, none handed out after its result. Returns how
        many were handed out more than once, as they were under way when something was killed."""
        handed_out, done = {}, set()
        for kind, path in self.records():
            if kind in "AR" and path in done:
                raise Failure(f"{what}: {path.decode()} was computed twice")
            if kind == "A":
                handed_out[path] = handed_out.get(path, 0) + 1
            if kind == "R":
                done.add(path)
        if len(done) != len(handed_out):
            raise Failure(f"{what}: {len(handed_out)} images handed out, {len(done)} done")
        return sum(count > 1 for count in handed_out.values())
