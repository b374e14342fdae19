# Spack's recipe.
# SPDX-License-Identifier: Apache-2.0
"""From a clone of the project, in which it takes the last commit:

spack repo add scripts/packaging/spack
spack install bundle-match ^openmpi schedulers=slurm
spack load bundle-match
"""

from pathlib import Path

from spack.package import *

try:  # since Spack 1.0
    from spack_repo.builtin.build_systems.cmake import CMakePackage
except ImportError:
    pass  # spack.package has it


class BundleMatch(CMakePackage):
    """Match images against many others by SIFT, as an MPI job."""

    git = Path(__file__).resolve().parents[5].as_uri()

    license("Apache-2.0")

    version("main", branch="main")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.22:", type="build")
    depends_on("pkgconfig", type=("build", "run"))
    depends_on("help2man", type="build")
    depends_on("gzip", type="build")

    depends_on("mpi")
    depends_on("boost@1.74: +mpi+serialization")
    depends_on("opencv@4.5: +calib3d+features2d+flann+imgcodecs+imgproc+jpeg+png+tiff")
    depends_on("cli11@2.1:")
    depends_on("exiv2")
    depends_on("fmt@8:")
    depends_on("jpeg")
    depends_on("libdeflate")
    depends_on("libpng")
    depends_on("libseccomp")
    depends_on("libzip")
    depends_on("nlohmann-json")
    depends_on("spdlog +shared")
    depends_on("sqlite")
    depends_on("xxhash")

    conflicts("%gcc@:10", msg="C++20 is needed")
    conflicts("platform=darwin", msg="Linux alone has what confines decoders")

    def cmake_args(self):
        return [self.define("BUNDLE_MATCH_TESTS", False)]
