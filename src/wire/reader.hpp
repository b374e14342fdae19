// An archive, as Boost.Serialization means it, that messages are read from. The sender may be a
// process that a hostile image has taken over: no byte is believed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/strong_id.hpp"
#include "texts.hpp"

#include <boost/serialization/serialization.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace bundle_match::wire {

/// Reads what Writer writes. Throws DecodeError for what it cannot have written.
class Reader {
 public:
  using is_saving = std::false_type;
  using is_loading = std::true_type;

  /// `bytes` must outlive it.
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  template <class Part>
  Reader& operator&(Part&& part) {
    read(part);
    return *this;
  }

  /// What it has not read.
  [[nodiscard]] std::string_view left() const { return left_; }

 private:
  template <class Part>
  void read(Part& part) {
    if constexpr (std::is_enum_v<Part>) {
      part = static_cast<Part>(
          read_number(static_cast<std::underlying_type_t<Part>>(last_value(Part{}))));
    } else if constexpr (std::is_arithmetic_v<Part>) {
      std::memcpy(&part, take(sizeof part).data(), sizeof part);
    } else {
      boost::serialization::serialize_adl(*this, part, 0);
    }
  }

  void read(std::string& text) = delete;  // say what it may be: texts.hpp

  // Any other byte than 0 and 1 would make a bool that is neither true nor false.
  void read(bool& flag) { flag = read_number(std::uint8_t{1}) != 0; }

  void read(Text& text) { text.value = read_sized(text.longest); }
  void read(CacheKey& key) {
    const std::string_view text = read_sized(left_.size());
    if (!is_cache_key(text)) {
      throw DecodeError("what is no key of the cache");
    }
    key.value = text;
  }

  template <class Kind, class Number>
  void read(StrongId<Kind, Number>& id) {
    Number number{};
    read(number);
    id = StrongId<Kind, Number>(number);
  }

  // Grows with what is there, not with what the length claims.
  template <class Value>
  void read(std::vector<Value>& values) {
    std::uint64_t left = 0;
    read(left);
    for (values.clear(); left > 0; --left) {
      read(values.emplace_back());
    }
  }

  template <class Value>
  void read(std::optional<Value>& value) {
    bool has_value = false;
    read(has_value);
    value.reset();
    if (has_value) {
      read(value.emplace());
    }
  }

  template <class... Alternatives>
  void read(std::variant<Alternatives...>& value) {
    const std::uint8_t index = read_number(static_cast<std::uint8_t>(sizeof...(Alternatives) - 1));
    [&]<std::size_t... I>(std::index_sequence<I...> /*all*/) {
      ((I == index ? read(value.template emplace<I>()) : void()), ...);
    }
    (std::index_sequence_for<Alternatives...>{});
  }

  void read(std::monostate& /*nothing*/) {}

  template <class Number>
  [[nodiscard]] Number read_number(Number most) {
    Number number{};
    read(number);
    if (number > most) {
      throw DecodeError("a value out of its range");
    }
    return number;
  }

  [[nodiscard]] std::string_view read_sized(std::size_t longest) {
    std::uint64_t size = 0;
    read(size);
    if (size > longest) {
      throw DecodeError("a text that is too long");
    }
    return take(size);
  }

  [[nodiscard]] std::string_view take(std::uint64_t size) {
    if (size > left_.size()) {
      throw DecodeError("a message that ends too early");
    }
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }

  std::string_view left_;
};

}  // namespace bundle_match::wire
