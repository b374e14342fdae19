// All rows of a run in the output file: their order, and rows by the megabyte.
// SPDX-License-Identifier: Apache-2.0
#include "output/row_writer.hpp"

#include "support/id_literals.hpp"
#include "support/image_results.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace bundle_match::app {
namespace {

using results::Format;
using results::RowSelection;
using results::WriteOptions;
using test::read_file;

PathList list(const std::vector<std::string_view>& paths) {
  PathList list;
  for (const std::string_view path : paths) {
    list.add(path);
  }
  return list;
}

RunInput input_of(PathList references, PathList images) {
  RunInput input;
  input.given_references = std::move(references);
  input.images = std::move(images);
  return input;
}

// What the image has with these references.
ImageResult report_with(const std::vector<std::uint32_t>& matches) {
  ImageResult report;
  report.keypoints = 10;
  for (const std::uint32_t count : matches) {
    report.outcomes.push_back({count, 0, {}, {}, {}});
  }
  return report;
}

class RowWriterTest : public testing::Test {
 protected:
  std::string written(const RunInput& input, const results::ResultTable& table,
                      const WriteOptions& options) const {
    RowWriter(path_, options).write_all(input, table);
    return read_file(path_);
  }

  test::TempDir dir_;
  const std::string path_ = dir_ / "counts";
};

class RowsOfReferences : public RowWriterTest {
 protected:
  RowsOfReferences() {
    const auto computer = table_.add_computer({0_rank, "node", "plain"});
    table_.record(computer, 0_image, report_with({1, 4}));
    table_.record(computer, 1_image, test::failure_of("missing"));
    table_.record(computer, 2_image, report_with({3, 2}));
  }

  RunInput input_ = input_of(list({"r", "s"}), list({"a", "b", "c"}));
  const WorkPlan plan_{3, 2};
  results::ResultTable table_{plan_};
};

TEST_F(RowsOfReferences, AreThoseOfSingleRunsOneAfterAnother) {
  EXPECT_EQ(written(input_, table_, {Format::csv}),
            "reference,path,status,matches,keypoints,width,height,reason\r\n"
            "r,a,ok,1,10,,,\r\n"
            "r,b,unreadable,,,,,missing\r\n"
            "r,c,ok,3,10,,,\r\n"
            "s,a,ok,4,10,,,\r\n"
            "s,b,unreadable,,,,,missing\r\n"
            "s,c,ok,2,10,,,\r\n");
}

TEST_F(RowsOfReferences, AreSelected) {
  input_.command.selection = {RowSelection::Sort::matches, 1};
  EXPECT_EQ(written(input_, table_, {Format::text}), "c 3\na 4\n");
}

TEST_F(RowsOfReferences, MayBeAMatrix) {
  EXPECT_EQ(written(input_, table_, {Format::matrix}), "reference,a,b,c\r\nr,1,,3\r\ns,4,,2\r\n");
}

TEST_F(RowWriterTest, NamesBothImagesOfAPair) {
  RunInput input = input_of({}, list({"a", "b", "c"}));
  input.command.all_pairs = true;
  const WorkPlan plan = WorkPlan::among(PairSet::all(3));
  results::ResultTable table(plan);
  const auto computer = table.add_computer({0_rank, "node", "plain"});
  table.record(computer, 0_image, report_with({}));
  table.record(computer, 1_image, test::failure_of("missing"));
  table.record(computer, 2_image, report_with({}));
  table.record_pairs(2_image, report_with({7}), {0_reference, 1});
  EXPECT_EQ(written(input, table, {Format::csv}),
            "reference,path,status,matches,keypoints,width,height,reason\r\n"
            "a,b,unreadable,,,,,missing\r\n"
            "a,c,ok,7,10,,,\r\n"
            "b,c,unreadable,,,,,the reference: missing\r\n");
  EXPECT_EQ(written(input, table, {Format::matrix}),
            "reference,a,b,c\r\na,,,7\r\nb,,,\r\nc,7,,\r\n");
}

TEST_F(RowWriterTest, LosesNothingOfManyMegabytes) {
  constexpr std::size_t kImages = 300;
  const std::string name(10000, 'x');
  PathList images;
  std::string rows;
  const WorkPlan plan(kImages, 1);
  results::ResultTable table(plan);
  const auto computer = table.add_computer({0_rank, "node", "plain"});
  for (std::size_t image = 0; image < kImages; ++image) {
    images.add(name + std::to_string(image));
    table.record(computer, ImageIndex(image), report_with({static_cast<std::uint32_t>(image)}));
    rows += name + std::to_string(image) + ' ' + std::to_string(image) + '\n';
  }
  EXPECT_TRUE(written(input_of(list({"r"}), std::move(images)), table, {Format::text}) == rows);
}

TEST_F(RowWriterTest, SaysAtOnceThatItCannotWrite) {
  EXPECT_THROW(RowWriter(dir_ / "no/such/folder.csv", {Format::csv}), std::system_error);
}

}  // namespace
}  // namespace bundle_match::app
