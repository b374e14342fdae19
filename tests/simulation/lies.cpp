// What a compute process may say that cannot be true.
// SPDX-License-Identifier: Apache-2.0
#include "compute_process.hpp"

#include <limits>
#include <utility>
#include <variant>

namespace bundle_match::simulation {

machine::ProcessEvent draw_lie(Random& random, ComputeResult right, bool ahead) {
  constexpr std::uint64_t kLies = 13;
  constexpr std::uint64_t kManyPairs = 100;
  OrderResult& result = right.result;
  switch (random.below(kLies)) {
    case 0:
      return machine::ProcessSaid{ProcessReady{}};
    case 1:
      result.order = OrderId(result.order.value() + random.from_to(1, 3));
      break;
    case 2:
      result.order = OrderId(std::numeric_limits<std::uint64_t>::max());
      break;
    case 3:
      result.status = ImageStatus::timed_out;
      result.answer = {};
      break;
    case 4:
      result.status = ImageStatus::crashed;
      result.answer = {};
      break;
    case 5:
      result.status = ImageStatus::ok;
      result.not_found = true;
      break;
    case 6:
      result.status = ImageStatus::failed;
      result.answer = DescribeAnswer{"f"};
      break;
    case 7:
      result.status = ImageStatus::ok;
      result.answer = PictureAnswer{"p"};
      break;
    case 8:
      if (std::holds_alternative<DescribeAnswer>(result.answer)) {
        return machine::ProcessSaid{StillComputing{}};  // there are no pairs
      }
      result.elapsed_ms.sift = std::numeric_limits<float>::quiet_NaN();
      break;
    case 9:
      right.cache = CacheHit{"../../etc"};
      break;
    case 10:
      return machine::ProcessSaid{
          ImagePrepared{ahead ? OrderId(result.order.value() + 1) : result.order}};
    case 11:
      if (!ahead || result.status != ImageStatus::ok) {
        result.order = OrderId(result.order.value() + 1);
      }
      break;
    default: {
      MatchAnswer answer;
      answer.outcomes.resize(kManyPairs);
      result.answer = std::move(answer);
    }
  }
  return machine::ProcessSaid{std::move(right)};
}

}  // namespace bundle_match::simulation
