# Writes every image that the end-to-end tests use into a folder: make_fixtures.py FOLDER.
# SPDX-License-Identifier: Apache-2.0
"""The same seeds always: two runs give the same pixels. Needs Pillow and numpy, nothing else.

photos/   a reference and views of the same scene, PNG and JPEG; all of them good
formats/  some of photos/ in formats that need OpenCV's decoders
many_features/  two images with more than 5000 features
tree/     folders within folders, files that are no images, names whose order is easily got wrong
names/    names that are bytes rather than words; all of them good images
twice/    two different images of the same name
bad/      what cannot be matched, or only just
bombs/    small files of many pixels
large/    a good image that needs some memory
exif/     one JPEG for every orientation from 0 to 9
gps/      row_0.jpg to row_3.png: 11 m apart; south_0.jpg, south_1.jpg: 9 m apart, elsewhere; no_fix.jpg: at 0 N,
          0 E; nowhere.jpg: without a position
trap/     images that tests/e2e/bad_decoder.cpp recognises by their size
lists/    lists of paths
"""

import os
import shutil
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, PngImagePlugin

SCENE_SIZE = (420, 340)
VIEW_SIZE = (320, 240)

# Width of every trap, and the height that says what the decoder does; see bad_decoder.cpp.
TRAP_WIDTH = 101
TRAPS = {
    "segfault": 11,
    "hang": 12,
    "eat_memory": 13,
    "bad_alloc": 14,
    "exit": 15,
    "abort": 16,
    "chatter": 17,
}


def make_scene(seed, size=SCENE_SIZE):
    """A synthetic photograph: shapes over noise of several scales, hundreds of SIFT features."""
    print(f"scene of {size[0]} x {size[1]} pixels, seed {seed}")
    random = np.random.RandomState(seed)
    width, height = size
    pixels = np.zeros((height, width, 3))
    for cell, strength in ((64, 60), (16, 35), (5, 25)):
        shape = (height // cell + 2, width // cell + 2, 3)
        grid = Image.fromarray(random.randint(0, 256, shape).astype(np.uint8), "RGB")
        pixels += np.asarray(grid.resize(size, Image.BICUBIC), dtype=float) * strength / 128
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGB")
    draw = ImageDraw.Draw(picture)
    for _ in range(width * height // 700):
        x, y = random.randint(0, width), random.randint(0, height)
        w, h = random.randint(3, 26, 2)
        colour = tuple(int(c) for c in random.randint(0, 256, 3))
        shape = (draw.ellipse, draw.rectangle)[random.randint(0, 2)]
        shape((x, y, x + w, y + h), fill=colour)
    return picture.filter(ImageFilter.GaussianBlur(0.7))


def crop(picture, left=50, top=50, size=VIEW_SIZE):
    return picture.crop((left, top, left + size[0], top + size[1]))


FORMATS = {"tilted.png": "tilted.bmp", "noisy.png": "noisy.tif", "mirrored.png": "mirrored.ppm"}


def views_of(scene):
    """File name and image of every photograph; the first one is the reference."""
    random = np.random.RandomState(7)
    reference = crop(scene)
    yield "reference.png", reference
    yield "cropped.png", crop(scene, 120, 80, (250, 200))
    yield "rotated.png", crop(scene.rotate(25, Image.BICUBIC))
    yield "smaller.jpg", crop(scene.resize((336, 272), Image.LANCZOS), 8, 16)
    yield "tilted.png", crop(
        scene.transform(
            scene.size,
            Image.PERSPECTIVE,
            (1.05, 0.08, -20, 0.03, 1.02, -8, 0.0003, 0.0001),
            Image.BICUBIC,
        )
    )
    noise = random.normal(0, 12, (VIEW_SIZE[1], VIEW_SIZE[0], 3))
    noisy = np.clip(np.asarray(reference, dtype=float) * 0.8 + 20 + noise, 0, 255)
    yield "noisy.png", Image.fromarray(noisy.astype(np.uint8), "RGB")
    yield "mirrored.png", reference.transpose(Image.FLIP_LEFT_RIGHT)
    yield "unrelated.jpeg", crop(make_scene(2))


def save(picture, *path, **options):
    name = os.path.join(*path)
    os.makedirs(os.path.dirname(name), exist_ok=True)
    picture.save(name, **options)
    return name


def save_trap(picture, *path):
    """A PNG with a chunk of its own kind: not one of those that are decoded without libpng."""
    chunks = PngImagePlugin.PngInfo()
    chunks.add(b"trAp", b"")
    save(picture, *path, pnginfo=chunks)


def write(data, *path):
    name = os.path.join(*path)
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "wb") as file:
        file.write(data)


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def png_chunk(kind, data):
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def write_png_bomb(path, width, height, rows):
    """A 1-bit grey PNG of width x height pixels, all black, of which `rows` rows are really there.

    Compressed row by row: the image is never in memory.
    """
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    row = b"\0" * (1 + (width + 7) // 8)
    compressor = zlib.compressobj(9)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header))
        for _ in range(rows):
            data = compressor.compress(row)
            if data:
                file.write(png_chunk(b"IDAT", data))
        file.write(png_chunk(b"IDAT", compressor.flush()))
        file.write(png_chunk(b"IEND", b""))


def write_photos(folder, scene):
    for name, view in views_of(scene):
        save(view, folder, "photos", name)
        if name in FORMATS:
            save(view, folder, "formats", FORMATS[name])
    # More features than the 5000 that are kept by default: nothing has as many as noise.
    noise = np.random.RandomState(3).randint(0, 256, (370, 370)).astype(np.uint8)
    noise = Image.fromarray(noise).filter(ImageFilter.GaussianBlur(1))
    save(noise, folder, "many_features", "one.png")
    save(noise.rotate(2, Image.BICUBIC), folder, "many_features", "other.png")


def write_tree(folder):
    tree = os.path.join(folder, "tree")
    for i, name in enumerate(
        # Bytewise: capitals before small letters, "sub-x/" before "sub/", "10" before "9".
        ("b.png", "a.jpg", "Z.PNG", "9.png", "10.png", "sub/c.png", "sub/deeper/d.jpg", "sub-x/e.png")
    ):
        save(make_scene(20 + i, (96, 80)), tree, name, format="JPEG" if name.endswith("jpg") else "PNG")
    write(b"no image\n", tree, "notes.txt")
    write(b"no extension\n", tree, "README")
    write(b"no image\n", tree, "sub", "notes.md")
    os.mkdir(os.path.join(tree, "folder.png"))
    os.mkdir(os.path.join(folder, "empty"))
    write(b"no image\n", folder, "no_images", "notes.txt")
    # A folder that contains itself.
    save(make_scene(30, (96, 80)), folder, "loop", "only.png")
    os.symlink(".", os.path.join(folder, "loop", "again"))


ODD_NAMES = (
    b" leading space.png",
    b"$(echo).png",
    b"-dash.png",
    b"[1].png",
    b"back\\slash.png",
    b"back\\nslash-n.png",
    b"carriage\rreturn.png",
    b"comma,comma.png",
    b"double\"quote.png",
    b"latin1-\xe9.png",
    b"new\nline.png",
    b"not-utf8-\xff\xfe.png",
    b"single'quote.png",
    b"star*.png",
    b"tab\tstop.png",
    b"utf8-\xc3\xa9.png",
    b"with space.png",
)


def write_names(folder):
    names = os.path.join(folder, "names")
    os.mkdir(names)
    picture = os.path.join(folder, "picture.png")
    for i, name in enumerate(ODD_NAMES):
        save(make_scene(40 + i, (96, 80)), picture)
        os.rename(os.fsencode(picture), os.path.join(os.fsencode(names), name))
    save(make_scene(60, (128, 96)), folder, "twice", "a", "same.png")
    save(make_scene(61, (128, 96)), folder, "twice", "b", "same.png")


def write_bad(folder, scene):
    bad = os.path.join(folder, "bad")
    grey = np.asarray(crop(scene).convert("L"), dtype=np.uint32)
    save(Image.fromarray((grey * 257).astype(np.uint16)), bad, "sixteen_bit.png")
    save(crop(scene).quantize(16), bad, "palette.png")
    alpha = crop(scene).convert("RGBA")
    alpha.putalpha(Image.linear_gradient("L").resize(VIEW_SIZE))
    save(alpha, bad, "alpha.png")
    save(crop(scene).convert("CMYK"), bad, "cmyk.jpg", quality=90)
    save(Image.new("L", (1, 1), 128), bad, "one_pixel.png")
    save(Image.new("RGB", (200, 160), (90, 120, 150)), bad, "constant.png")
    write(b"", bad, "zero_bytes.png")
    write(b"This is not an image, whatever its name says.\n", bad, "text.png")
    whole = os.path.join(bad, "whole.jpg")
    save(crop(scene), whole, quality=90)
    jpeg = read(whole)
    os.remove(whole)
    write(jpeg[: len(jpeg) // 2], bad, "truncated.jpg")
    write(jpeg[:20], bad, "header_only.jpg")
    png = read(folder, "photos", "reference.png")
    write(png[: len(png) // 2], bad, "truncated.png")
    write(png[:20], bad, "header_only.png")
    flipped = bytearray(png)
    flipped[len(png) // 2] ^= 0xFF
    write(bytes(flipped), bad, "bit_rot.png")
    os.mkdir(os.path.join(bad, "directory.png"))
    save(Image.new("L", (1000, 1000), 100), folder, "large", "megapixel.png")
    os.makedirs(os.path.join(folder, "bombs"))
    # Whole (110 KB: deflate makes no more than a thousandth of zeros), and in a few kilobytes.
    write_png_bomb(os.path.join(folder, "bombs", "whole.png"), 30000, 30000, 30000)
    write_png_bomb(os.path.join(folder, "bombs", "small.png"), 30000, 30000, 500)
    # A header that the product's header reader may not know: 900 megapixels in 20 bytes.
    write(b"P5\n30000 30000\n255\n", folder, "bombs", "tiny.pgm")


def write_exif(folder, scene):
    for orientation in range(10):
        exif = Image.Exif()
        exif[0x0112] = orientation
        save(
            crop(scene, size=(240, 160)),
            folder,
            "exif",
            f"orientation_{orientation}.jpg",
            quality=90,
            exif=exif.tobytes(),
        )


def degrees(angle):
    """Degrees, minutes and seconds, as EXIF has them."""
    seconds = abs(angle) * 3600
    return seconds // 3600, seconds // 60 % 60, seconds % 60


def write_gps(folder, scene):
    places = {
        "row_0.jpg": (48.1, 11.5),
        "row_1.jpg": (48.1001, 11.5),
        "row_2.webp": (48.1002, 11.5),
        "row_3.png": (48.1003, 11.5),
        "south_0.jpg": (-33.4, -70.6),
        "south_1.jpg": (-33.4, -70.6001),
        "no_fix.jpg": (0, 0),
        "nowhere.jpg": None,
    }
    for i, (name, place) in enumerate(places.items()):
        exif = Image.Exif()
        if place is not None:
            latitude, longitude = place
            exif[0x8825] = {
                1: "S" if latitude < 0 else "N",
                2: degrees(latitude),
                3: "W" if longitude < 0 else "E",
                4: degrees(longitude),
            }
        save(crop(scene, left=5 * i, size=(240, 160)), folder, "gps", name, exif=exif.tobytes())


def write_traps(folder):
    random = np.random.RandomState(5)
    for name, height in TRAPS.items():
        noise = random.randint(0, 256, (height, TRAP_WIDTH)).astype(np.uint8)
        save_trap(Image.fromarray(noise), folder, "trap", name + ".png")


def write_lists(folder):
    photos = [f"photos/{name}" for name in ("rotated.png", "cropped.png", "smaller.jpg")]
    write("".join(f"{path}\n" for path in photos).encode(), folder, "lists", "photos.txt")
    write("\n".join(photos).encode(), folder, "lists", "no_final_newline.txt")
    names = b"".join(b"names/" + name + b"\0" for name in ODD_NAMES)
    write(names, folder, "lists", "names.null")
    dashes = b"".join(name + b"\0" for name in ODD_NAMES)
    write(dashes, folder, "lists", "bare_names.null")
    write(b"", folder, "lists", "empty.txt")
    write(b"\n\n", folder, "lists", "blank.txt")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_fixtures.py FOLDER")
    folder = os.path.abspath(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    scene = make_scene(1)
    write_photos(folder, scene)
    write_tree(folder)
    write_names(folder)
    write_bad(folder, scene)
    write_exif(folder, scene)
    write_gps(folder, scene)
    write_traps(folder)
    write_lists(folder)


if __name__ == "__main__":
    main()
