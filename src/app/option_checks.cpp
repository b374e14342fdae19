// What is wrong with an option's value, in words.
// SPDX-License-Identifier: Apache-2.0
#include "option_checks.hpp"

#include "bundle_match/matching/kernel.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <system_error>

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

CLI::Validator whole_number(std::int32_t lowest, std::int32_t highest) {
  return CLI::Validator(
      [lowest, highest](std::string& text) -> std::string {
        const auto value = parse_number<std::int32_t>(text);
        return value && *value >= lowest && *value <= highest
                   ? ""
                   : fmt::format("takes a whole number from {} to {}, not '{}'", lowest, highest,
                                 text);
      },
      "");
}

CLI::Validator seconds() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        constexpr double kLongest = 1e9;
        const auto value = parse_number<double>(text);
        return value && *value >= 0 && *value <= kLongest
                   ? ""
                   : fmt::format("takes a number of seconds, 0 for no limit, not '{}'", text);
      },
      "");
}

CLI::Validator ratio() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        const auto value = parse_number<double>(text);
        return value && *value > 0 && *value <= 1
                   ? ""
                   : fmt::format("takes a number above 0 and up to 1, not '{}'", text);
      },
      "");
}

CLI::Validator positive_number() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        constexpr double kLargest = 1e9;
        const auto value = parse_number<double>(text);
        return value && *value > 0 && *value <= kLargest
                   ? ""
                   : fmt::format("takes a number above 0, not '{}'", text);
      },
      "");
}

CLI::Validator size(const std::string& smallest, std::uint64_t smallest_bytes) {
  return CLI::Validator(
      [smallest, smallest_bytes](std::string& text) -> std::string {
        const std::string given = text;
        std::string problem;
        try {
          problem = CLI::AsSizeValue(false)(text);
        } catch (const CLI::Error& error) {
          problem = error.what();
        }
        const auto bytes = parse_number<std::uint64_t>(text);
        if (problem.empty() && bytes && *bytes >= smallest_bytes) {
          return "";
        }
        return fmt::format("takes a size of at least {}, such as 512M or 4G, not '{}'", smallest,
                           given);
      },
      "");
}

CLI::Validator kernel_name() {
  return CLI::Validator(
      [](std::string& name) -> std::string {
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
      },
      "");
}

}  // namespace bundle_match::app
