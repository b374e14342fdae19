# Small trees, each wrong in one way or in none, to show that layering_test.py can fail.
# SPDX-License-Identifier: Apache-2.0
import os
import tempfile


def module(name, depends=(), private=()):
    """A CMakeLists.txt."""
    return (
        f"# A comment (with DEPENDS).\nbundle_match_module({name}\n  SOURCES a.cpp  # b.cpp\n"
        f"  DEPENDS {' '.join(depends)}\n  PRIVATE_DEPENDS {' '.join(private)})\n"
        "target_link_libraries(other PRIVATE bundle_match::app)\n"
    )


# Nothing is wrong with this tree.
FINE = {
    "src/CMakeLists.txt": "function(bundle_match_module name)\nendfunction()\nadd_subdirectory(core)\n",
    "src/core/CMakeLists.txt": "bundle_match_module(core SOURCES a.cpp)\n",
    "src/core/a.cpp": '#include "bundle_match/core/a.hpp"\n#include <vector>\n#include <sys/mman.h>\n// cv::Mat, <mpi.h>\n',
    "include/bundle_match/core/a.hpp": "/* #include <boost/any.hpp> */\n#include <cstdint>\n",
    "src/machine/CMakeLists.txt": module("machine", ["bundle_match::core"]),
    "src/machine/a.cpp": '#include "bundle_match/core/a.hpp"\n#include <chrono>\n'
    "using Time = std::chrono::steady_clock::time_point;\nconst int knowing(bool time);\n",
    "src/matching/CMakeLists.txt": module("matching"),
    "src/matching/x86/a.cpp": '#include "tiles.hpp"\n#include "plain.hpp"\n#include <immintrin.h>\n',
    "src/matching/x86/tiles.hpp": "",
    "src/matching/plain.hpp": "",
    "src/posix/CMakeLists.txt": module("posix", private=["PkgConfig::xxhash"]),
    "src/posix/a.cpp": "#include <fcntl.h>\n#include <sys/stat.h>\n#include <xxhash.h>\n",
    "src/features/CMakeLists.txt": module(
        "features", ["opencv_core"], ["bundle_match::posix", "bundle_match::sift"]
    ),
    "include/bundle_match/features/a.hpp": "#include <opencv2/core/mat.hpp>\nvoid read(cv::Mat&);\n",
    "src/features/a.cpp": '#include "bundle_match/features/sift.hpp"\n#include "bundle_match/posix/a.hpp"\n',
    "src/features/sift/CMakeLists.txt": module("sift", private=["Threads::Threads"]),
    "include/bundle_match/features/sift.hpp": "#include <vector>\n",
    "src/features/sift/a.cpp": '#include "bundle_match/features/sift.hpp"\n#include <thread>\n',
    "src/features/sift/b.hpp": "",
    "src/transport/CMakeLists.txt": module("transport", ["bundle_match::core"], ["Boost::mpi", "MPI::MPI_CXX"]),
    "include/bundle_match/transport/a.hpp": '#include "bundle_match/core/a.hpp"\n',
    "src/transport/a.hpp": "#include <boost/mpi/request.hpp>\nvoid f(boost::mpi::request&);\n",
    "src/transport/a.cpp": '#include "a.hpp"\n#include <mpi.h>\n#include <boost/serialization/vector.hpp>\n',
    "src/report/CMakeLists.txt": module("report", private=["fmt::fmt"]),
    "src/report/page.cpp.in": "#include <fmt/format.h>\n",
    "src/app/CMakeLists.txt": module("app", private=["bundle_match::core", "PkgConfig::sqlite3"]),
    "src/app/main.cpp": '#include "sink/sink.hpp"\n',
    "src/app/sink/sink.hpp": '#include "bundle_match/core/a.hpp"\n#include <sqlite3.h>\n',
}

# Each is wrong in one way: the file, its content, and a part of the complaint.
BROKEN = (
    # Modules of ours.
    ("src/core/b.cpp", '#include "bundle_match/matching/b.hpp"', "does not link"),
    ("include/bundle_match/core/b.hpp", '#include "bundle_match/posix/b.hpp"', "bundle_match::posix"),
    ("src/posix/b.cpp", "#include <bundle_match/app/b.hpp>", "bundle_match::app"),
    ("src/app/b.cpp", '#include "bundle_match/posix/b.hpp"', "bundle_match::posix"),
    ("src/app/b.cpp", '#include "bundle_match/features/sift.hpp"', "bundle_match::sift"),
    ("src/features/sift/b.cpp", '#include "bundle_match/features/a.hpp"', "bundle_match::features"),
    ("include/bundle_match/features/b.hpp", '#include "bundle_match/posix/b.hpp"', "PRIVATE_DEPENDS"),
    ("src/app/b.cpp", '#include "bundle_match/helpers/b.hpp"', "of no module"),
    ("src/helpers/b.cpp", "", "no folder with a bundle_match_module"),
    # Headers of the own folder.
    ("src/app/b.cpp", '#include "../posix/b.hpp"', "leaves"),
    ("src/app/b.cpp", '#include "b.hpp"', "no header of this folder"),
    ("src/features/b.cpp", '#include "sift/b.hpp"', "another module"),
    # Libraries.
    ("src/transport/b.cpp", "#  include <opencv2/core.hpp>", "opencv_core"),
    ("src/features/b.cpp", "#include <opencv2/imgproc.hpp>", "opencv_imgproc"),
    ("src/app/b.cpp", "#include <boost/mpi.hpp>", "Boost::mpi"),
    ("src/app/b.cpp", "#include <mpi.h>", "MPI::MPI_CXX"),
    ("src/app/b.cpp", "#include <thread>", "Threads::Threads"),
    ("src/features/b.cpp", "#include <zip.h>", "PkgConfig::libzip"),
    ("src/app/b.cpp", "#include <Eigen/Dense>", "table of libraries does not have"),
    ("src/report/b.cpp.in", "#include <spdlog/spdlog.h>", "spdlog::spdlog"),
    # The standard library alone.
    ("src/core/b.cpp", "#include <fcntl.h>", "standard library"),
    ("src/machine/b.cpp", "#include <sys/mman.h>", "standard library"),
    ("src/matching/x86/b.cpp", "#include <fcntl.h>", "standard library"),
    ("src/features/sift/b.cpp", "#include <fcntl.h>", "standard library"),
    # Headers that name no library.
    ("include/bundle_match/core/b.hpp", "namespace cv { class Mat; } void f(cv::Mat&);", "cv::"),
    ("include/bundle_match/machine/b.hpp", "void f(boost::mpi::communicator&);", "boost::"),
    ("include/bundle_match/transport/b.hpp", "MPI_Comm comm();", "MPI_Comm"),
    ("src/report/b.hpp", "#include <boost/any.hpp>", "in a header"),
    # Machines are pure.
    ("src/machine/b.cpp", "auto time = std::chrono::steady_clock::now();", "::now("),
    ("include/bundle_match/machine/b.hpp", "std::thread thread;", "std::thread"),
    ("src/machine/b.cpp", "#include <fstream>", "not for a machine"),
    ("src/machine/b.cpp", "#include <mutex>", "not for a machine"),
    ("src/machine/b.cpp", '#include <string>\nvoid f() { printf("lost"); }', "printf"),
    # What is linked.
    ("src/app/CMakeLists.txt", module("app", ["bundle_match::core"]), "PkgConfig::sqlite3"),
    ("src/core/CMakeLists.txt", module("core", private=["bundle_match::machine"]), "none of its headers"),
    ("src/posix/CMakeLists.txt", module("posix", ["PkgConfig::xxhash"], ["PkgConfig::xxhash"]), "twice"),
    ("src/posix/CMakeLists.txt", module("posix", ["PkgConfig::xxhash", "curl"]), "links curl"),
    ("src/empty/CMakeLists.txt", module("empty"), "no file was found"),
    # Sizes.
    ("src/posix/b.cpp", "\n" * 351, "351 lines"),
    ("src/report/page.css", "\n" * 351, "351 lines"),
    ("include/bundle_match/core/b.hpp", "\n" * 351, "351 lines"),
)

LARGEST_ROOM = {f"src/app/room/{letter}.cpp": "\n" * 350 for letter in "abcdefghijklmnopqrstuvwxy"}


def complaints(check, files):
    """What `check` says about a tree of these files."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            name = os.path.join(root, path)
            os.makedirs(os.path.dirname(name), exist_ok=True)
            with open(name, "w", encoding="utf-8") as file:
                file.write(text)
        return check(root)


def self_test(check):
    """What is wrong with the check itself."""
    fine = {**FINE, **LARGEST_ROOM}
    yield from (f"self-test: false alarm: {problem}" for problem in complaints(check, fine))
    for path, text, words in BROKEN:
        found = complaints(check, {**FINE, path: text})
        place = path.removesuffix("/CMakeLists.txt")
        if not any(problem.startswith(place) and words in problem for problem in found):
            yield f"self-test: not seen: {text!r} in {path}; {found}"
        if len(found) > 1 and not path.endswith((".css", "CMakeLists.txt")) and words != "in a header":
            yield f"self-test: more than one complaint about {text!r} in {path}: {found}"
    if not any("26 files" in problem for problem in complaints(check, {**fine, "src/app/room/z.hpp": ""})):
        yield "self-test: a room of 26 files was not seen"
    if not complaints(check, {}):
        yield "self-test: an empty tree passes"
