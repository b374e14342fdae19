# Writes the images of the cluster's tests into a folder: make_bundle.py FOLDER.
# SPDX-License-Identifier: Apache-2.0
"""reference.png, and:

photos/  views of the same scene
gps/     views whose positions lie in a row, and others elsewhere
tall/    traps that hang a decoder with bad_decoder.so, and are matched without it
last/    such traps again, so small that they are handed out last
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "e2e"))
from make_fixtures import TRAP_WIDTH, TRAPS, crop, make_scene, save, save_trap, write_gps  # noqa: E402

# As kHangTall in bad_decoder.cpp.
TALL_TRAP = 612


def main():
    folder = sys.argv[1]
    scene = make_scene(1, (640, 720))
    save(crop(scene, 100, 100, (320, 240)), folder, "reference.png")
    for i in range(36):
        view = crop(scene.rotate(5 * i), 60 + 5 * i, 90 + 3 * i, (220, 180))
        save(view, folder, "photos", f"{i:02}.{('png', 'jpg')[i % 2]}")
    write_gps(folder, scene)
    for i in range(24):
        view = crop(scene, 80 + 15 * i, 20 + i, (TRAP_WIDTH, TALL_TRAP))
        save_trap(view, folder, "tall", f"{i:02}.png")
    for i in range(3):
        view = crop(scene, 150 + 40 * i, 150, (TRAP_WIDTH, TRAPS["hang"]))
        save_trap(view, folder, "last", f"{i}.png")


if __name__ == "__main__":
    main()
