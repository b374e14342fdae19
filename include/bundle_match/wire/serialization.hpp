// Boost.Serialization of core's messages, non-intrusively. Include it only where they are encoded.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"

#include <boost/serialization/level.hpp>
#include <boost/serialization/tracking.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace bundle_match::wire {

/// A string or a vector of bytes, into or out of an archive. What is read grows with what is there,
/// not with what the length claims: the sender may be a process that a hostile image has taken
/// over.
template <class Archive, class Bytes>
void serialize_bytes(Archive& archive, Bytes& bytes) {
  constexpr std::uint64_t kStep = 1 << 18;
  std::uint64_t left = bytes.size();
  archive& left;
  if constexpr (Archive::is_saving::value) {
    archive.save_binary(bytes.data(), bytes.size());
  } else {
    bytes.clear();
    while (left > 0) {
      const auto step = static_cast<std::size_t>(std::min(left, kStep));
      bytes.resize(bytes.size() + step);
      archive.load_binary(bytes.data() + bytes.size() - step, step);  // throws at the end
      left -= step;
    }
  }
}

}  // namespace bundle_match::wire

namespace boost::serialization {

template <class Archive>
void serialize(Archive& archive, bundle_match::ImageOrder& order, unsigned /*version*/) {
  archive& order.action& order.image& order.deaths;
  bundle_match::wire::serialize_bytes(archive, order.path);
  bool carries_file = order.contents.has_value();
  archive& carries_file;
  if (carries_file) {
    bundle_match::wire::serialize_bytes(
        archive, Archive::is_loading::value ? order.contents.emplace() : *order.contents);
  }
}

template <class Archive>
void serialize(Archive& archive, bundle_match::StageTimes& times, unsigned /*version*/) {
  archive& times.read& times.sift& times.match;
}

template <class Archive>
void serialize(Archive& archive, bundle_match::ImageReport& report, unsigned /*version*/) {
  archive& report.kind& report.image& report.status& report.matches& report.keypoints;
  archive& report.width& report.height& report.elapsed_ms;
  bundle_match::wire::serialize_bytes(archive, report.reason);
  bundle_match::wire::serialize_bytes(archive, report.kernel);
  bundle_match::wire::serialize_bytes(archive, report.place);
  bundle_match::wire::serialize_bytes(archive, report.sift);
}

template <class Archive>
void serialize(Archive& archive, bundle_match::Descriptors& descriptors, unsigned /*version*/) {
  archive& descriptors.rows;
  bundle_match::wire::serialize_bytes(archive, descriptors.values);
}

template <class Archive>
void serialize(Archive& archive, bundle_match::ReferenceReport& reference, unsigned /*version*/) {
  archive& reference.report& reference.descriptors;
}

template <class Archive>
void serialize(Archive& archive, bundle_match::MatchOptions& options, unsigned /*version*/) {
  archive& options.nfeatures& options.sift& options.first_octave& options.threads;
  archive& options.max_size& options.cross_check& options.max_ratio& options.max_distance;
  archive& options.verification& options.max_error_px& options.min_inliers;
  archive& options.cache_limit_bytes& options.report_features& options.report_matches;
  archive& options.timeout_s;
  archive& options.memory_limit_bytes& options.sandbox;
  bundle_match::wire::serialize_bytes(archive, options.kernel);
  bundle_match::wire::serialize_bytes(archive, options.mask_dir);
  bundle_match::wire::serialize_bytes(archive, options.cache_dir);
}

template <class Archive>
void serialize(Archive& archive, bundle_match::Job& job, unsigned /*version*/) {
  archive& job.protocol_version& job.stage& job.rank_timeout_s& job.options& job.reference;
}

}  // namespace boost::serialization

// Plain values: no class information, no object tracking in the archives.
#define BUNDLE_MATCH_PLAIN_VALUE(Type)                                        \
  BOOST_CLASS_IMPLEMENTATION(Type, boost::serialization::object_serializable) \
  BOOST_CLASS_TRACKING(Type, boost::serialization::track_never)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::ImageOrder)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::StageTimes)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::ImageReport)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::Descriptors)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::ReferenceReport)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::MatchOptions)
BUNDLE_MATCH_PLAIN_VALUE(bundle_match::Job)
#undef BUNDLE_MATCH_PLAIN_VALUE
