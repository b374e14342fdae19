#!/usr/bin/env python3
# What --similar finds, and what it costs: similar_bench.py build/bundle_match
# SPDX-License-Identifier: Apache-2.0
"""Makes images of known truth: groups of views of one scene (a part of a photograph; turned, scaled, seen from the
side, brighter or darker) among single ones. Then prints how many of the pairs of a group that geometry confirms
are among those that --similar chooses, how long choosing took beside describing, and whether the chosen pairs are
the same for each number of ranks. With --all-pairs N, geometry is tried on all pairs of the first N images, too:
how many it confirms that are of no group.
"""

import argparse
import csv
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

from launching import environment
from views import add_photographs_argument, find_photographs, scenes_of, view_of

LARGEST_GROUP = 20
SINGLES = 0.1  # of all images


def different_scenes(binary, folder, photographs):
    """Without those that show what another one shows: photographs may be of one place, or share a texture."""
    scenes = list(scenes_of(photographs))
    os.mkdir(f"{folder}/scenes")
    for i, scene in enumerate(scenes):
        scene.save(f"{folder}/scenes/{i:06}.png")
    alike = {pair[1] for pair in confirmed(binary, folder, ["--all-pairs", f"{folder}/scenes"])}
    return [scene for i, scene in enumerate(scenes) if i not in alike]


def make_images(folder, count, scenes):
    """Writes the images; of each group the positions of its images in their order."""
    chance = random.Random(20261128)
    chance.shuffle(scenes)
    sizes = [1] * int(SINGLES * count)
    while sum(sizes) < count:
        sizes.append(min(chance.randint(2, LARGEST_GROUP), count - sum(sizes)))
    if len(sizes) > len(scenes):
        sys.exit(f"{count} images are of {len(sizes)} scenes, and the photographs have {len(scenes)}: name more")
    owners = [group for group, size in enumerate(sizes) for _ in range(size)]
    chance.shuffle(owners)
    groups = [[] for _ in sizes]
    for position, group in enumerate(owners):
        view_of(scenes[group], chance).save(f"{folder}/{position:06}.jpg", quality=90)
        groups[group].append(position)
    return [group for group in groups if len(group) > 1]


def run(binary, ranks, folder, output, options):
    """What the command says."""
    return subprocess.run(
        ["mpirun", "-n", str(ranks), binary, "--nfeatures", "500", "--cache", f"{folder}/cache", "--overwrite",
         "--progress", "never", "-o", output, *options], env=environment(), check=True, stderr=subprocess.PIPE,
        text=True).stderr


def confirmed(binary, folder, options):
    """Pairs of positions that have a geometry."""
    run(binary, os.cpu_count(), folder, f"{folder}/confirmed.csv",
        ["--ratio", "0.8", "--verify", "homography", *options])
    with open(f"{folder}/confirmed.csv", newline="") as file:
        return {tuple(sorted(int(pathlib.Path(row[name]).stem) for name in ("reference", "path")))
                for row in csv.DictReader(file) if row["model"]}


def number(pattern, text):
    return float(re.search(pattern, text).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", help="bundle_match")
    add_photographs_argument(parser)
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--similar", type=int, default=20)
    parser.add_argument("--ranks", type=int, nargs="+", default=[1, 2, 3, 5])
    parser.add_argument("--all-pairs", type=int, default=0, metavar="N")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        images = f"{folder}/images"
        os.mkdir(images)
        scenes = different_scenes(chosen.binary, folder, find_photographs(chosen.photographs))
        groups = make_images(images, chosen.images, scenes)
        print(f"{chosen.images} images, {len(groups)} groups of {min(map(len, groups))} to {max(map(len, groups))}",
              flush=True)
        said, bytes_of, pairs = "", {}, f"{folder}/similar.txt"
        for ranks in chosen.ranks:
            options = ["--similar", str(chosen.similar), "--save-similar", pairs, images]
            if not said:  # without a cache, for the time
                said = run(chosen.binary, os.cpu_count(), folder, f"{folder}/similar.csv", ["--cache", "", *options])
            run(chosen.binary, ranks, folder, f"{folder}/similar.csv", options)
            bytes_of[ranks] = (pathlib.Path(pairs).read_bytes(), pathlib.Path(f"{folder}/similar.csv").read_bytes())
        print(f"the same pairs and rows for -n {', '.join(map(str, bytes_of))}: {len(set(bytes_of.values())) == 1}")
        describing = number(r"describing ([0-9.]+) s", said)
        choosing = number(r"chosen among .* in ([0-9.]+) s", said)
        print(f"describing {describing:.2f} s on {os.cpu_count()} ranks, choosing {choosing:.2f} s: "
              f"{100 * choosing / describing:.2f} %")
        found = {tuple(sorted(int(pathlib.Path(path).stem) for path in line.split()[:2]))
                 for line in pathlib.Path(pairs).read_text().splitlines()}
        with open(f"{folder}/groups.txt", "w") as file:
            for group in groups:
                for i, a in enumerate(group):
                    file.writelines(f"{images}/{a:06}.jpg {images}/{b:06}.jpg\n" for b in group[i + 1:])
        truth = confirmed(chosen.binary, folder, ["--pairs", f"{folder}/groups.txt"])
        print(f"of {len(truth)} pairs of a group that geometry confirms, {len(truth & found)} are chosen: "
              f"{100 * len(truth & found) / len(truth):.2f} %")
        if chosen.all_pairs:
            first = [f"{images}/{i:06}.jpg" for i in range(chosen.all_pairs)]
            all_pairs = confirmed(chosen.binary, folder, ["--all-pairs", *first])
            of_groups = {pair for pair in truth if pair[1] < chosen.all_pairs}
            print(f"all pairs of the first {chosen.all_pairs}: {len(all_pairs)} confirmed, "
                  f"{len(all_pairs - of_groups)} of them of no group, {len(all_pairs & found)} chosen")


if __name__ == "__main__":
    main()
