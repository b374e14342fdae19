# Images of known truth: views of scenes, which are parts of photographs.
# SPDX-License-Identifier: Apache-2.0
import pathlib
import re

import numpy
from PIL import Image

from launching import PHOTOGRAPHS

SIZE = (480, 360)


def find_photographs(folders):
    """Paths of those that hold several scenes. Of one that is there in several sizes (named WIDTHxHEIGHT) the
    largest."""
    found = {}
    for folder in folders:
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if path.suffix.lower() not in (".jpg", ".jpeg", ".png") or path.is_symlink():
                continue
            with Image.open(path) as image:
                area = image.width * image.height
                large = image.width >= 1.5 * SIZE[0] and image.height >= 1.5 * SIZE[1]
            key = path.parent if re.fullmatch(r"\d+x\d+", path.stem) else path
            if large and area > found.get(key, (0, None))[0]:
                found[key] = (area, path)
    return [path for _, path in found.values()]


def scenes_of(photographs):
    """Parts of photographs that do not overlap, as pictures somewhat larger than a view; mirrored, too, as SIFT does
    not know a scene by its mirror image."""
    width, height = (int(1.5 * side) for side in SIZE)
    for path in photographs:
        picture = Image.open(path).convert("L")
        for top in range(0, picture.height - height + 1, height):
            for left in range(0, picture.width - width + 1, width):
                scene = picture.crop((left, top, left + width, top + height))
                pixels = numpy.asarray(scene, numpy.int16)
                if numpy.abs(numpy.diff(pixels)).mean() > 1:  # no sky, no plain colour
                    yield from (scene, scene.transpose(Image.Transpose.FLIP_LEFT_RIGHT))


def perspective(corners_from, corners_to):
    """The eight coefficients that Pillow takes, of the mapping between two quadrangles."""
    rows, values = [], []
    for (x, y), (u, v) in zip(corners_from, corners_to):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return numpy.linalg.solve(numpy.array(rows), numpy.array(values))


def view_of(scene, chance):
    angle, scale = chance.uniform(-0.3, 0.3), chance.uniform(0.8, 1.25)
    middle = numpy.array([scene.width / 2, scene.height / 2])
    middle = middle + [chance.uniform(-40, 40), chance.uniform(-40, 40)]
    turn = scale * numpy.array([[numpy.cos(angle), -numpy.sin(angle)], [numpy.sin(angle), numpy.cos(angle)]])
    half = numpy.array(SIZE) / 2
    corners = [(0, 0), (SIZE[0], 0), SIZE, (0, SIZE[1])]
    seen = [turn @ (numpy.array(corner) - half) + middle + [chance.uniform(-40, 40), chance.uniform(-40, 40)]
            for corner in corners]
    view = scene.transform(SIZE, Image.Transform.PERSPECTIVE, perspective(corners, seen), Image.Resampling.BILINEAR)
    gain, offset = chance.uniform(0.7, 1.2), chance.uniform(-20, 20)
    return view.point(lambda value: gain * value + offset)


def add_photographs_argument(parser):
    parser.add_argument("--photographs", nargs="+",
                        default=["/usr/share/backgrounds", "/usr/share/wallpapers", PHOTOGRAPHS],
                        help="folders, with those below them (of the packages mate-backgrounds, "
                        "gnome-backgrounds, plasma-workspace-wallpapers, opencv-doc)")
