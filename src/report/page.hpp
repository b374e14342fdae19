// The files of page/, as the build embeds them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace bundle_match::report {

extern const std::string_view
    kPageHtml;  ///< with {{style}}, {{data}}, {{script}}, {{pictures}} once each
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;

}  // namespace bundle_match::report
