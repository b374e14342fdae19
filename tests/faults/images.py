# The bundle of the fault tests: images.py FOLDER.
# SPDX-License-Identifier: Apache-2.0
"""47 views of one synthetic scene, of different sizes, the first of them the reference. The same
seeds always: two runs give the same pixels."""

import os
import sys

import numpy as np
from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from make_fixtures import crop, make_scene  # noqa: E402

IMAGES = 47


def make_images(folder):
    os.makedirs(folder)
    scene = make_scene(47, (900, 700))
    random = np.random.RandomState(47)
    for number in range(IMAGES):
        width, height = random.randint(240, 480), random.randint(180, 360)
        turned = scene.rotate(random.randint(-20, 20), Image.BICUBIC)
        left, top = random.randint(150, 850 - width), random.randint(120, 650 - height)
        view = crop(turned, left, top, (width, height))
        # One for which a rank loads OpenCV's decoders.
        extension = "bmp" if number == 20 else ("png", "jpg")[number % 2]
        view.save(os.path.join(folder, f"{number:02}.{extension}"))


if __name__ == "__main__":
    make_images(sys.argv[1])
