// Runs over five images, resumed without MPI: journals as runs leave them, and what resume() makes
// of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "id_literals.hpp"
#include "resume/resume.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <cstdint>
#include <memory>
#include <sstream>
#include <string>

namespace bundle_match::test {

class ResumeFixture : public testing::Test {
 protected:
  static constexpr std::size_t kImages = 5;

  ResumeFixture() {
    write_file(reference_, "the reference's bytes");
    references_.add(reference_);
    command_.output = dir_ / "counts.csv";
    for (std::size_t i = 0; i < kImages; ++i) {
      paths_.add(path(i));
    }
  }

  static std::string path(std::size_t image) { return "image " + std::to_string(image) + ".png"; }

  /// What computing the image gives, always.
  static ImageResult truth(std::size_t image) {
    ImageResult report;
    report.outcomes.resize(1);
    report.outcomes[0].matches = static_cast<std::uint32_t>(100 + image);
    report.keypoints = 1000;
    report.width = 640;
    report.height = 480;
    return report;
  }

  /// resume(), as the command calls it; results_ and said_ are what came of it.
  app::Resumed resume() {
    std::ostringstream said;
    spdlog::logger log("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(said));
    log.set_pattern("%l: %v");
    plan_ = WorkPlan(paths_.size(), 1);
    results_ = results::ResultTable(plan_);
    app::Resumed resumed = app::resume(input_, results_, log);
    said_ = said.str();
    return resumed;
  }

  /// The message of the ResumeError that resume() throws.
  std::string refusal() {
    try {
      (void)resume();
    } catch (const app::ResumeError& error) {
      return error.what();
    }
    ADD_FAILURE() << "not refused";
    return {};
  }

  /// Hands an image out, and reports the truth of it.
  void compute(results::Journal& journal, std::size_t image) const {
    journal.write_assigned(paths_[image]);
    journal.write_result(paths_[image], truth(image), {1_rank, "node", "plain"});
  }

  /// Computes what has no result yet, and ends in order.
  void finish(app::Resumed& resumed) const {
    for (std::size_t image = 0; image < paths_.size(); ++image) {
      if (!results_.has(ImageIndex(image))) {
        compute(*resumed.journal, image);
      }
    }
    resumed.journal->write_end();
    resumed.journal->flush();
  }

  /// Whether every result there is, is the truth.
  [[nodiscard]] testing::AssertionResult results_are_true() const {
    for (std::size_t image = 0; image < paths_.size(); ++image) {
      if (results_.has(ImageIndex(image)) && found(image) != truth(image)) {
        return testing::AssertionFailure() << "image " << image;
      }
    }
    return testing::AssertionSuccess();
  }

  void use_reference(const std::string& path) {
    references_ = PathList();
    references_.add(path);
  }

  /// What the table holds of the image, as it was reported.
  [[nodiscard]] ImageResult found(std::size_t image) const {
    ImageResult report = results_.report(ImageIndex(image));
    if (report.status == ImageStatus::ok) {
      const results::PairResult pair = results_.pair(ImageIndex(image), 0_reference);
      report.outcomes = {{pair.matches, pair.inliers, pair.model, {}, {}}};
    }
    return report;
  }

  [[nodiscard]] std::string journal_path() const { return command_.output + ".journal"; }

  TempDir dir_;
  const std::string reference_ = dir_ / "reference.png";
  app::RunInput input_;
  app::CommandLine& command_ = input_.command;
  PathList& references_ = input_.given_references;
  PathList& paths_ = input_.images;
  WorkPlan plan_{kImages, 1};
  results::ResultTable results_{plan_};
  std::string said_;
};

}  // namespace bundle_match::test
