# Checks that every folder includes only what its CMakeLists.txt links, and the size of files and rooms.
# SPDX-License-Identifier: Apache-2.0
"""layering_test.py CHECKOUT. First the check is shown broken trees, one for each rule, to see that it can
fail; then the checkout.
"""

import os
import re
import sys

from layering_modules import LIBRARIES, OURS, drawing, libraries_of, module_of, read_modules
from layering_trees import self_test

# Nothing but C++'s own library may stand in these modules, with few exceptions: kernels need intrinsics, and
# to ask for the CPU; arrays of millions, and the pixels of SIFT, need large pages.
LARGE_PAGES = ("sys/mman.h", "unistd.h")
KERNEL_HEADERS = ("immintrin.h", "cpuid.h", "arm_neon.h", "asm/hwcap.h", "sys/auxv.h")
STANDARD_ONLY = {
    "core": LARGE_PAGES,
    "machine": (),
    "matching": KERNEL_HEADERS,
    "sift": (*KERNEL_HEADERS, *LARGE_PAGES),
}

# Headers of these modules name no type of OpenCV, Boost or MPI, not even those of src/.
CLEAN_MODULES = (
    *("core", "machine", "posix", "matching", "sift", "cache", "geometry", "results", "exports", "report"),
)
# In include/, these alone may: their contract is an image.
MODULES_OF_IMAGES = ("features", "drawing")
FOREIGN_NAME = re.compile(r"\b(cv|boost)\s*::|\bMPI_\w+")
FOREIGN_FOLDERS = ("opencv2", "boost", "mpi.h")

# The machines are told the time and what happened, and answer with actions.
IMPURE_HEADERS = (
    *("thread", "mutex", "shared_mutex", "condition_variable", "atomic", "future", "semaphore", "latch"),
    *("barrier", "stop_token", "fstream", "iostream", "filesystem", "cstdio", "ctime", "random", "csignal"),
)
IMPURE_NAME = re.compile(
    r"::now\s*\(|\bstd::(?:j?thread|this_thread|mutex|atomic|filesystem|[io]?fstream|cout|cerr|clog)\b"
    r"|\b(?:f?printf|fopen|getenv|time)\s*\("
)

MAX_LINES = 350
MAX_FILES_OF_A_ROOM = 25

INCLUDE = re.compile(r'^\s*#\s*include\s*(<[^>]+>|"[^"]+")', re.MULTILINE)
COMMENT = re.compile(r"//.*?$|/\*.*?\*/", re.DOTALL | re.MULTILINE)
SOURCE_NAMES = (".cpp", ".hpp", ".h", ".cc", ".ipp", ".inl", ".cpp.in")
PUBLIC = "include/bundle_match/"
PRIVATE = "src/"


def files_below(root, base):
    """Paths relative to root, with '/'."""
    for folder, _, names in sorted(os.walk(os.path.join(root, base))):
        for name in sorted(names):
            yield os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/")


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        return file.read()


def below_base(path):
    return path.removeprefix(PUBLIC).removeprefix(PRIVATE)


class Tree:
    """A checkout: its modules, and what each was seen to use."""

    def __init__(self, root):
        self.root = root
        self.modules = read_modules(root)
        self.used = {folder: set() for folder in self.modules}
        self.seen = set()

    def own_header_problem(self, module, path, header):
        """What is wrong with an include of the file's own folders."""
        if ".." in header.split("/"):
            return "leaves its folder"
        # Beside the file, or in its folder of src/ (which is what the build puts on the path).
        for place in (os.path.dirname(path), PRIVATE + module.folder):
            if os.path.isfile(os.path.join(self.root, place, header)):
                owner = module_of(self.modules, below_base(f"{place}/{header}"))
                return None if owner == module else "is a header of another module"
        return "is no header of this folder"

    def link_problem(self, module, path, targets, what):
        """What is wrong with an include that one of the targets brings."""
        linked = targets & (module.public if path.startswith(PUBLIC) else module.links())
        if linked:
            self.used[module.folder] |= linked
            return None
        if targets & module.private:
            return f"is in a public header, but {what} is in PRIVATE_DEPENDS of src/{module.folder}"
        return f"may not include {what}: src/{module.folder}/CMakeLists.txt does not link it"

    def include_problem(self, module, path, header, quoted):
        if header.startswith("bundle_match/"):
            owner = module_of(self.modules, header.removeprefix("bundle_match/"))
            if owner is None:
                return "is of no module"
            if owner == module:
                return None
            return self.link_problem(module, path, {OURS + owner.name}, OURS + owner.name)
        if quoted:
            return self.own_header_problem(module, path, header)
        targets = libraries_of(header)
        if targets:
            return self.link_problem(module, path, targets, " or ".join(sorted(targets)))
        if re.fullmatch(r"[a-z_0-9]+", header):  # of C++
            return "is not for a machine" if module.name == "machine" and header in IMPURE_HEADERS else None
        if module.name in STANDARD_ONLY:
            return None if header in STANDARD_ONLY[module.name] else "is not of the standard library"
        # What is left may be of C or of the operating system.
        if re.fullmatch(r"(sys/|linux/|netinet/|arpa/)?\w+\.h", header):
            return None
        return "is of a library that the table of libraries does not have"

    def file_problems(self, path):
        module = module_of(self.modules, below_base(path))
        if module is None:
            yield "is in no folder with a bundle_match_module"
            return
        self.seen.add(module.folder)
        code = COMMENT.sub("", read(self.root, path))
        includes = [match.group(1) for match in INCLUDE.finditer(code)]
        for include in includes:
            problem = self.include_problem(module, path, include[1:-1], include[0] == '"')
            if problem:
                yield f"{include} {problem}"
        if is_clean_header(module, path):
            yield from (f"names {name} in a header" for name in sorted(names_in(FOREIGN_NAME, code)))
            yield from (
                f"includes {include} in a header" for include in includes if include[1:].startswith(FOREIGN_FOLDERS)
            )
        if module.name == "machine":
            yield from (f"a machine names {name}" for name in sorted(names_in(IMPURE_NAME, code)))

    def module_problems(self):
        for folder, module in self.modules.items():
            if folder not in self.seen:
                yield f"src/{folder}: no file was found"
            known = {OURS + other.name for other in self.modules.values()} | set(LIBRARIES)
            for target in sorted(module.links()):
                if target not in known:
                    yield f"src/{folder}: links {target}, which is neither a module nor in the table of libraries"
                elif target not in self.used[folder]:
                    yield f"src/{folder}: links {target}, but includes none of its headers"
            yield from (f"src/{folder}: links {target} twice" for target in sorted(module.public & module.private))


def names_in(pattern, code):
    return {match.group(0) for match in pattern.finditer(code)}


def is_clean_header(module, path):
    if path.endswith(".cpp"):
        return False
    return module.name in CLEAN_MODULES or (path.startswith(PUBLIC) and module.name not in MODULES_OF_IMAGES)


def size_problems(root):
    rooms = {}
    for base in (PUBLIC, PRIVATE):
        for path in files_below(root, base):
            lines = len(read(root, path).splitlines())
            if lines > MAX_LINES:
                yield f"{path}: {lines} lines are more than {MAX_LINES}"
            if path.startswith("src/app/"):
                room = os.path.dirname(path)
                rooms[room] = rooms.get(room, 0) + 1
    for room, files in rooms.items():
        if files > MAX_FILES_OF_A_ROOM:
            yield f"{room}: {files} files are more than {MAX_FILES_OF_A_ROOM}"


def check(root):
    tree = Tree(root)
    problems = [] if tree.modules else ["no bundle_match_module was found below src/"]
    for base in (PUBLIC, PRIVATE):
        for path in files_below(root, base):
            if path.endswith(SOURCE_NAMES):
                problems += (f"{path}: {problem}" for problem in tree.file_problems(path))
    return problems + list(tree.module_problems()) + list(size_problems(root))


def drawing_problems(root):
    """README draws what includes what, as the build has it."""
    drawn = [line[4:] for line in read(root, "README.md").splitlines() if line.startswith("    ")]
    wanted = drawing(read_modules(root))
    missing = [line for line in wanted if line not in drawn]
    return [f"README.md does not draw: {line}" for line in missing]


def main():
    if len(sys.argv) != 2:
        sys.exit("Usage: layering_test.py CHECKOUT")
    problems = list(self_test(check)) + check(sys.argv[1]) + drawing_problems(sys.argv[1])
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
