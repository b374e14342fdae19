// Inserts the data into the page's files.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/report/report.hpp"

#include "page.hpp"
#include "page_data.hpp"

#include <stdexcept>
#include <string_view>

namespace bundle_match::report {
namespace {

// Appends the template up to the mark, and leaves what stands behind it.
void append_until(std::string& out, std::string_view& page, std::string_view mark) {
  const auto position = page.find(mark);
  if (position == std::string_view::npos) {
    throw std::logic_error("the page of the report lacks " + std::string(mark));
  }
  out += page.substr(0, position);
  page.remove_prefix(position + mark.size());
}

}  // namespace

std::string write_report(const ReportData& data) {
  const PageData json = page_data(data);
  std::string_view page = kPageHtml;
  std::string out;
  out.reserve(page.size() + kPageStyle.size() + kPageScript.size() + json.numbers.size() +
              json.pictures.size());
  append_until(out, page, "{{style}}");
  out += kPageStyle;
  append_until(out, page, "{{data}}");
  out += json.numbers;
  append_until(out, page, "{{script}}");
  out += kPageScript;
  append_until(out, page, "{{pictures}}");
  out += json.pictures;
  out += page;
  return out;
}

}  // namespace bundle_match::report
