// Sets of features in a memory file: what comes back, from a copy too, and what damage costs.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/feature_set.hpp"

#include "bundle_match/posix/memory_file.hpp"
#include "support/described_images.hpp"
#include "support/file_changes.hpp"
#include "support/id_literals.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bundle_match::features {
namespace {

using test::described_image;
using test::expect_equal;

std::string content_of(const UniqueFd& file) {
  return test::read_file("/proc/self/fd/" + std::to_string(file.get()));
}

UniqueFd file_of(std::string_view bytes) {
  UniqueFd file(::memfd_create("test", MFD_CLOEXEC));
  EXPECT_EQ(write_all(file.get(), bytes), 0);
  return file;
}

UniqueFd set_of(const std::vector<std::string>& images) {
  FeatureSetBuilder builder(images.size());
  for (std::uint32_t i = 0; i < images.size(); ++i) {
    builder.add(ReferenceIndex(i), images[i]);
  }
  return builder.finish();
}

// Whether the bytes are taken for a set, all of whose images are whole.
bool is_read(const std::string& bytes) {
  try {
    const FeatureSet set(file_of(bytes));
    for (std::uint32_t i = 0; i < set.size(); ++i) {
      (void)set[ReferenceIndex(i)];
    }
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

void put_from_end(std::string& bytes, std::size_t from_end, std::uint64_t value) {
  std::memcpy(bytes.data() + bytes.size() - from_end, &value, sizeof value);
}

TEST(FeatureSetTest, GivesBackWhatWasAppended) {
  std::vector<DescribedImage> images;
  std::vector<std::string> encoded;
  for (const std::size_t keypoints : {3U, 0U, 1U, 500U, 2U}) {
    images.push_back(described_image(keypoints, std::string(keypoints % 5, 'r'), 1));
    encoded.push_back(encode_features(images.back()));
  }
  const FeatureSet set(set_of(encoded));
  ASSERT_EQ(set.size(), images.size());
  for (std::uint32_t i = 0; i < images.size(); ++i) {
    expect_equal(set[ReferenceIndex(i)].view, images[i]);
    expect_equal(set[ReferenceIndex(i)].view, images[i]);  // the second look is another
    EXPECT_EQ(set[ReferenceIndex(i)].encoded, encoded[i]);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(set[ReferenceIndex(i)].encoded.data()) % 64, 0U)
        << i;
  }
}

TEST(FeatureSetTest, TakesImagesInAnyOrder) {
  const DescribedImage first = described_image(3, "", 12);
  const DescribedImage last = described_image(7, "last", 13);
  FeatureSetBuilder builder(4);
  builder.add(3_reference, encode_features(last));
  builder.add(2_reference, "");
  builder.add(0_reference, encode_features(first));
  EXPECT_THROW(builder.add(4_reference, "one too many"), std::out_of_range);
  const FeatureSet set(builder.finish());
  ASSERT_EQ(set.size(), 4U);
  expect_equal(set[0_reference].view, first);
  expect_equal(set[1_reference].view, {});
  expect_equal(set[2_reference].view, {});
  expect_equal(set[3_reference].view, last);
}

// Whether what is in the file came to disk half-way, at once, or never.
TEST(FeatureSetTest, GoesOnDiskIfItIsLarge) {
  const test::TempDir folder;
  std::vector<std::string> encoded;
  std::uint64_t bytes = 0;
  for (const int seed : {14, 15, 16}) {
    encoded.push_back(encode_features(described_image(40, "", static_cast<unsigned>(seed))));
    bytes += encoded.back().size();
  }
  for (const std::uint64_t most : {std::uint64_t{0}, bytes / 2, bytes, 10 * bytes}) {
    FeatureSetBuilder builder(encoded.size(), {most, folder.path()});
    for (const std::uint32_t i : {2U, 0U, 1U}) {
      builder.add(ReferenceIndex(i), encoded[i]);
    }
    const UniqueFd file = builder.finish();
    EXPECT_EQ(is_memory_file(file.get()), most > bytes + 1000) << most;
    EXPECT_NE(::fcntl(file.get(), F_GETFD) & FD_CLOEXEC, 0);
    EXPECT_EQ(::fcntl(file.get(), F_GETFL) & O_ACCMODE, O_RDONLY);
    const FeatureSet set(reopen_for_reading(file.get()));
    for (const std::uint32_t i : {0U, 1U, 2U}) {
      EXPECT_EQ(set[ReferenceIndex(i)].encoded, encoded[i]) << most;
    }
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "it has a name";
}

TEST(FeatureSetTest, NamesTheFolderThatHasNoRoom) {
  const test::TempDir folder;
  FeatureSetBuilder builder(1, {10, folder / "nowhere"});
  try {
    builder.add(0_reference, "more than ten bytes");
    ADD_FAILURE() << "there is no such folder";
  } catch (const std::system_error& error) {
    EXPECT_NE(std::string(error.what()).find("nowhere"), std::string::npos) << error.what();
  }
}

TEST(FeatureSetTest, MayBeEmpty) {
  const FeatureSet none;
  EXPECT_EQ(none.size(), 0U);
  EXPECT_THROW((void)none[0_reference], std::out_of_range);
  const FeatureSet built(set_of({}));
  EXPECT_EQ(built.size(), 0U);
  EXPECT_THROW((void)built[0_reference], std::out_of_range);
}

TEST(FeatureSetTest, MayHaveHoles) {
  const DescribedImage image = described_image(2, "", 2);
  const FeatureSet set(set_of({"", encode_features(image), "", ""}));
  ASSERT_EQ(set.size(), 4U);
  for (const ReferenceIndex hole : {0_reference, 2_reference, 3_reference}) {
    expect_equal(set[hole].view, {});
    EXPECT_TRUE(set[hole].encoded.empty());
  }
  expect_equal(set[1_reference].view, image);
  EXPECT_THROW((void)set[4_reference], std::out_of_range);
  EXPECT_THROW((void)set[4294967295_reference], std::out_of_range);
}

TEST(FeatureSetTest, IsAsGoodFromACopy) {
  const DescribedImage image = described_image(2, "copied", 3);
  const UniqueFd file = set_of({"", encode_features(image)});
  const FeatureSet set(file_of(content_of(file)));
  ASSERT_EQ(set.size(), 2U);
  expect_equal(set[1_reference].view, image);
}

std::size_t mappings_of_features() {
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) {
    count += line.find("memfd:features") != std::string::npos ? 1 : 0;
  }
  return count;
}

TEST(FeatureSetTest, KeepsMappedWhatWasUsedLastAndWhatSomebodyHas) {
  std::vector<DescribedImage> images;
  std::vector<std::string> encoded;
  for (unsigned i = 0; i < 6; ++i) {
    images.push_back(described_image(100, "", 20 + i));
    encoded.push_back(encode_features(images.back()));
  }
  const FeatureSet set(set_of(encoded), 2 * encoded[0].size());
  EXPECT_EQ(mappings_of_features(), 0U) << "none was looked at";
  const MappedImage first = set[0_reference];
  for (int round = 0; round < 3; ++round) {
    for (std::uint32_t i = 1; i < images.size(); ++i) {
      expect_equal(set[ReferenceIndex(i)].view, images[i]);
    }
  }
  EXPECT_EQ(mappings_of_features(), 3U) << "the last two, and the first one";
  expect_equal(first.view, images[0]);
  expect_equal(set[5_reference].view, images[5]);
  expect_equal(set[0_reference].view, images[0]);
  EXPECT_LE(mappings_of_features(), 3U);
}

TEST(FeatureSetTest, CanBeMoved) {
  const DescribedImage image = described_image(2, "moved", 4);
  FeatureSet set(set_of({encode_features(image)}));
  const MappedImage mapped = set[0_reference];
  FeatureSet other = std::move(set);
  expect_equal(mapped.view, image);
  expect_equal(other[0_reference].view, image);
  other = FeatureSet(set_of({"", ""}));
  EXPECT_EQ(other.size(), 2U);
  expect_equal(mapped.view, image);
}

TEST(FeatureSetTest, CannotBeChangedByThoseWhoShareIt) {
  const UniqueFd file = set_of({encode_features(described_image(1, "", 5))});
  EXPECT_EQ(test::why_changeable(file.get()), "");
  EXPECT_NE(::fcntl(file.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(FeatureSetTest, TakesNothingAfterItsEnd) {
  FeatureSetBuilder builder(1);
  (void)builder.finish();
  EXPECT_THROW(builder.add(0_reference, "more"), std::system_error);
}

TEST(FeatureSetTest, LosesADamagedImageAlone) {
  const DescribedImage image = described_image(2, "whole", 6);
  std::string bytes =
      content_of(set_of({encode_features(described_image(1, "", 7)), encode_features(image)}));
  bytes[100] = static_cast<char>(bytes[100] ^ 1);
  const FeatureSet set(file_of(bytes));
  EXPECT_THROW((void)set[0_reference], std::runtime_error);
  EXPECT_THROW((void)set[0_reference], std::runtime_error) << "at the second look";
  expect_equal(set[1_reference].view, image);
}

TEST(FeatureSetTest, RefusesEveryOtherLength) {
  const std::string bytes = content_of(set_of({encode_features(described_image(1, "", 8)), ""}));
  ASSERT_TRUE(is_read(bytes));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(is_read(bytes.substr(0, size))) << size;
  }
  for (const std::size_t more : {1U, 8U, 24U, 64U}) {
    EXPECT_FALSE(is_read(bytes + std::string(more, '\0'))) << more;
  }
}

TEST(FeatureSetTest, RefusesEveryDamagedByteOfItsTable) {
  const std::string bytes = content_of(set_of({encode_features(described_image(1, "", 9)), "",
                                               encode_features(described_image(2, "", 10))}));
  constexpr std::size_t kTableBytes = 3 * 16 + 8;
  for (std::size_t i = bytes.size() - kTableBytes; i < bytes.size(); ++i) {
    for (const int flipped : {0x01, 0x80, 0xff}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ flipped);
      EXPECT_FALSE(is_read(damaged)) << "byte " << i << " ^ " << flipped;
    }
  }
}

TEST(FeatureSetTest, RefusesHostileNumbers) {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  const std::string bytes = content_of(set_of({encode_features(described_image(1, "", 11))}));
  for (const std::uint64_t value :
       {kMost, kMost - 7, kMost - 63, kMost - 127, kMost / 16 + 1, kMost / 16 + 2,
        std::uint64_t{1} << 63, static_cast<std::uint64_t>(bytes.size())}) {
    for (const std::size_t from_end : {8U, 16U, 24U}) {  // number, size, offset
      std::string hostile = bytes;
      put_from_end(hostile, from_end, value);
      EXPECT_FALSE(is_read(hostile)) << value << " at " << from_end;
    }
  }
}

TEST(FeatureSetTest, RefusesWhatIsNoFile) {
  EXPECT_THROW(FeatureSet(UniqueFd(-1)), std::system_error);
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  EXPECT_THROW(FeatureSet(std::move(reader)), std::runtime_error);
}

// In a child: the limit on files' sizes stands for memory that does not suffice.
TEST(FeatureSetTest, ThrowsIfMemoryDoesNotSuffice) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      FeatureSetBuilder builder(1);
      builder.add(0_reference, std::string(2000, 'x'));
    } catch (const std::system_error&) {
      ::_exit(0);
    }
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace bundle_match::features
