// Fleet that keep features for each other, in a network of their own: what one sends, the others
// get.
// SPDX-License-Identifier: Apache-2.0
#include "bundle_match/machine/feature_exchange.hpp"

#include "bundle_match/core/host_table.hpp"
#include "bundle_match/machine/feature_keeping.hpp"
#include "support/id_literals.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace bundle_match::machine {
namespace {

// So many ranks on hosts of those names, and rank 0's part in it. Stores are strings.
class Fleet {
 public:
  explicit Fleet(const std::vector<std::string>& hosts)
      : keeping_(HostTable(ById<Rank, std::string>(hosts)), 100), gone_(hosts.size()) {
    for (int rank = 0; rank < static_cast<int>(hosts.size()); ++rank) {
      exchanges_.push_back(FeatureExchange(Rank(rank), files_of(Rank(rank))));
    }
    stores_.resize(hosts.size());
  }

  // Carries out all that follows, until nobody does anything any more.
  void settle() {
    begin();
    while (!messages_.empty()) {
      const auto [from, to, message] = std::move(messages_.front());
      messages_.pop_front();
      if (!gone_[to] && !gone_[from]) {
        ++sent_[{from, to}];
        FeatureExchange::Actions actions;
        exchanges_[to].handle(from, message, actions);
        carry_out(to, std::move(actions));
      }
    }
  }

  void keep(Rank rank, std::uint64_t order, const std::string& features) {
    begin();
    FeatureExchange::Actions actions;
    exchanges_[rank].keep(OrderId(order), features, actions);
    carry_out(rank, std::move(actions));
  }
  void need(Rank rank, std::uint64_t order, FeatureHomes homes) {
    begin();
    FeatureExchange::Actions actions;
    exchanges_[rank].need(OrderId(order), std::move(homes), actions);
    carry_out(rank, std::move(actions));
  }
  void lose(Rank rank) {
    gone_[rank] = true;
    if (keeping_.rank_lost(rank)) {
      tell_keepers();
    }
  }
  void put_in_container(Rank rank) { in_container_.insert(rank); }
  void damage_store(Rank rank) { damaged_.insert(rank); }

  // Where the features of the order's result are; after settle().
  [[nodiscard]] FeatureHome home(std::uint64_t order) const { return kept_.at(OrderId(order)); }
  [[nodiscard]] bool has_home(std::uint64_t order) const { return kept_.contains(OrderId(order)); }
  // What the rank reads of what the order needs; nothing if that is not there.
  [[nodiscard]] std::optional<std::vector<std::string>> read(std::uint64_t order) const {
    const auto it = ready_.find(OrderId(order));
    return it != ready_.end() ? std::optional(it->second) : std::nullopt;
  }
  [[nodiscard]] FeatureHomes lost(std::uint64_t order) const {
    const auto it = lost_.find(OrderId(order));
    return it != lost_.end() ? it->second : FeatureHomes();
  }
  [[nodiscard]] int sent(Rank from, Rank to) const {
    const auto it = sent_.find({from, to});
    return it != sent_.end() ? it->second : 0;
  }
  [[nodiscard]] const std::string& store_of(Rank rank) const { return stores_[rank]; }
  [[nodiscard]] std::size_t waiting(Rank rank) const { return exchanges_[rank].waiting(); }

 private:
  static StoreFiles files_of(Rank rank) {
    return {{"/proc/" + std::to_string(rank.value()) + "/fd/3", 1, 0}, {}};
  }

  void begin() {
    if (!std::exchange(begun_, true)) {
      tell_keepers();
    }
  }
  void tell_keepers() {
    for (const Rank rank : gone_.ids()) {
      if (!gone_[rank]) {
        FeatureExchange::Actions actions;
        exchanges_[rank].handle(keeping_.keepers(), actions);
        carry_out(rank, std::move(actions));
      }
    }
  }

  void carry_out(Rank rank, FeatureExchange::Actions actions) {
    for (ExchangeAction& action : actions) {
      std::visit([&](auto& it) { carry_out(rank, it); }, action);
    }
  }
  void carry_out(Rank rank, SendToPeer& send) {
    if (send.to < rank && send.to != kRank0) {
      EXPECT_TRUE(met_.contains({send.to, rank})) << "the smaller one speaks first";
    }
    met_.insert({rank, send.to});
    messages_.push_back({rank, send.to, std::move(send.message)});
  }
  void carry_out(Rank rank, const AskForGreeting& ask) {
    if (!gone_[ask.of]) {
      FeatureExchange::Actions actions;
      exchanges_[ask.of].handle(Greet{rank}, actions);
      carry_out(ask.of, std::move(actions));
    }
  }
  void carry_out(Rank rank, AppendFeatures& append) {
    const StoredFeatures stored{StoredFeatures::File::memory, stores_[rank].size(),
                                append.features.size()};
    stores_[rank] += append.features;
    FeatureExchange::Actions actions;
    exchanges_[rank].appended(append.number, stored, actions);
    carry_out(rank, std::move(actions));
  }
  void carry_out(Rank rank, const ReadAndSend& read) {
    if (damaged_.contains(rank)) {
      FeatureExchange::Actions actions;
      exchanges_[rank].unreadable(read.to, read.home, actions);
      carry_out(rank, std::move(actions));
      return;
    }
    messages_.push_back({rank, read.to, FeatureBytes{read.home, bytes(rank, read.home.stored)}});
  }
  void carry_out(Rank rank, const UseStore& use) {
    const bool is_open = use.keeper == rank || !in_container_.contains(rank);
    if (is_open) {
      used_[rank] = use.files;
    }
    FeatureExchange::Actions actions;
    exchanges_[rank].opened(use.keeper, is_open, actions);
    carry_out(rank, std::move(actions));
  }
  void carry_out(Rank rank, const TellNotShared& tell) {
    if (keeping_.separate(rank, tell.keeper)) {
      tell_keepers();
    }
  }
  void carry_out(Rank /*rank*/, const ResultKept& kept) {
    EXPECT_TRUE(kept_.emplace(kept.order, kept.home).second) << "told twice";
  }
  void carry_out(Rank rank, const FeaturesReady& ready) {
    std::vector<std::string> read;
    for (const StoredFeatures& stored : ready.stored) {
      read.push_back(stored.size_bytes > 0 ? bytes(owner_of(used_.at(rank)), stored) : "");
    }
    EXPECT_TRUE(ready_.emplace(ready.order, read).second) << "told twice";
  }
  void carry_out(Rank /*rank*/, const FeaturesLost& lost) { lost_[lost.order] = lost.homes; }

  Rank owner_of(const StoreFiles& files) const {
    for (const Rank rank : gone_.ids()) {
      if (files == files_of(rank)) {
        return rank;
      }
    }
    return kRank0;
  }
  [[nodiscard]] std::string bytes(Rank rank, const StoredFeatures& stored) const {
    return stores_[rank].substr(stored.offset, stored.size_bytes);
  }

  struct Message {
    Rank from;
    Rank to;
    PeerMessage message;
  };

  bool begun_ = false;
  FeatureKeeping keeping_;
  ById<Rank, FeatureExchange> exchanges_;
  ById<Rank, std::string> stores_;
  ById<Rank, bool> gone_;
  std::set<Rank> in_container_;
  std::set<Rank> damaged_;
  std::map<Rank, StoreFiles> used_;
  std::deque<Message> messages_;
  std::set<std::pair<Rank, Rank>> met_;
  std::map<std::pair<Rank, Rank>, int> sent_;
  std::map<OrderId, FeatureHome> kept_;
  std::map<OrderId, std::vector<std::string>> ready_;
  std::map<OrderId, FeatureHomes> lost_;
};

using Read = std::vector<std::string>;

TEST(FeatureExchange, AHostKeepsWhatItsRanksMake) {
  Fleet ranks({"a", "a", "a"});
  ranks.keep(0_rank, 1, "first");
  ranks.keep(1_rank, 2, "second");
  ranks.keep(2_rank, 3, "third");
  ranks.settle();
  EXPECT_EQ(ranks.home(1).keeper, 1_rank) << "rank 0 has enough to do";
  EXPECT_EQ(ranks.home(2).keeper, 1_rank);
  EXPECT_EQ(ranks.home(3).keeper, 1_rank);
  ranks.need(2_rank, 4, {ranks.home(1), ranks.home(2), ranks.home(3)});
  EXPECT_EQ(ranks.read(4), (Read{"first", "second", "third"})) << "nobody is to be asked";
}

TEST(FeatureExchange, Rank0KeepsWhereItIsAlone) {
  Fleet ranks({"a", "b"});
  ranks.keep(0_rank, 1, "first");
  ranks.keep(1_rank, 2, "second");
  ranks.settle();
  EXPECT_EQ(ranks.home(1).keeper, 0_rank);
  EXPECT_EQ(ranks.home(2).keeper, 1_rank);
}

TEST(FeatureExchange, OtherHostsGetACopyForAllTheirRanks) {
  Fleet ranks({"a", "b", "b", "b", "c"});
  ranks.keep(4_rank, 1, "of c");
  ranks.keep(0_rank, 2, "of a");
  ranks.settle();
  for (const int rank : {2, 3}) {
    ranks.need(Rank(rank), 10 + static_cast<std::uint64_t>(rank), {ranks.home(1), ranks.home(2)});
  }
  ranks.settle();
  EXPECT_EQ(ranks.read(12), (Read{"of c", "of a"}));
  EXPECT_EQ(ranks.read(13), (Read{"of c", "of a"}));
  EXPECT_EQ(ranks.store_of(1_rank).size(), 8U) << "each once";
  EXPECT_EQ(ranks.sent(4_rank, 2_rank) + ranks.sent(4_rank, 3_rank), 0) << "keepers talk";
  const int before = ranks.sent(1_rank, 4_rank);
  ranks.need(3_rank, 14, {ranks.home(1)});
  ranks.need(1_rank, 15, {ranks.home(1)});
  ranks.settle();
  EXPECT_EQ(ranks.read(14), Read{"of c"});
  EXPECT_EQ(ranks.read(15), Read{"of c"});
  EXPECT_EQ(ranks.sent(1_rank, 4_rank), before) << "it is there";
}

TEST(FeatureExchange, AnImageWithoutFeaturesIsThere) {
  Fleet ranks({"a", "b"});
  ranks.need(1_rank, 1, {FeatureHome()});
  ranks.settle();
  EXPECT_EQ(ranks.read(1), Read{""});
}

TEST(FeatureExchange, WhatALostHostHadIsLost) {
  Fleet ranks({"a", "b", "b", "c"});
  ranks.keep(3_rank, 1, "of c");
  ranks.keep(0_rank, 2, "of a");
  ranks.settle();
  const FeatureHome of_c = ranks.home(1);
  ranks.need(2_rank, 3, {ranks.home(2), of_c});
  ranks.lose(3_rank);
  ranks.settle();
  EXPECT_EQ(ranks.lost(3), FeatureHomes{of_c});
  EXPECT_EQ(ranks.waiting(2_rank), 0U);
  ranks.need(2_rank, 4, {ranks.home(2), of_c});
  ranks.need(1_rank, 5, {of_c});
  ranks.settle();
  EXPECT_EQ(ranks.lost(4), FeatureHomes{of_c});
  EXPECT_EQ(ranks.lost(5), FeatureHomes{of_c});
  ranks.need(2_rank, 6, {ranks.home(2)});
  ranks.settle();
  EXPECT_EQ(ranks.read(6), Read{"of a"});
}

TEST(FeatureExchange, ACopyOutlivesWhoMadeIt) {
  Fleet ranks({"a", "b", "c"});
  ranks.keep(2_rank, 1, "of c");
  ranks.settle();
  ranks.need(1_rank, 2, {ranks.home(1)});
  ranks.settle();
  ranks.lose(2_rank);
  ranks.need(1_rank, 3, {ranks.home(1)});
  ranks.settle();
  EXPECT_EQ(ranks.read(3), Read{"of c"});
}

TEST(FeatureExchange, AnotherRankTakesTheKeepersPlace) {
  Fleet ranks({"a", "b", "b", "b"});
  ranks.keep(0_rank, 1, "of a");
  ranks.keep(2_rank, 2, "of b");
  ranks.settle();
  const FeatureHome of_b = ranks.home(2);
  EXPECT_EQ(of_b.keeper, 1_rank);
  ranks.need(3_rank, 3, {ranks.home(1)});
  ranks.keep(3_rank, 4, "more");
  ranks.lose(1_rank);
  ranks.settle();
  EXPECT_EQ(ranks.read(3), Read{"of a"}) << "asked for again";
  EXPECT_EQ(ranks.home(4).keeper, 2_rank) << "given to the new one";
  ranks.need(3_rank, 5, {of_b, ranks.home(4)});
  ranks.need(3_rank, 6, {ranks.home(4)});
  ranks.settle();
  EXPECT_EQ(ranks.lost(5), FeatureHomes{of_b});
  EXPECT_EQ(ranks.read(6), Read{"more"});
}

TEST(FeatureExchange, OnRank0sHostItTakesThePlaceLast) {
  Fleet ranks({"a", "a", "b"});
  ranks.keep(2_rank, 1, "of b");
  ranks.settle();
  ranks.lose(1_rank);
  ranks.keep(0_rank, 2, "of a");
  ranks.settle();
  EXPECT_EQ(ranks.home(2).keeper, 0_rank);
  ranks.need(0_rank, 3, {ranks.home(1), ranks.home(2)});
  ranks.settle();
  EXPECT_EQ(ranks.read(3), (Read{"of b", "of a"}));
}

TEST(FeatureExchange, ARankInAContainerKeepsForItself) {
  Fleet ranks({"a", "b", "b", "b"});
  ranks.put_in_container(3_rank);
  ranks.keep(3_rank, 1, "of 3");
  ranks.keep(2_rank, 2, "of 2");
  ranks.settle();
  EXPECT_EQ(ranks.home(1).keeper, 3_rank);
  EXPECT_EQ(ranks.home(2).keeper, 1_rank);
  for (const int rank : {0, 1, 2, 3}) {
    const auto order = 10 + static_cast<std::uint64_t>(rank);
    ranks.need(Rank(rank), order, {ranks.home(1), ranks.home(2)});
    ranks.settle();
    EXPECT_EQ(ranks.read(order), (Read{"of 3", "of 2"}));
  }
}

TEST(FeatureExchange, WhatCannotBeReadIsToldAsLost) {
  Fleet ranks({"a", "b", "b"});
  ranks.keep(0_rank, 1, "of a");
  ranks.settle();
  ranks.damage_store(0_rank);
  ranks.need(2_rank, 2, {ranks.home(1)});
  ranks.settle();
  EXPECT_EQ(ranks.lost(2), FeatureHomes{ranks.home(1)});
}

TEST(FeatureExchange, WhatComesASecondTimeChangesNothing) {
  FeatureExchange keeper(1_rank, {});
  FeatureExchange::Actions actions;
  keeper.handle(FeatureKeepers{0, {0_rank, 1_rank, 1_rank}}, actions);
  keeper.handle(FeatureKeepers{0, {0_rank, 1_rank, 1_rank}}, actions);
  const FeatureHome home{0_rank, {StoredFeatures::File::memory, 0, 4}};
  keeper.need(OrderId(1), {home, home}, actions);
  keeper.opened(1_rank, true, actions);
  actions.clear();
  keeper.handle(0_rank, FeatureBytes{home, "four"}, actions);
  ASSERT_EQ(actions.size(), 1U);
  const auto append = std::get<AppendFeatures>(actions.front());
  keeper.handle(0_rank, FeatureBytes{home, "four"}, actions);
  EXPECT_EQ(actions.size(), 1U);
  actions.clear();
  keeper.appended(append.number, {StoredFeatures::File::memory, 64, 4}, actions);
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(std::get<FeaturesReady>(actions.front()).stored.size(), 2U);
  actions.clear();
  keeper.appended(append.number, {StoredFeatures::File::memory, 64, 4}, actions);
  keeper.handle(0_rank, FeatureBytes{home, "four"}, actions);
  EXPECT_TRUE(actions.empty());
}

}  // namespace
}  // namespace bundle_match::machine
