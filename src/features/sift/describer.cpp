// Descriptors from kept layers and from tiles.
// SPDX-License-Identifier: Apache-2.0
#include "describer.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace bundle_match::features::sift {

Describer::Describer(const Plan& plan, const KernelTable& kernels)
    : plan_(plan), kernels_(kernels), stream_(plan, kernels) {}

void Describer::describe_kept(const OctaveTask& task, std::span<const DescriptorJob> jobs) {
  const Size& size = task.source.size;
  for (const DescriptorJob& job : jobs) {
    describe(task.kept, {0, size.width, 0, size.height}, size, job);
  }
}

void Describer::describe_tile(const OctaveTask& task, const Area& area,
                              std::span<const DescriptorJob* const> jobs) {
  const Size& size = task.source.size;
  const int reach = plan_.descriptor_reach();
  held_ = {std::max(area.x0 - reach, 0), std::min(area.x1 + reach, size.width),
           std::max(area.y0 - reach, 0), std::min(area.y1 + reach, size.height)};
  arena_.reset();
  tile_.stride = (held_.x1 - held_.x0 + kRowSlack + 15) / 16 * 16;
  tile_.plane_size = tile_.stride * (held_.y1 - held_.y0);
  tile_.planes = arena_.floats(static_cast<std::size_t>(tile_.plane_size * plan_.layers()));
  StreamRequest request;
  request.area = held_;
  request.top = plan_.layers();
  stream_.start(task.source, request, this, arena_);
  stream_.advance(held_.y1);
  for (const DescriptorJob* job : jobs) {
    describe(tile_, held_, size, *job);
  }
}

void Describer::on_row(int layer, int y, const float* row, int x0, int x1) {
  static_cast<void>(x1);
  if (layer >= 1 && y >= held_.y0 && y < held_.y1) {
    std::memcpy(tile_.row(layer, y - held_.y0), row + (held_.x0 - x0),
                static_cast<std::size_t>(held_.x1 - held_.x0) * sizeof(float));
  }
}

/// `layers` holds the pixels of `held`.
void Describer::describe(const KeptLayers& layers, const Area& held, const Size& size,
                         const DescriptorJob& job) {
  const int centre = static_cast<int>(std::nearbyint(job.site.y));
  const int first = std::max(centre - plan_.descriptor_reach(), held.y0);
  const int last = std::min(centre + plan_.descriptor_reach(), held.y1 - 1);
  window_rows_.clear();
  for (int y = first; y <= last; ++y) {
    window_rows_.push_back(layers.row(job.layer, y - held.y0));
  }
  kernels_.describe({window_rows_.data(), first, held.x0, size.width, size.height}, job.site,
                    job.out);
}

}  // namespace bundle_match::features::sift
