# A file system of 1 MB that fills up during the run. Mounted in a mount namespace of its own.
# SPDX-License-Identifier: Apache-2.0
import os
import subprocess

from bundle import Bundle
from job import Failure

FOLDER_FOR_MOUNT = "full"
PAGE_KIB = 4


def why_not_mountable(work):
    """Why this machine lets us make no file system; nothing if it does."""
    folder = os.path.join(work, FOLDER_FOR_MOUNT)
    os.makedirs(folder, exist_ok=True)
    probe = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "bundle_match_full", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    return probe.stderr.strip() if probe.returncode else None


def test_full_disk(bundle):
    """With ever more room, a page at a time, until it is enough: so first the journal does not fit,
    then FILE. This process is in a mount namespace of its own already: see scripts/test_faults.sh."""
    folder = os.path.join(bundle.work, FOLDER_FOR_MOUNT)
    small = Bundle(bundle.binary, bundle.images, folder, bundle.launcher)
    small.errors = bundle.errors  # elsewhere: that must not be what fills it
    small.expected = bundle.expected
    messages = set()
    filler = os.path.join(folder, "filler")
    try:
        for room_kib in range(0, 1024, PAGE_KIB):
            small.clear()
            space = os.statvfs(folder)
            free = space.f_bavail * space.f_frsize
            with open(filler, "wb") as file:
                file.write(bytes(free - room_kib * 1024))
            with small.job() as job:
                code, said = job.wait(), job.said()
            if code == 0 and room_kib > 2 * PAGE_KIB:
                small.check_output(f"full disk, {room_kib} KiB")
                print(f"  {room_kib} KiB of room: enough")
                break
            errors = [line for line in said.splitlines() if line.startswith("bundle_match: error")]
            if code != 2 or len(errors) != 1 or "No space left on device" not in errors[0]:
                raise Failure(f"full disk, {room_kib} KiB: exit code {code}\n{said}")
            if os.path.exists(small.output):
                raise Failure(f"full disk, {room_kib} KiB: FILE is there, though it cannot be whole")
            messages.add(errors[0].split(": ", 2)[2].replace(folder, "..."))
            kept = small.results()
            os.remove(filler)
            small.run()
            small.check_output(f"full disk, {room_kib} KiB")
            print(f"  {room_kib} KiB of room: exit code 2, {kept} results kept; same bytes with room again")
        for message in sorted(messages):
            print(f"  it says: {message}", flush=True)
    finally:
        subprocess.run(["umount", folder], check=False)
