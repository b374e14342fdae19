// Collects the versions of program and libraries, as loaded where the libraries report it.
// SPDX-License-Identifier: Apache-2.0
#include "command/version.hpp"

#include "bundle_match/transport/link.hpp"

#include <boost/version.hpp>
#include <fmt/format.h>
#include <opencv2/core/utility.hpp>

namespace bundle_match::app {

std::string version_text() {
  return fmt::format("bundle_match {}\nOpenCV {}\nBoost {}.{}.{}\nMPI {}\n", BUNDLE_MATCH_VERSION,
                     cv::getVersionString(), BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000,
                     BOOST_VERSION % 100, transport::mpi_version());
}

}  // namespace bundle_match::app
