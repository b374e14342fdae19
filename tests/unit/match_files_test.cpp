// The npz files: what numpy reads of them, their names, when they are there.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/exports/match_files.hpp"

#include "bundle_match/exports/file_name.hpp"
#include "npz.hpp"
#include "support/export_samples.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <vector>

namespace bundle_match::exports {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::SampleImage;
using test::SamplePair;
using test::TempDir;
using test::write_file;

// Debian's, which has python3-numpy.
constexpr char kPython[] = "/usr/bin/python3";

bool has_numpy() {
  return std::system((std::string(kPython) + " -c 'import numpy' 2>/dev/null").c_str()) == 0;
}

class MatchFilesTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Exporter> open() const { return open_match_files(folder_); }

  void open_and_add(const std::string& path) const {
    const auto exporter = open();
    exporter->add_image(path, image_.view());
    exporter->finish();
  }

  // What a program of Python prints, which finds a file's content as z.
  [[nodiscard]] std::string python(const std::string& file, const std::string& program) const {
    const std::string script = dir_ / "script.py";
    const std::string output = dir_ / "output";
    write_file(script, "import numpy as np\nz = np.load('" + file + "')\n" + program);
    EXPECT_EQ(std::system((std::string(kPython) + " " + script + " >" + output).c_str()), 0);
    return read_file(output);
  }

  TempDir dir_;
  const std::string folder_ = dir_ / "new/matches";
  const SampleImage image_{5};
  const SamplePair pair_{};
};

TEST_F(MatchFilesTest, GivesNumpyTheFeatures) {
  if (!has_numpy()) {
    GTEST_SKIP() << kPython << " has no numpy";
  }
  const auto exporter = open();
  SampleImage image(2);
  image.features.keypoints = {{1, 2.5, 3, 4, 0.5, 513}, {6, 7, 8, 9, 0.25, -1}};
  exporter->add_image("photos/it's.jpg", image.view());
  exporter->finish();
  const std::string file = folder_ + "/features/photos%2Fit%27s.jpg.npz";
  EXPECT_EQ(python(file,
                   "print(sorted((k, z[k].dtype.str, z[k].shape) for k in z))\n"
                   "print(z['path'].item(), *z['image_size'])\n"
                   "print(z['keypoints'].tolist(), *z['responses'], *z['octaves'])\n"),
            "[('descriptors', '|u1', (2, 128)), ('image_size', '<u4', (2,)), ('keypoints', '<f4', "
            "(2, 4)), ('octaves', '<i4', (2,)), ('path', '|S15', ()), ('responses', '<f4', (2,))]\n"
            "b\"photos/it's.jpg\" 640 480\n"
            "[[1.0, 2.5, 3.0, 4.0], [6.0, 7.0, 8.0, 9.0]] 0.5 0.25 513 -1\n");
  const std::string bytes = dir_ / "bytes";
  EXPECT_EQ(python(file, "z['descriptors'].tofile('" + bytes + "')"), "");
  const auto& descriptors = image.features.descriptors;
  EXPECT_EQ(read_file(bytes), std::string(descriptors.begin(), descriptors.end()));
}

TEST_F(MatchFilesTest, GivesNumpyThePairs) {
  if (!has_numpy()) {
    GTEST_SKIP() << kPython << " has no numpy";
  }
  const auto exporter = open();
  exporter->add_pair(pair_.with("a", "b"));
  exporter->add_pair({"a", "c", pair_.matches, Verification::none, {}, {}});
  exporter->add_pair({"a", "d", {}, Verification::homography, {}, {}});
  exporter->finish();
  EXPECT_EQ(python(folder_ + "/matches/a/b.npz",
                   "print(z['reference'].item(), z['image'].item(), z['geometry'].item())\n"
                   "print(z['matches'].tolist(), z['inliers'].tolist(), z['model'].tolist())\n"),
            "b'a' b'b' b'fundamental'\n[[0, 2], [1, 0], [3, 4]] [True, False, True] "
            "[[0.0, -1.0, 2.0], [1.0, 0.0, -3.0], [-2.0, 4.0, 0.5]]\n");
  EXPECT_EQ(python(folder_ + "/matches/a/c.npz", "print(*sorted(z))"), "image matches reference\n");
  EXPECT_EQ(python(folder_ + "/matches/a/d.npz",
                   "print(z['matches'].shape, z['inliers'].shape, z['model'].any())"),
            "(0, 2) (0,) False\n");
}

TEST_F(MatchFilesTest, GivesNumpyAnImageWithoutFeatures) {
  if (!has_numpy()) {
    GTEST_SKIP() << kPython << " has no numpy";
  }
  const auto exporter = open();
  exporter->add_image("a", {});
  exporter->finish();
  EXPECT_EQ(python(folder_ + "/features/a.npz",
                   "print(z['keypoints'].shape, z['descriptors'].shape, z['octaves'].shape)"),
            "(0, 4) (0, 128) (0,)\n");
}

TEST_F(MatchFilesTest, AppearsWithTheFlush) {
  const auto exporter = open();
  EXPECT_FALSE(exporter->has_image("a"));
  EXPECT_FALSE(exporter->has_pair("a", "b"));
  exporter->add_image("a", image_.view());
  exporter->add_pair(pair_.with("a", "b"));
  EXPECT_TRUE(exporter->has_image("a"));
  EXPECT_FALSE(open()->has_image("a"));
  EXPECT_FALSE(open()->has_pair("a", "b"));
  exporter->flush();
  EXPECT_TRUE(open()->has_image("a"));
  EXPECT_TRUE(open()->has_pair("a", "b"));
  EXPECT_FALSE(open()->has_pair("b", "a"));
  EXPECT_FALSE(fs::exists(folder_ + "/features/a.npz.tmp"));
}

TEST_F(MatchFilesTest, KeepsTheLastOfTwo) {
  const std::string file = folder_ + "/features/a.npz";
  const auto exporter = open();
  exporter->add_image("a", SampleImage(2).view());
  exporter->add_image("a", image_.view());
  exporter->flush();
  const std::string bytes = read_file(file);
  EXPECT_GT(bytes.size(), 5u * (16 + 4 + 4 + 128));
  exporter->add_image("a", SampleImage(2).view());
  exporter->add_image("a", image_.view());
  exporter->finish();
  EXPECT_EQ(read_file(file), bytes);
}

TEST_F(MatchFilesTest, LeavesAFileOfTheSameBytes) {
  const std::string file = folder_ + "/features/a.npz";
  struct stat before {};
  struct stat after {};
  open_and_add("a");
  ASSERT_EQ(::stat(file.c_str(), &before), 0);
  open_and_add("a");
  ASSERT_EQ(::stat(file.c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  std::string bytes = read_file(file);
  const std::string good = bytes;
  bytes.back() ^= 1;
  write_file(file, bytes);
  open_and_add("a");
  EXPECT_EQ(read_file(file), good);
}

TEST_F(MatchFilesTest, RefusesWhatIsNoPair) {
  const std::vector<std::uint32_t> inliers = {3};
  PairMatches pair = pair_.with("a", "b");
  pair.inliers = inliers;
  EXPECT_THROW(open()->add_pair(pair), std::invalid_argument);
}

TEST_F(MatchFilesTest, NamesTheFolderThatCannotBeMade) {
  write_file(dir_ / "new", "a file");
  try {
    static_cast<void>(open());
    FAIL() << "it could be made";
  } catch (const std::system_error& error) {
    EXPECT_NE(std::string(error.what()).find(folder_), std::string::npos) << error.what();
  }
}

TEST(FileName, IsReadableAndSafe) {
  EXPECT_EQ(file_name_of("Photo_1-a.JPG"), "Photo_1-a.JPG");
  EXPECT_EQ(file_name_of("../a b/c\n.png"), "%2E.%2Fa%20b%2Fc%0A.png");
  EXPECT_EQ(file_name_of("."), "%2E");
  EXPECT_EQ(file_name_of("a%2Fb"), "a%252Fb");
  EXPECT_EQ(file_name_of("\xff~"), "%FF%7E");
}

TEST(FileName, ShortensWhatIsLong) {
  EXPECT_EQ(file_name_of(std::string(200, 'a')), std::string(200, 'a'));
  const std::string name = file_name_of(std::string(201, 'a'));
  EXPECT_EQ(name.size(), 32u + 1 + 150);
  EXPECT_EQ(name.substr(32), "~" + std::string(150, 'a'));
  EXPECT_NE(name, file_name_of(std::string(202, 'a')));
  // Wherever the cut falls, the tail begins with a whole character.
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string odd = file_name_of(std::string(100, '\n') + std::string(i, 'a'));
    EXPECT_EQ(odd.substr(32, 4), "~%0A") << odd;
    EXPECT_LE(odd.size(), 200u);
  }
}

TEST(Npy, AlignsTheData) {
  for (std::size_t length : {0u, 1u, 99999u}) {
    const std::string bytes(length, 'x');
    const std::string file = npy_file({"name", "u1", {length}, bytes});
    EXPECT_EQ(file.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
    EXPECT_EQ((file.size() - length) % 64, 0u);
    EXPECT_EQ(file[file.size() - length - 1], '\n');
    EXPECT_NE(file.find("'shape': (" + std::to_string(length) + ",), }"), std::string::npos);
  }
}

TEST(Npz, IsAFunctionOfTheArrays) {
  const NpyArray arrays[] = {npy_bytes("a", "text"), npy_bytes("empty", "")};
  const std::string file = npz_file(arrays);
  EXPECT_EQ(file, npz_file(arrays));
  // The times are those of a zip archive's first day.
  EXPECT_EQ(file.substr(10, 4), std::string("\x00\x00\x21\x00", 4));
}

}  // namespace
}  // namespace bundle_match::exports
