// The pipeline of SIFT: detection octave by octave, selection, descriptors.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/sift.hpp"

#include "areas.hpp"
#include "contrast.hpp"
#include "describer.hpp"
#include "detector.hpp"
#include "pyramid_plan.hpp"
#include "selection.hpp"
#include "team.hpp"
#include "tiles.hpp"
#include "variants.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace bundle_match::features {
namespace sift {
namespace {

constexpr int kJobsAtATime = 32;

/// Floats from one row of a plane to the next.
std::ptrdiff_t stride_of(const Size& size) {
  return (std::ptrdiff_t{size.width} + kRowSlack + 15) / 16 * 16;
}

class StageTimer {
 public:
  double lap_ms() {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double, std::milli>(now - std::exchange(start_, now)).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

const Variant& variant_or_throw(std::string_view name) {
  const Variant* variant = find_variant(name);
  if (variant == nullptr) {
    throw std::invalid_argument("SIFT: no such kernels, or this CPU lacks their instructions");
  }
  return *variant;
}

/// From pixels of the first octave to pixels of the image, as cv::SIFT does when it has doubled the
/// image.
void to_image(std::vector<SiftKeypoint>& keypoints) {
  for (SiftKeypoint& keypoint : keypoints) {
    keypoint.octave = (keypoint.octave & ~255) | ((keypoint.octave - 1) & 255);
    keypoint.x *= 0.5F;
    keypoint.y *= 0.5F;
    keypoint.size *= 0.5F;
  }
}

int octave_of(const SiftKeypoint& keypoint) {
  const int bits = keypoint.octave & 255;
  return bits < 128 ? bits : bits - 256;
}

/// Where the descriptor of a keypoint is sampled, in pixels of its octave.
DescriptorJob job_of(const SiftKeypoint& keypoint, std::uint8_t* out) {
  const int octave = octave_of(keypoint);
  const float scale =
      octave >= 0 ? 1.0F / static_cast<float>(1 << octave) : static_cast<float>(1 << -octave);
  float angle = 360.0F - keypoint.angle;
  if (std::abs(angle - 360.0F) < std::numeric_limits<float>::epsilon()) {
    angle = 0;
  }
  return {{keypoint.x * scale, keypoint.y * scale, angle, keypoint.size * scale * 0.5F},
          (keypoint.octave >> 8) & 255,
          out};
}

/// Neighbours after one another: their patches share pixels, which are then still in the cache.
void sort_by_place(std::vector<DescriptorJob>& jobs) {
  constexpr float kBand = 32;
  const auto place = [](const DescriptorJob& job) {
    return std::make_tuple(job.layer, static_cast<int>(job.site.y / kBand), job.site.x);
  };
  std::sort(jobs.begin(), jobs.end(),
            [&](const DescriptorJob& a, const DescriptorJob& b) { return place(a) < place(b); });
}

}  // namespace
}  // namespace sift

class Sift::Impl {
 public:
  explicit Impl(const SiftOptions& options)
      : options_(options),
        plan_(options),
        contrast_(plan_),
        wanted_(plan_),
        variant_(sift::variant_or_throw(options.kernels)),
        team_(options.threads),
        workers_(static_cast<std::size_t>(team_.most_workers())) {}

  void set_helpers(SiftHelpers helpers) { team_.set_helpers(std::move(helpers)); }

  void run(const GreyView& image, std::vector<SiftKeypoint>& keypoints,
           std::vector<std::uint8_t>& descriptors) {
    sift::StageTimer timer;
    statistics_ = {};
    keypoints.clear();
    for (WorkerParts& worker : workers_) {
      worker.clear();  // of what an image without enough memory has left
    }
    lay_out(image);
    for (sift::OctaveTask& task : tasks_) {
      if (contrast_.find_busy_tiles(task.source, busy_)) {
        sift::want_search(plan_, busy_, task.source.size, wanted_);
        task.busy = &busy_;
        task.wanted = &wanted_;
      }
      detect(task);
    }
    for (const WorkerParts& worker : workers_) {
      if (const sift::Detector* const detector = worker.detector.get()) {
        keypoints.insert(keypoints.end(), detector->keypoints().begin(),
                         detector->keypoints().end());
        statistics_.candidates += detector->candidates();
        statistics_.far_steps += detector->far_steps();
      }
    }
    statistics_.detected = keypoints.size();
    statistics_.detect_ms = timer.lap_ms();
    sift::sort_and_drop_duplicates(keypoints);
    sift::keep_best(keypoints, options_.nfeatures);
    if (plan_.doubled()) {
      sift::to_image(keypoints);
    }
    statistics_.select_ms = timer.lap_ms();
    descriptors.resize(keypoints.size() * kSiftDescriptorBytes);
    describe(keypoints, descriptors);
    statistics_.describe_ms = timer.lap_ms();
    count_memory();
  }

  [[nodiscard]] const SiftStatistics& statistics() const { return statistics_; }
  [[nodiscard]] std::string_view kernels() const { return variant_.name; }

 private:
  /// Of one worker of the team, made when it first has a piece.
  struct WorkerParts {
    std::unique_ptr<sift::Detector> detector;
    std::unique_ptr<sift::Describer> describer;

    void clear() {
      if (detector) {
        detector->clear();
      }
      if (describer) {
        describer->clear();
      }
    }
  };

  [[nodiscard]] sift::Detector& detector_of(int worker) {
    return made(workers_[static_cast<std::size_t>(worker)].detector);
  }
  [[nodiscard]] sift::Describer& describer_of(int worker) {
    return made(workers_[static_cast<std::size_t>(worker)].describer);
  }
  template <class Part>
  [[nodiscard]] Part& made(std::unique_ptr<Part>& part) const {
    if (!part) {
      part = std::make_unique<Part>(plan_, variant_.table());
    }
    return *part;
  }

  /// Memory for the octaves: first layers of all but the first, and what is kept for descriptors.
  void lay_out(const GreyView& image) {
    const std::vector<sift::Size> sizes = plan_.octaves(image.width, image.height);
    std::size_t bytes = 0;
    for (const sift::Size& size : sizes) {
      bytes += (&size == sizes.data() ? 0 : plane_bytes(size)) + kept_bytes(size);
    }
    arena_.reset(bytes);
    tasks_.clear();
    image_ = image;
    for (const sift::Size& size : sizes) {
      sift::OctaveTask task;
      task.octave = static_cast<int>(tasks_.size());
      task.source.size = size;
      const std::ptrdiff_t stride = sift::stride_of(size);
      if (tasks_.empty()) {
        task.source.image = &image_;
      } else {
        float* plane = arena_.floats(plane_bytes(size) / sizeof(float));
        task.source.plane = plane;
        task.source.stride = stride;
        tasks_.back().next = plane;
        tasks_.back().next_stride = stride;
        tasks_.back().next_size = size;
      }
      if (const std::size_t kept = kept_bytes(size); kept > 0) {
        const std::ptrdiff_t kept_stride = this->kept_stride(size);
        task.kept = {arena_.floats(kept / sizeof(float)) + sift::row_slack(plan_), kept_stride,
                     kept_stride * size.height};
      }
      tasks_.push_back(task);
    }
  }

  [[nodiscard]] static std::size_t plane_bytes(const sift::Size& size) {
    return static_cast<std::size_t>(sift::stride_of(size) * size.height) * sizeof(float);
  }

  /// Of the layers of an octave that are kept for the descriptors; 0: none are.
  [[nodiscard]] std::size_t kept_bytes(const sift::Size& size) const {
    const auto rows =
        static_cast<std::size_t>(plan_.layers()) * static_cast<std::size_t>(size.height);
    const std::size_t bytes = static_cast<std::size_t>(kept_stride(size)) * rows * sizeof(float);
    return bytes <= options_.kept_octave_bytes ? bytes : 0;
  }

  [[nodiscard]] std::ptrdiff_t kept_stride(const sift::Size& size) const {
    return sift::round_up_to_16(size.width) + 2 * std::ptrdiff_t{sift::row_slack(plan_)};
  }

  void detect(sift::OctaveTask& task) {
    const std::vector<sift::Area> areas =
        sift::areas_of(task.source.size, team_.size(), task.kept.planes != nullptr);
    task.is_whole = task.kept.planes != nullptr && areas.size() == 1;
    team_.for_each(areas.size(),
                   [&](int worker, std::size_t i) { detector_of(worker).detect(task, areas[i]); });
  }

  void describe(const std::vector<SiftKeypoint>& keypoints,
                std::vector<std::uint8_t>& descriptors) {
    std::vector<std::vector<sift::DescriptorJob>> jobs(tasks_.size());
    const int first = plan_.doubled() ? -1 : 0;
    for (std::size_t i = 0; i < keypoints.size(); ++i) {
      const int octave = sift::octave_of(keypoints[i]) - first;
      jobs[static_cast<std::size_t>(octave)].push_back(
          sift::job_of(keypoints[i], descriptors.data() + i * kSiftDescriptorBytes));
    }
    for (std::size_t octave = 0; octave < jobs.size(); ++octave) {
      sift::sort_by_place(jobs[octave]);
      if (tasks_[octave].kept.planes != nullptr) {
        describe_kept(tasks_[octave], jobs[octave]);
      } else {
        describe_strips(tasks_[octave], jobs[octave]);
      }
    }
  }

  void describe_kept(const sift::OctaveTask& task, const std::vector<sift::DescriptorJob>& jobs) {
    const std::span<const sift::DescriptorJob> all = jobs;
    std::vector<const float*> rows;
    for (int layer = 1; layer <= plan_.layers(); ++layer) {
      for (int y = 0; y < task.source.size.height; ++y) {
        rows.push_back(task.kept.row(layer, y));
      }
    }
    const std::size_t chunks = (jobs.size() + sift::kJobsAtATime - 1) / sift::kJobsAtATime;
    team_.for_each(chunks, [&](int worker, std::size_t i) {
      const std::size_t first = i * sift::kJobsAtATime;
      const std::size_t count = std::min<std::size_t>(sift::kJobsAtATime, all.size() - first);
      describer_of(worker).describe_kept(task, rows, all.subspan(first, count));
    });
  }

  void describe_strips(const sift::OctaveTask& task, const std::vector<sift::DescriptorJob>& jobs) {
    const std::vector<sift::Area> strips = sift::areas_of(task.source.size, team_.size(), false);
    sift::want_jobs(plan_, jobs, task.source.size, wanted_);
    std::vector<std::vector<const sift::DescriptorJob*>> of_strip(strips.size());
    for (const sift::DescriptorJob& job : jobs) {
      const int x = job.column(), y = job.row();
      const auto strip = std::find_if(strips.begin(), strips.end(), [x, y](const sift::Area& area) {
        return x >= area.x0 && x < area.x1 && y >= area.y0 && y < area.y1;
      });
      of_strip[static_cast<std::size_t>(strip - strips.begin())].push_back(&job);
    }
    team_.for_each(strips.size(), [&](int worker, std::size_t i) {
      std::vector<const sift::DescriptorJob*>& strip_jobs = of_strip[i];
      std::sort(strip_jobs.begin(), strip_jobs.end(),
                [](const sift::DescriptorJob* a, const sift::DescriptorJob* b) {
                  return a->site.y < b->site.y;
                });
      if (!strip_jobs.empty()) {
        describer_of(worker).describe_strip(task, wanted_, strips[i], strip_jobs);
      }
    });
  }

  void count_memory() {
    statistics_.arena_bytes = arena_.size_bytes();
    for (const WorkerParts& worker : workers_) {
      statistics_.arena_bytes += worker.detector ? worker.detector->arena_bytes() : 0;
      statistics_.arena_bytes += worker.describer ? worker.describer->arena_bytes() : 0;
    }
  }

  SiftOptions options_;
  sift::PyramidPlan plan_;
  sift::ContrastBound contrast_;
  sift::TileMap busy_;
  sift::WantedTiles wanted_;
  const sift::Variant& variant_;
  sift::Arena arena_;
  GreyView image_;
  std::vector<sift::OctaveTask> tasks_;
  SiftStatistics statistics_;
  sift::Team team_;
  std::vector<WorkerParts> workers_;
};

Sift::Sift(const SiftOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Sift::~Sift() = default;
Sift::Sift(Sift&&) noexcept = default;
Sift& Sift::operator=(Sift&&) noexcept = default;

void Sift::detect_and_compute(const GreyView& image, Features& features) {
  impl_->run(image, features.keypoints, features.descriptors);
}

void Sift::set_helpers(SiftHelpers helpers) { impl_->set_helpers(std::move(helpers)); }

const SiftStatistics& Sift::statistics() const { return impl_->statistics(); }
std::string_view Sift::kernels() const { return impl_->kernels(); }

std::vector<std::string_view> sift_kernels() {
  std::vector<std::string_view> names;
  for (const sift::Variant& variant : sift::variants()) {
    if (variant.supported()) {
      names.push_back(variant.name);
    }
  }
  return names;
}

}  // namespace bundle_match::features
