// Where an image was taken, as its EXIF data say.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/features/image_reader.hpp"
#include "support/synthetic_images.hpp"
#include "support/temp_dir.hpp"

#include <exiv2/exiv2.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <sstream>
#include <string>

namespace bundle_match::features {
namespace {

using Tags = std::map<std::string, std::string>;  // of Exif.GPSInfo

const Tags kLondon = {{"GPSLatitude", "51/1 30/1 2520/1000"},
                      {"GPSLatitudeRef", "N"},
                      {"GPSLongitude", "0/1 7/1 2856/100"},
                      {"GPSLongitudeRef", "W"}};

class ImagePosition : public testing::Test {
 protected:
  // Not by Exiv2, which since its version 0.28 reads no number above 2^31 from text.
  [[nodiscard]] static Exiv2::URationalValue fractions(const std::string& text) {
    Exiv2::URationalValue value;
    std::istringstream words(text);
    std::uint32_t numerator = 0;
    std::uint32_t denominator = 0;
    char slash = 0;
    while (words >> numerator >> slash >> denominator) {
      value.value_.emplace_back(numerator, denominator);
    }
    return value;
  }

  // Of an image with these tags.
  [[nodiscard]] std::optional<GeoPosition> position(const Tags& tags,
                                                    const std::string& type = ".jpg") const {
    const std::string path = test::write_image(dir_ / ("image" + type), test::scene_view(0));
    const auto image = Exiv2::ImageFactory::open(path);
    Exiv2::ExifData exif;
    for (const auto& [tag, text] : tags) {
      if (text.find('/') == std::string::npos) {
        exif["Exif.GPSInfo." + tag] = text;
      } else {
        const Exiv2::URationalValue value = fractions(text);
        exif["Exif.GPSInfo." + tag].setValue(&value);
      }
    }
    image->setExifData(exif);
    image->writeMetadata();
    const ImageHeader header = read_header(path);
    EXPECT_TRUE(header.size) << "the image's size is not known any more";
    return header.position;
  }

  // London's, but for one tag.
  [[nodiscard]] std::optional<GeoPosition> with(const std::string& tag,
                                                const std::string& value) const {
    Tags tags = kLondon;
    tags[tag] = value;
    return position(tags);
  }

  test::TempDir dir_;
};

TEST_F(ImagePosition, IsReadFromEveryFormatThatHasExifData) {
  for (const char* const type : {".jpg", ".png", ".tif", ".webp"}) {
    SCOPED_TRACE(type);
    const auto found = position(kLondon, type);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->latitude, 51.5007, 1e-9);
    EXPECT_NEAR(found->longitude, -(7 * 60 + 28.56) / 3600, 1e-12);
  }
}

TEST_F(ImagePosition, IsOnEitherHalfOfTheGlobe) {
  EXPECT_LT(with("GPSLatitudeRef", "S")->latitude, 0);
  EXPECT_GT(with("GPSLongitudeRef", "E")->longitude, 0);
}

TEST_F(ImagePosition, MayBeDegreesOrMinutesAlone) {
  EXPECT_NEAR(with("GPSLatitude", "515007/10000 0/1 0/1")->latitude, 51.5007, 1e-12);
  EXPECT_NEAR(with("GPSLatitude", "51/1 30042/1000 0/1")->latitude, 51.5007, 1e-12);
  EXPECT_NEAR(with("GPSLatitude", "515007/10000")->latitude, 51.5007, 1e-12);
}

// Some programs write the fraction that is nearest to a number, with all bits there are.
TEST_F(ImagePosition, MayHaveLargeNumbers) {
  EXPECT_NEAR(with("GPSLatitude", "51/1 0/1 1546188227/4294967295")->latitude, 51.0001, 1e-12);
}

TEST_F(ImagePosition, IsNotThereIfItIsNotKnown) {
  EXPECT_FALSE(position({}));
  for (const char* const tag :
       {"GPSLatitude", "GPSLatitudeRef", "GPSLongitude", "GPSLongitudeRef"}) {
    Tags tags = kLondon;
    tags.erase(tag);
    EXPECT_FALSE(position(tags)) << "without " << tag;
  }
  EXPECT_FALSE(with("GPSLatitude", "0/0 0/0 0/0"));
  EXPECT_FALSE(with("GPSLatitude", "51/0 0/1 0/1"));
  EXPECT_FALSE(with("GPSLatitude", "91/1 0/1 0/1"));
  EXPECT_FALSE(with("GPSLongitude", "181/1 0/1 0/1"));
  Tags no_fix = kLondon;
  no_fix["GPSLatitude"] = no_fix["GPSLongitude"] = "0/1 0/1 0/1";
  EXPECT_FALSE(position(no_fix));
}

TEST_F(ImagePosition, IsNotThereIfThereIsNoImage) {
  test::write_file(dir_ / "text.jpg", "this is no image\n");
  EXPECT_FALSE(read_header(dir_ / "text.jpg").position);
  EXPECT_FALSE(read_header(dir_ / "missing.jpg").position);
}

}  // namespace
}  // namespace bundle_match::features
