// Boost.Serialization of core's messages, non-intrusively. Include it only where they are encoded.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/messages.hpp"

#include <boost/serialization/level.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/tracking.hpp>
#include <boost/serialization/vector.hpp>

namespace boost::serialization {

template <class Archive>
void serialize(Archive& archive, bundle_match::ImageOrder& order, unsigned /*version*/) {
  archive& order.action& order.image& order.path;
}

template <class Archive>
void serialize(Archive& archive, bundle_match::StageTimes& times, unsigned /*version*/) {
  archive& times.read& times.sift& times.match;
}

template <class Archive>
void serialize(Archive& archive, bundle_match::ImageReport& report, unsigned /*version*/) {
  archive& report.image& report.status& report.matches& report.keypoints& report.width& report
      .height& report.elapsed_ms& report.reason& report.kernel;
}

template <class Archive>
void serialize(Archive& archive, bundle_match::Descriptors& descriptors, unsigned /*version*/) {
  archive& descriptors.rows& descriptors.values;
}

template <class Archive>
void serialize(Archive& archive, bundle_match::ReferenceReport& reference, unsigned /*version*/) {
  archive& reference.report& reference.descriptors;
}

template <class Archive>
void serialize(Archive& archive, bundle_match::MatchOptions& options, unsigned /*version*/) {
  archive& options.nfeatures& options.cross_check& options.timeout_s& options
      .memory_limit_bytes& options.sandbox;
}

template <class Archive>
void serialize(Archive& archive, bundle_match::Job& job, unsigned /*version*/) {
  archive& job.protocol_version& job.proceed& job.options& job.reference;
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
