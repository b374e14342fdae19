# How the benchmarks start mpirun, also as root, and with more ranks than cores; and on what images.
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib

PHOTOGRAPHS = "/usr/share/doc/opencv-doc/examples/data"


def environment():
    env = dict(os.environ, OMPI_MCA_rmaps_base_oversubscribe="1")
    if os.geteuid() == 0:
        env.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    return env


def add_bundle_arguments(parser):
    """The reference, and a list of images that is as long as a benchmark needs it."""
    parser.add_argument("--reference", default=f"{PHOTOGRAPHS}/left01.jpg")
    parser.add_argument("--images", nargs="+", default=None, help="default: the left*.jpg and "
                        "right*.jpg of opencv-doc, each many times")
    parser.add_argument("--repeat", type=int, default=8, help="times each image is listed")


def write_list(listing, arguments):
    """Writes the list to the file; the number of images."""
    images = arguments.images or sorted(
        map(str, [*pathlib.Path(PHOTOGRAPHS).glob("left*.jpg"),
                  *pathlib.Path(PHOTOGRAPHS).glob("right*.jpg")]))
    pathlib.Path(listing).write_text("\n".join(images * arguments.repeat) + "\n")
    return len(images) * arguments.repeat
