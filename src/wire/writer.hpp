// An archive, as Boost.Serialization means it, that messages are written to.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/strong_id.hpp"
#include "texts.hpp"

#include <boost/serialization/serialization.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace bundle_match::wire {

/// Writes the bare values one after another, a struct by its serialize(). Boost's own archives
/// write through a stream with a locale, which takes longer than a whole order.
class Writer {
 public:
  using is_saving = std::true_type;
  using is_loading = std::false_type;

  /// Appends to `bytes`, which must outlive it.
  explicit Writer(std::string& bytes) : bytes_(bytes) {}

  template <class Part>
  Writer& operator&(const Part& part) {
    write(part);
    return *this;
  }

 private:
  template <class Part>
  void write(const Part& part) {
    if constexpr (std::is_arithmetic_v<Part> || std::is_enum_v<Part>) {
      write_bytes({reinterpret_cast<const char*>(&part), sizeof part});
    } else {
      // serialize() is the same for both ways, and changes nothing on this one.
      boost::serialization::serialize_adl(*this, const_cast<Part&>(part), 0);
    }
  }

  void write(const std::string& text) = delete;  // say what it may be: texts.hpp

  void write(const Text& text) {
    write_sized(std::string_view(text.value).substr(0, text.longest));
  }
  void write(const CacheKey& key) { write_sized(key.value); }

  template <class Kind, class Number>
  void write(const StrongId<Kind, Number>& id) {
    write(id.value());
  }

  template <class Value>
  void write(const std::vector<Value>& values) {
    write(std::uint64_t{values.size()});
    for (const Value& value : values) {
      write(value);
    }
  }

  template <class Value>
  void write(const std::optional<Value>& value) {
    write(value.has_value());
    if (value) {
      write(*value);
    }
  }

  template <class... Alternatives>
  void write(const std::variant<Alternatives...>& value) {
    static_assert(sizeof...(Alternatives) <= 256);
    write(static_cast<std::uint8_t>(value.index()));
    std::visit([this](const auto& alternative) { this->write(alternative); }, value);
  }

  void write(const std::monostate& /*nothing*/) {}

  void write_sized(std::string_view text) {
    write(std::uint64_t{text.size()});
    write_bytes(text);
  }

  void write_bytes(std::string_view bytes) { bytes_.append(bytes); }

  std::string& bytes_;
};

}  // namespace bundle_match::wire
