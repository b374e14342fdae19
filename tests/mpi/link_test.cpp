// The link between ranks: broadcast, orders, reports, hosts.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/transport/link.hpp"

#include "mpi_environment.hpp"
#include "support/odd_options.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <unistd.h>

namespace bundle_match::transport {
namespace {

using namespace std::string_view_literals;
using test::receive_soon;

class LinkTest : public testing::Test {
 protected:
  // The next order on a worker; fails the test if none comes.
  ImageOrder next_order() {
    const auto order = receive_soon([this] { return link_.try_receive_order(); });
    EXPECT_TRUE(order) << "no order came";
    return order.value_or(ImageOrder{});
  }
  ReportFrom next_report() {
    const auto report = receive_soon([this] { return link_.try_receive_report(); });
    EXPECT_TRUE(report) << "no report came";
    return report.value_or(ReportFrom{});
  }

  Link& link_ = test::mpi_environment().link;
  const Rank rank_ = link_.rank();
  const int size_ = link_.size();
};

// Strings that C, text streams or JSON would change, and one beyond every eager limit of MPI.
const std::vector<std::string>& odd_strings() {
  static const std::vector<std::string> strings = {"",
                                                   "plain.png",
                                                   "new\nline\r\n",
                                                   std::string("nul\0byte\0"sv),
                                                   "\xff\xfe\x80 no UTF-8",
                                                   "-- \"quoted\" 'and' \\",
                                                   std::string(3000000, 'x')};
  return strings;
}

ImageReport report_of(ImageIndex image, const std::string& reason) {
  ImageReport report;
  report.image = image;
  report.status = ImageStatus::failed;
  report.outcomes = {{4000000000, 7, {0.5}, {{1, 2}}, {0}}};
  report.keypoints = 17;
  report.width = 640;
  report.height = 480;
  report.elapsed_ms = {1, 2.5, 3};
  report.reason = reason;
  report.kernel = reason;
  report.place = reason;
  return report;
}

TEST_F(LinkTest, KnowsRankAndSize) {
  EXPECT_GE(rank_, 0);
  EXPECT_LT(rank_, size_);
  EXPECT_EQ(link_.ranks_on_this_node(), size_) << "these tests run on one node";
}

TEST_F(LinkTest, GathersEveryHostOnRank0) {
  std::array<char, 256> name{};
  ASSERT_EQ(::gethostname(name.data(), name.size() - 1), 0);
  const std::vector<std::string> hosts = link_.gather_hosts();
  if (rank_ == 0) {
    EXPECT_EQ(hosts, std::vector<std::string>(static_cast<std::size_t>(size_), name.data()));
  } else {
    EXPECT_TRUE(hosts.empty());
  }
}

TEST_F(LinkTest, BroadcastsTheJob) {
  Job sent;
  sent.options = test::odd_options();
  sent.options.cache_dir = std::string(1000000, 'x');
  sent.rank_timeout_s = 7;
  Job job = rank_ == 0 ? sent : Job{};
  link_.broadcast(job);
  EXPECT_EQ(job.protocol_version, kProtocolVersion);
  EXPECT_TRUE(job == sent);
}

TEST_F(LinkTest, BroadcastsThatThereIsNothingToDo) {
  for (const auto stage : {Job::Stage::over, Job::Stage::working, Job::Stage::over}) {
    Job job;
    if (rank_ == 0) {
      job.stage = stage;
    }
    link_.broadcast(job);
    EXPECT_EQ(job.stage, stage);
  }
}

TEST_F(LinkTest, CarriesTheReferencesPieceByPiece) {
  const ReferencesMessage messages[] = {{std::string(5000000, '\x80'), false, {}},
                                        {"", true, {}},
                                        {"", false, SharedFile{"/f", 7, 9}}};
  for (const ReferencesMessage& message : messages) {
    if (rank_ == 0) {
      for (Rank worker = 1; worker < size_; ++worker) {
        link_.send(worker, message);
      }
      test::barrier();
    } else {
      const auto received = test::receive_soon([this] { return link_.try_receive_references(); });
      EXPECT_TRUE(received == message);
      test::barrier();
    }
  }
}

TEST_F(LinkTest, DoesNotWaitForAJobFromASilentRank0) {
  Job job;
  job.rank_timeout_s = 0.05;
  if (rank_ != 0) {
    EXPECT_THROW(link_.broadcast(job), std::runtime_error);
  }
  test::barrier();
}

TEST_F(LinkTest, TellsRanksOfAnotherVersion) {
  Job job;
  if (rank_ == 0) {
    job.protocol_version = kProtocolVersion + 1;
    link_.broadcast(job);
  } else {
    EXPECT_THROW(link_.broadcast(job), std::runtime_error);
  }
}

TEST_F(LinkTest, ReceivesNothingWhenNothingIsThere) {
  test::barrier();
  if (rank_ == 0) {
    EXPECT_EQ(link_.try_receive_report().has_value(), false);
  } else {
    EXPECT_EQ(link_.try_receive_order(), std::nullopt);
  }
  test::barrier();
}

TEST_F(LinkTest, CarriesOrdersOfAnyBytesInOrder) {
  const std::vector<std::string>& paths = odd_strings();
  if (rank_ == 0) {
    for (Rank worker = 1; worker < size_; ++worker) {
      for (std::size_t i = 0; i < paths.size(); ++i) {
        link_.send(worker, ImageOrder{ImageOrder::Action::match,
                                      i + 1000 * static_cast<ImageIndex>(worker), paths[i]});
      }
      link_.send(worker, ImageOrder{ImageOrder::Action::stop, kNoImage, ""});
    }
    link_.flush();
    return;
  }
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const ImageOrder order = next_order();
    EXPECT_EQ(order.action, ImageOrder::Action::match);
    EXPECT_EQ(order.image, i + 1000 * static_cast<ImageIndex>(rank_));
    EXPECT_TRUE(order.path == paths[i]) << "order " << i << ", " << order.path.size() << " bytes";
  }
  EXPECT_EQ(next_order(), (ImageOrder{ImageOrder::Action::stop, kNoImage, ""}));
  EXPECT_EQ(link_.try_receive_order(), std::nullopt);
}

TEST_F(LinkTest, CarriesReportsOfAnyBytesInOrderOfEachWorker) {
  const std::vector<std::string>& reasons = odd_strings();
  if (rank_ != 0) {
    for (std::size_t i = 0; i < reasons.size(); ++i) {
      link_.send(report_of(i, reasons[i]));
    }
    link_.flush();
    return;
  }
  std::vector<std::size_t> received(static_cast<std::size_t>(size_));
  for (std::size_t i = 0; i < reasons.size() * (received.size() - 1); ++i) {
    const ReportFrom from = next_report();
    ASSERT_GT(from.rank, 0);
    ASSERT_LT(from.rank, size_);
    const std::size_t number = received[static_cast<std::size_t>(from.rank)]++;
    ASSERT_LT(number, reasons.size());
    EXPECT_TRUE(from.report == report_of(number, reasons[number]))
        << "report " << number << " of rank " << from.rank;
  }
  EXPECT_FALSE(link_.try_receive_report());
}

// Each worker answers each order; rank 0 keeps two orders under way, as the coordinator does. The
// messages grow beyond what MPI sends without waiting for the receiver: if both sides waited for
// the other to receive, neither would.
TEST_F(LinkTest, CarriesOrdersAndReportsBothWaysAtOnce) {
  constexpr ImageIndex kImages = 200;
  const auto path = [](ImageIndex image) { return std::string(image * 50, 'p'); };
  const auto reason = [](ImageIndex image) { return std::string(image * 40, 'r'); };
  const ImageOrder stop{ImageOrder::Action::stop, kNoImage, ""};
  if (rank_ != 0) {
    for (ImageOrder order = next_order(); order.action == ImageOrder::Action::match;
         order = next_order()) {
      ASSERT_TRUE(order.path == path(order.image));
      link_.send(report_of(order.image, reason(order.image)));
    }
    return;
  }
  for (Rank worker = 1; worker < size_; ++worker) {
    link_.send(worker, ImageOrder{ImageOrder::Action::match, 0, path(0)});
    link_.send(worker, ImageOrder{ImageOrder::Action::match, 1, path(1)});
  }
  for (int running = size_ - 1; running > 0;) {
    const ReportFrom from = next_report();
    ASSERT_TRUE(from.report == report_of(from.report.image, reason(from.report.image)));
    if (from.report.image + 2 < kImages) {
      const ImageIndex next = from.report.image + 2;
      link_.send(from.rank, ImageOrder{ImageOrder::Action::match, next, path(next)});
    } else if (from.report.image + 1 == kImages) {
      link_.send(from.rank, stop);
      --running;
    }
  }
  link_.flush();
}

TEST(MpiVersion, NamesTheLibraryInOneLine) {
  EXPECT_NE(mpi_version().find("MPI"), std::string::npos);
  EXPECT_EQ(mpi_version().find('\n'), std::string::npos);
}

}  // namespace
}  // namespace bundle_match::transport
