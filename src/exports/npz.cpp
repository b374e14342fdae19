// Writes the header of npy itself, and the archive by libzip.
// SPDX-License-Identifier: Apache-2.0
#include "npz.hpp"

#include <fmt/format.h>

#include <bit>
#include <memory>
#include <stdexcept>
#include <zip.h>

namespace bundle_match::exports {
namespace {

// The earliest date that a zip archive can store.
constexpr zip_uint16_t kDosTime = 0;
constexpr zip_uint16_t kDosDate = 0x21;

std::string type_of(const NpyArray& array) {
  const bool has_order = array.type.back() > '1' && array.type.front() != 'S';
  if (!has_order) {
    return '|' + array.type;
  }
  return (std::endian::native == std::endian::little ? '<' : '>') + array.type;
}

// As Python writes a tuple.
std::string shape_of(const NpyArray& array) {
  std::string shape = "(";
  for (const std::size_t length : array.shape) {
    shape += fmt::format("{}{}", shape.size() > 1 ? ", " : "", length);
  }
  return shape + (array.shape.size() == 1 ? ",)" : ")");
}

struct Discarder {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};

[[noreturn]] void fail(zip_t* archive) {
  throw std::runtime_error(fmt::format("an npz file: {}", zip_strerror(archive)));
}

void add_file(zip_t* archive, const std::string& name, const std::string& content) {
  zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
  if (source == nullptr) {
    fail(archive);
  }
  const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    fail(archive);
  }
  const auto entry = static_cast<zip_uint64_t>(index);
  if (zip_set_file_compression(archive, entry, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(archive, entry, kDosTime, kDosDate, 0) != 0) {
    fail(archive);
  }
}

std::string content_of(zip_source_t* source) {
  zip_stat_t status;
  if (zip_source_stat(source, &status) != 0 || zip_source_open(source) != 0) {
    throw std::runtime_error("an npz file cannot be made");
  }
  std::string bytes(status.size, '\0');
  const zip_int64_t size = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (size < 0 || static_cast<std::size_t>(size) != bytes.size()) {
    throw std::runtime_error("an npz file cannot be made");
  }
  return bytes;
}

}  // namespace

NpyArray npy_bytes(std::string_view name, std::string_view value) {
  static constexpr char kNul = '\0';
  if (value.empty()) {
    value = std::string_view(&kNul, 1);
  }
  return {name, fmt::format("S{}", value.size()), {}, value};
}

std::string npy_file(const NpyArray& array) {
  constexpr std::size_t kBeforeHeader = 10;  // magic, version, length of the header
  constexpr std::size_t kAlignment = 64;
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
                                   type_of(array), shape_of(array));
  const std::size_t used = kBeforeHeader + header.size() + 1;
  header.append((kAlignment - used % kAlignment) % kAlignment, ' ');
  header += '\n';
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(header.size() & 0xff);
  file += static_cast<char>(header.size() >> 8);
  file += header;
  file += array.bytes;
  return file;
}

std::string npz_file(std::span<const NpyArray> arrays) {
  std::vector<std::string> files;  // the archive reads them when it is closed
  files.reserve(arrays.size());
  const std::unique_ptr<zip_source_t, Discarder> buffer(
      zip_source_buffer_create(nullptr, 0, 0, nullptr));
  std::unique_ptr<zip_t, Discarder> archive(
      buffer ? zip_open_from_source(buffer.get(), ZIP_CREATE | ZIP_TRUNCATE, nullptr) : nullptr);
  if (!archive) {
    throw std::runtime_error("an npz file cannot be made");
  }
  zip_source_keep(buffer.get());  // the archive frees one of two references
  for (const NpyArray& array : arrays) {
    files.push_back(npy_file(array));
    add_file(archive.get(), std::string(array.name) + ".npy", files.back());
  }
  if (zip_close(archive.get()) != 0) {
    fail(archive.get());
  }
  static_cast<void>(archive.release());
  return content_of(buffer.get());
}

}  // namespace bundle_match::exports
