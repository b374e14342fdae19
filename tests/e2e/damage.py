# Damages a file at random: damage.py SEED FILE DAMAGED_FILE.
# SPDX-License-Identifier: Apache-2.0
"""The same seed makes the same damage: a flipped bit, overwritten, missing, doubled or added bytes,
or zeros to the end, as after a loss of power."""

import random
import sys


def damage(data, rng):
    data = bytearray(data)
    at = rng.randrange(len(data))
    length = rng.randint(1, 40)
    kind = rng.randrange(6)
    if kind == 0:
        data[at] ^= 1 << rng.randrange(8)
    elif kind == 1:
        data[at : at + length] = rng.randbytes(length)
    elif kind == 2:
        del data[at : at + length]
    elif kind == 3:
        data[at:at] = data[at : at + 4 * length]
    elif kind == 4:
        data[at:at] = rng.randbytes(length)
    else:
        data[at:] = bytes(len(data) - at)
    return bytes(data)


def main():
    seed, source, target = sys.argv[1:]
    with open(source, "rb") as file:
        data = file.read()
    with open(target, "wb") as file:
        file.write(damage(data, random.Random(int(seed))))


if __name__ == "__main__":
    main()
