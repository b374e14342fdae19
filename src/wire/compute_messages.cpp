// The messages between a rank and its compute process, for Boost.Serialization.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/core/compute_messages.hpp"

#include "coding.hpp"
#include "work_parts.hpp"

namespace bundle_match {

template <class Archive>
void serialize(Archive& archive, ReceivedPaths& paths, unsigned /*version*/) {
  archive& wire::path(paths.image) & wire::path(paths.mask);
}

template <class Archive>
void serialize(Archive& archive, ComputeOrder& order, unsigned /*version*/) {
  archive& order.id& wire::path(order.path) & order.received& order.ahead& order.work;
  archive& order.stored;
}

template <class Archive>
void serialize(Archive& archive, ProcessReady& ready, unsigned /*version*/) {
  archive& wire::name(ready.kernel) & wire::name(ready.sift) & wire::reason(ready.warning);
}

template <class Archive>
void serialize(Archive& /*archive*/, StillComputing& /*message*/, unsigned /*version*/) {}

template <class Archive>
void serialize(Archive& archive, CacheHit& hit, unsigned /*version*/) {
  archive& wire::CacheKey{hit.key};
}

template <class Archive>
void serialize(Archive& archive, CacheEntry& entry, unsigned /*version*/) {
  archive& wire::CacheKey{entry.key} & wire::bytes(entry.features);
}

template <class Archive>
void serialize(Archive& archive, ComputeResult& result, unsigned /*version*/) {
  archive& result.result& result.cache;
}

template <class Archive>
void serialize(Archive& archive, ImagePrepared& prepared, unsigned /*version*/) {
  archive& prepared.order;
}

}  // namespace bundle_match

BUNDLE_MATCH_INSTANTIATE_CODING(bundle_match::ComputeOrder)
BUNDLE_MATCH_INSTANTIATE_CODING(bundle_match::ComputeMessage)
