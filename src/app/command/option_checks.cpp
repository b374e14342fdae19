// Checks values of options and words what is wrong with them.
// SPDX-License-Identifier: Apache-2.0
#include "command/option_checks.hpp"

#include "bundle_match/matching/kernel.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace bundle_match::app {
namespace {

template <class Number>
std::optional<Number> parse_number(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

void check_values(CLI::Option* option, Check check) {
  const auto validate = [option, check = std::move(check)](std::string& value) -> std::string {
    if (const std::string problem = check(value); !problem.empty()) {
      throw BadOption(fmt::format("{} {}", option->get_name(), problem));
    }
    return "";
  };
  option->transform(CLI::Validator(validate, ""));
}

Check whole_number(std::int32_t lowest, std::int32_t highest) {
  return [lowest, highest](std::string& text) -> std::string {
    const auto value = parse_number<std::int32_t>(text);
    return value && *value >= lowest && *value <= highest
               ? ""
               : fmt::format("takes a whole number from {} to {}, not '{}'", lowest, highest, text);
  };
}

Check seconds() {
  return [](std::string& text) -> std::string {
    constexpr double kLongest = 1e9;
    const auto value = parse_number<double>(text);
    return value && *value >= 0 && *value <= kLongest
               ? ""
               : fmt::format("takes a number of seconds, 0 for no limit, not '{}'", text);
  };
}

Check ratio() {
  return [](std::string& text) -> std::string {
    const auto value = parse_number<double>(text);
    return value && *value > 0 && *value <= 1
               ? ""
               : fmt::format("takes a number above 0 and up to 1, not '{}'", text);
  };
}

Check positive_number() {
  return [](std::string& text) -> std::string {
    constexpr double kLargest = 1e9;
    const auto value = parse_number<double>(text);
    return value && *value > 0 && *value <= kLargest
               ? ""
               : fmt::format("takes a number above 0, not '{}'", text);
  };
}

Check size(const std::string& smallest, std::uint64_t smallest_bytes) {
  return [smallest, smallest_bytes](std::string& text) -> std::string {
    const std::string given = text;
    bool is_size = false;
    try {
      is_size = CLI::AsSizeValue(false)(text).empty();
    } catch (const CLI::ParseError&) {  // a number too large, or an unknown unit
    }
    const auto bytes = parse_number<std::uint64_t>(text);
    if (is_size && bytes && *bytes >= smallest_bytes) {
      return "";
    }
    return fmt::format("takes a size of at least {}, such as 512M or 4G, not '{}'", smallest,
                       given);
  };
}

Check kernel_name() {
  return [](std::string& name) -> std::string {
    const matching::Kernel* kernel = matching::find_kernel(name);
    if (name == "list" || (kernel != nullptr && kernel->supported())) {
      return "";
    }
    std::string names;
    for (const matching::Kernel& known : matching::kernels()) {
      names += known.supported() ? fmt::format("{}, ", known.name) : "";
    }
    return fmt::format("takes one of {}or list, not '{}'{}", names, name,
                       kernel != nullptr ? ", which this CPU lacks" : "");
  };
}

Check on_or_off() {
  return [](std::string& text) -> std::string {
    return CLI::TypeValidator<bool>("")(text).empty()
               ? ""
               : fmt::format("takes no value, or true or false, not '{}'", text);
  };
}

}  // namespace bundle_match::app
