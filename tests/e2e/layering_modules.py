# The table of modules, read from the calls of bundle_match_module in src/*/CMakeLists.txt.
# SPDX-License-Identifier: Apache-2.0
"""Each folder of src/ that holds a CMakeLists.txt with such a call is a module; so is a folder inside another
module that has a call of its own (src/features/sift).
"""

import dataclasses
import os
import re

# CMake target: the headers that it brings, as prefixes of what is written between <>.
LIBRARIES = {
    "Boost::headers": ("boost/accumulators", "boost/archive/iterators", "boost/version"),
    "Boost::mpi": ("boost/mpi", "boost/serialization"),
    "Boost::serialization": ("boost/archive", "boost/mpl", "boost/serialization"),
    "CLI11::CLI11": ("CLI",),
    "JPEG::JPEG": ("jerror", "jpeglib"),
    "MPI::MPI_CXX": ("mpi", "mpi-ext"),
    "PNG::PNG": ("png",),
    "PkgConfig::exiv2": ("exiv2",),
    "PkgConfig::libdeflate": ("libdeflate",),
    "PkgConfig::libseccomp": ("seccomp",),
    "PkgConfig::libzip": ("zip",),
    "PkgConfig::sqlite3": ("sqlite3",),
    "PkgConfig::xxhash": ("xxhash",),
    "Threads::Threads": ("thread", "future"),
    "fmt::fmt": ("fmt",),
    "nlohmann_json::nlohmann_json": ("nlohmann",),
    "opencv_calib3d": ("opencv2/calib3d",),
    "opencv_core": ("opencv2/core",),
    "opencv_features2d": ("opencv2/features2d",),
    "opencv_imgcodecs": ("opencv2/imgcodecs",),
    "opencv_imgproc": ("opencv2/imgproc",),
    "spdlog::spdlog": ("spdlog",),
}

OURS = "bundle_match::"
KEYWORDS = ("SOURCES", "DEPENDS", "PRIVATE_DEPENDS")


@dataclasses.dataclass(frozen=True)
class Module:
    name: str  # "sift" is bundle_match::sift
    folder: str  # below src/, "features/sift"
    public: frozenset  # targets of DEPENDS
    private: frozenset  # targets of PRIVATE_DEPENDS

    def links(self):
        return self.public | self.private


def calls(text):
    """The arguments of every bundle_match_module(...), as lists of words."""
    text = re.sub(r"#.*", "", text)
    return [match.group(1).split() for match in re.finditer(r"\bbundle_match_module\(([^()]*)\)", text)]


def read_call(words, folder):
    lists = {keyword: [] for keyword in KEYWORDS}
    current = None
    for word in words[1:]:
        if word in lists:
            current = word
        elif current:
            lists[current].append(word)
    return Module(words[0], folder, frozenset(lists["DEPENDS"]), frozenset(lists["PRIVATE_DEPENDS"]))


def read_modules(root):
    """The modules of a checkout, by folder."""
    source = os.path.join(root, "src")
    modules = {}
    for folder, _, names in os.walk(source):
        if folder != source and "CMakeLists.txt" in names:
            with open(os.path.join(folder, "CMakeLists.txt"), encoding="utf-8") as file:
                found = calls(file.read())
            below = os.path.relpath(folder, source).replace(os.sep, "/")
            modules.update((below, read_call(words, below)) for words in found)
    return modules


def drawing(modules):
    """What includes what, a line a module: those above may include those below, never the other way."""
    below = {module.name: sorted(name.removeprefix(OURS) for name in module.links() if name.startswith(OURS))
             for module in modules.values()}

    def height(name):
        return 1 + max(map(height, below[name]), default=0)

    width = max(map(len, below))
    order = sorted(below, key=lambda name: (-height(name), name))
    return [f"{name:{width}} {'─► ' + ' '.join(below[name]) if below[name] else ''}".rstrip() for name in order]


def module_of(modules, below):
    """The module that a path below src/ or include/bundle_match/ belongs to, or None. The innermost folder
    counts; the header features/sift.hpp belongs to the module in features/sift/."""
    below = re.sub(r"\.hpp$", "", below)
    owners = [folder for folder in modules if below == folder or below.startswith(folder + "/")]
    return modules[max(owners, key=len)] if owners else None


def is_below(header, prefix):
    return header == prefix or header.startswith((prefix + "/", prefix + "."))


def libraries_of(header):
    """The targets that bring a header; none for those of C, C++ and the operating system."""
    return {target for target, prefixes in LIBRARIES.items() for prefix in prefixes if is_below(header, prefix)}
