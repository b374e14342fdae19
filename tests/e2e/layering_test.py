# Checks that every folder includes only what the architecture allows: layering_test.py CHECKOUT.
# SPDX-License-Identifier: Apache-2.0
"""The table below is the one of the project's architecture. First the check is shown broken trees, one for
each rule, to see that it can fail; then the checkout.
"""

import os
import re
import sys
import tempfile

# folder: (folders whose headers it may include, libraries that it may include)
MODULES = {
    "core": ((), ()),
    "matching": ((), ()),
    "posix": ((), ("xxhash",)),
    "wire": (("core",), ("boost/archive", "boost/serialization", "boost/iostreams")),
    "features": (("core", "posix"), ("opencv2", "exiv2", "libdeflate", "xxhash")),
    "cache": (("core", "posix"), ("fmt", "xxhash")),
    "geometry": (("core",), ("opencv2",)),
    "drawing": (("core",), ("opencv2",)),
    "compute": (
        ("core", "matching", "features", "geometry", "drawing", "cache", "posix", "wire"),
        ("opencv2", "fmt", "xxhash"),
    ),
    "transport": (("core", "wire"), ("boost/mpi", "boost/serialization", "mpi.h", "mpi-ext.h")),
    "results": (("core", "posix"), ("boost/archive", "fmt", "nlohmann")),
    "exports": (("core", "features", "posix"), ("fmt", "sqlite3.h", "zip.h", "xxhash.h")),
    "report": (("core",), ("boost/archive", "fmt", "nlohmann")),
    "app": (
        (
            *("core", "matching", "posix", "wire", "features", "geometry", "cache", "compute"),
            *("drawing", "transport", "results", "exports", "report"),
        ),
        ("opencv2", "boost", "mpi.h", "fmt", "spdlog", "nlohmann", "CLI"),
    ),
}

# Nothing but C++'s own library may stand here; kernels need intrinsics, and to ask for the CPU, arrays of
# millions large pages.
MEMORY_HEADERS = ("sys/mman.h", "unistd.h")
KERNEL_HEADERS = ("immintrin.h", "cpuid.h", "arm_neon.h", "asm/hwcap.h", "sys/auxv.h")
STANDARD_ONLY = {"core": MEMORY_HEADERS, "matching": KERNEL_HEADERS}

# Headers of these name no type of OpenCV or Boost.
CLEAN_HEADERS = ("core", "matching", "cache", "results", "exports", "report")
FOREIGN_NAME = re.compile(r"\b(cv|boost)\s*::|\bMPI_\w+")

INCLUDE = re.compile(r'^\s*#\s*include\s*(<[^>]+>|"[^"]+")')
COMMENT = re.compile(r"//.*?$|/\*.*?\*/", re.DOTALL | re.MULTILINE)
SOURCE_NAMES = (".cpp", ".hpp", ".h", ".cc", ".ipp", ".inl")


def source_files(root):
    """(folder of the table, path relative to root) of every source and header."""
    for base in ("include/bundle_match", "src"):
        for folder, _, names in sorted(os.walk(os.path.join(root, base))):
            for name in sorted(names):
                if name.endswith(SOURCE_NAMES):
                    path = os.path.relpath(os.path.join(folder, name), root)
                    yield path[len(base) + 1 :].split(os.sep)[0], path


def is_standard(header):
    return re.fullmatch(r"[a-z_0-9]+", header) is not None


def is_system(header):
    """A header of C or of the operating system."""
    folder = r"(sys/|linux/|netinet/|arpa/)?"
    return not header.startswith("mpi") and re.fullmatch(folder + r"\w+\.h", header) is not None


def is_below(header, library):
    return header == library or header.startswith(library + "/") or header.startswith(library + ".")


def include_problem(root, module, path, header, quoted):
    folders, libraries = MODULES[module]
    if is_below(header, "bundle_match"):
        target = header.split("/")[1]
        return None if target in (module, *folders) else f"may not include {target}/"
    if quoted:
        # Beside the file, or in its folder of src/ (which is what the build puts on the path).
        places = (os.path.dirname(path), os.path.join("src", module))
        if ".." in header.split("/"):
            return "leaves its folder"
        if any(os.path.isfile(os.path.join(root, place, header)) for place in places):
            return None
        return "is no header of this folder"
    if is_standard(header):
        return None
    if module in STANDARD_ONLY:
        return None if header in STANDARD_ONLY[module] else "is not of the standard library"
    if is_system(header) or any(is_below(header, library) for library in libraries):
        return None
    return "is a library that this folder may not use"


def check_file(root, module, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        text = file.read()
    if module not in MODULES:
        yield f"{path}: the folder {module}/ is not in the architecture"
        return
    code = COMMENT.sub("", text)
    for line in code.splitlines():
        found = INCLUDE.match(line)
        if found:
            header, quoted = found.group(1)[1:-1], found.group(1)[0] == '"'
            problem = include_problem(root, module, path, header, quoted)
            if problem:
                yield f"{path}: {found.group(1)} {problem}"
    if module in CLEAN_HEADERS and not path.endswith(".cpp"):
        for name in sorted({match.group(0) for match in FOREIGN_NAME.finditer(code)}):
            yield f"{path}: names {name} in a header of {module}/"
        for library in ("opencv2", "boost"):
            if re.search(rf'#\s*include\s*[<"]{library}\b', code):
                yield f"{path}: includes {library} in a header of {module}/"


def check(root):
    problems, seen = [], set()
    for module, path in source_files(root):
        seen.add(module)
        problems += check_file(root, module, path)
    problems += [f"no file of {module}/ was found" for module in MODULES if module not in seen]
    return problems


# Each is wrong in one way: the file, its content, and a word of the complaint.
BROKEN = (
    ("include/bundle_match/core/a.hpp", '#include "bundle_match/matching/b.hpp"', "matching/"),
    ("src/core/a.cpp", "#include <fmt/format.h>", "standard library"),
    ("src/core/a.cpp", "#include <fcntl.h>", "standard library"),
    ("src/matching/a.cpp", '#include "bundle_match/core/b.hpp"', "core/"),
    ("src/matching/avx2/a.cpp", "#include <opencv2/core.hpp>", "standard library"),
    ("src/wire/a.cpp", '#include "bundle_match/features/b.hpp"', "features/"),
    ("src/wire/a.cpp", "#include <boost/mpi.hpp>", "library"),
    ("src/features/a.cpp", '#include "bundle_match/wire/b.hpp"', "wire/"),
    ("src/cache/a.cpp", '#include "bundle_match/features/b.hpp"', "features/"),
    ("src/compute/a.cpp", "#include <mpi.h>", "library"),
    ("src/compute/a.cpp", '#include "bundle_match/transport/b.hpp"', "transport/"),
    ("src/transport/a.cpp", '#include "bundle_match/compute/b.hpp"', "compute/"),
    ("src/transport/a.cpp", "#  include <opencv2/core.hpp>", "library"),
    ("src/results/a.cpp", '#include "bundle_match/wire/b.hpp"', "wire/"),
    ("src/results/a.cpp", '#include "../app/b.hpp"', "leaves"),
    ("src/results/a.cpp", '#include "b.hpp"', "no header of this folder"),
    ("src/compute/a.cpp", "#include <bundle_match/app/b.hpp>", "app/"),
    ("src/exports/a.cpp", '#include "bundle_match/results/b.hpp"', "results/"),
    ("src/report/a.cpp", '#include "bundle_match/results/b.hpp"', "results/"),
    ("src/helpers/a.cpp", "", "not in the architecture"),
    ("include/bundle_match/results/a.hpp", "#include <boost/any.hpp>", "boost"),
    ("include/bundle_match/core/a.hpp", "namespace cv { class Mat; } void f(cv::Mat&);", "cv::"),
    ("include/bundle_match/matching/a.hpp", "void f(boost::mpi::communicator&);", "boost::"),
)

# None of these is wrong.
FINE = {
    "src/core/a.cpp": '#include "bundle_match/core/a.hpp"\n#include <vector>\n// cv::Mat, <mpi.h>\n',
    "include/bundle_match/core/a.hpp": "/* #include <boost/any.hpp> */\n#include <cstdint>\n",
    "src/matching/avx2/a.cpp": '#include "tiles.hpp"\n#include <immintrin.h>\n',
    "src/matching/avx2/tiles.hpp": "",
    "src/wire/a.cpp": "#include <boost/serialization/vector.hpp>\n",
    "src/posix/a.cpp": "#include <fcntl.h>\n",
    "src/features/a.cpp": "#include <opencv2/core.hpp>\n#include <sys/stat.h>\n",
    "src/cache/a.cpp": '#include "bundle_match/posix/a.hpp"\n#include <xxhash.h>\n',
    "src/geometry/a.cpp": "#include <opencv2/calib3d.hpp>\n",
    "src/drawing/a.cpp": "#include <opencv2/imgproc.hpp>\n",
    "src/compute/a.cpp": '#include "bundle_match/wire/a.hpp"\n#include "bundle_match/features/a.hpp"\n',
    "src/transport/a.cpp": '#include "bundle_match/wire/a.hpp"\n#include <mpi.h>\n',
    "src/results/a.cpp": "#include <nlohmann/json.hpp>\n",
    "src/exports/a.cpp": '#include "bundle_match/features/a.hpp"\n#include <sqlite3.h>\n',
    "src/report/a.cpp": '#include "bundle_match/core/a.hpp"\n#include <nlohmann/json.hpp>\n',
    "src/app/a.cpp": '#include "bundle_match/transport/a.hpp"\n#include <CLI/CLI.hpp>\n',
}


def write_tree(root, files):
    for path, text in files.items():
        name = os.path.join(root, path)
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)


def self_test():
    """What is wrong with the check itself."""
    with tempfile.TemporaryDirectory() as root:
        write_tree(root, FINE)
        yield from (f"self-test: false alarm: {problem}" for problem in check(root))
    for path, text, word in BROKEN:
        with tempfile.TemporaryDirectory() as root:
            write_tree(root, {**FINE, path: text})
            if not any(problem.startswith(path) and word in problem for problem in check(root)):
                yield f"self-test: not seen: {text!r} in {path}"
    with tempfile.TemporaryDirectory() as root:
        if not check(root):
            yield "self-test: an empty tree passes"


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: layering_test.py CHECKOUT")
    problems = list(self_test()) + check(sys.argv[1])
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
