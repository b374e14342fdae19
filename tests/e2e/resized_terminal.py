# A command on a terminal that is made narrower while it runs: resized_terminal.py COMMAND...
# SPDX-License-Identifier: Apache-2.0
"""Succeeds if its line of progress fills more than 50 of 100 columns, and then, with 30 columns, at most 29."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios

WIDE, NARROW, FILLED = 100, 30, 50
LINE = re.compile(rb"(?:^|\r|\x1b\[K)([^\r\n\x1b]*\d+/\d+ images[^\r\n\x1b]*)\r?")


def set_columns(terminal, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


def read_until(terminal, fits):
    """Whether a line of progress has come that fits; shows what was read."""
    seen = b""
    while select.select([terminal], [], [], 120)[0]:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        seen += piece
        # The last one may not be whole yet.
        if any(fits(len(line)) for line in LINE.findall(seen)[:-1]):
            return True
    print(seen)
    return False


def main():
    go, ready = os.pipe()
    pid, terminal = pty.fork()
    if pid == 0:
        os.read(go, 1)
        os.execvp(sys.argv[1], sys.argv[1:])
    try:
        set_columns(terminal, WIDE)
        os.write(ready, b"x")
        wide = read_until(terminal, lambda columns: FILLED < columns < WIDE)
        set_columns(terminal, NARROW)
        narrow = wide and read_until(terminal, lambda columns: 0 < columns < NARROW)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    sys.exit(0 if narrow else 1)


if __name__ == "__main__":
    main()
