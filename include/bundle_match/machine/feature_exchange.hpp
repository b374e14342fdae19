// A rank's part in keeping features on the hosts that need them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle_match/core/by_id.hpp"
#include "bundle_match/core/feature_home.hpp"
#include "bundle_match/core/ids.hpp"
#include "bundle_match/core/peer_messages.hpp"
#include "bundle_match/core/rank_messages.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace bundle_match::machine {

/// Send it to another rank.
struct SendToPeer {
  Rank to;
  PeerMessage message;
};

/// Have rank 0 see to it that the other rank sends a Greeting.
struct AskForGreeting {
  Rank of;
};

/// This rank keeps the features of its host: append these to the store. Answer: appended(), with
/// the number.
struct AppendFeatures {
  std::uint64_t number = 0;
  std::string features;
};

/// Likewise: read them from the store, and send them as FeatureBytes. If they cannot be read:
/// unreadable().
struct ReadAndSend {
  Rank to;
  FeatureHome home;
};

/// The store of this rank's host is in these files from now on: open them. Answer: opened().
struct UseStore {
  Rank keeper;
  StoreFiles files;
};

/// Tell rank 0 that these files cannot be opened.
struct TellNotShared {
  Rank keeper;
};

/// The features of the order's result are kept: rank 0 may be told.
struct ResultKept {
  OrderId order;
  FeatureHome home;
};

/// All that the order needs is in the store of this rank's host, in the order of its homes.
struct FeaturesReady {
  OrderId order;
  std::vector<StoredFeatures> stored;
};

/// The order cannot be done: these features are lost.
struct FeaturesLost {
  OrderId order;
  FeatureHomes homes;
};

using ExchangeAction =
    std::variant<SendToPeer, AskForGreeting, AppendFeatures, ReadAndSend, UseStore, TellNotShared,
                 ResultKept, FeaturesReady, FeaturesLost>;

/// Pure: events in, actions out. What is said may come a second time.
class FeatureExchange {
 public:
  using Actions = std::vector<ExchangeAction>;

  /// `store`: the files of this rank's own store, should it be the keeper of its host.
  FeatureExchange(Rank self, StoreFiles store) : self_(self), own_store_(std::move(store)) {}

  /// Rank 0 says which rank keeps the features of which rank's host.
  void handle(const FeatureKeepers& keepers, Actions& actions);
  /// Rank 0 says that another rank waits for this one's Greeting.
  void handle(const Greet& greet, Actions& actions);
  void handle(Rank from, PeerMessage message, Actions& actions);

  /// An order's result has these features. Ends with ResultKept.
  void keep(OrderId order, std::string features, Actions& actions);
  /// An order needs these features. Ends with FeaturesReady or FeaturesLost. A home of no bytes is
  /// of an image without features.
  void need(OrderId order, FeatureHomes homes, Actions& actions);

  void appended(std::uint64_t number, const StoredFeatures& stored, Actions& actions);
  void unreadable(Rank to, const FeatureHome& home, Actions& actions);
  void opened(Rank keeper, bool is_open, Actions& actions);

  /// Orders that wait for features.
  [[nodiscard]] std::size_t waiting() const { return needing_.size(); }

 private:
  // What is being appended for whom.
  struct OfOrder {
    Rank rank;
    OrderId order;
  };
  using Appending = std::variant<OfOrder, FeatureHome>;
  struct Needing {
    FeatureHomes homes;
    std::set<FeatureHome> lacking;
  };

  // One for each message of another rank.
  void take(Rank from, const Greeting& greeting);
  void take(Rank from, KeepFeatures& keep);
  void take(Rank from, const FeaturesKept& kept);
  void take(Rank from, const WantsFeatures& wants);
  void take(Rank from, const FeaturesCopied& copied);
  void take(Rank from, FeatureBytes& bytes);
  void take(Rank from, const FeaturesLacking& lacking);

  void use_new_keeper();
  void use_store_of_keeper();
  void begin_with_store();
  void hand_over(OrderId order, const std::string& features);
  FeatureHomes note_lacking(OrderId order, Needing& needing);
  void want(const FeatureHomes& homes);
  void fetch_for(Rank rank, const FeatureHomes& homes);
  void append(std::string features, Appending what);
  void tell_kept(const OfOrder& of, const StoredFeatures& stored);
  void tell_copied(const FeatureHome& home, const StoredFeatures& stored);
  void give_up_fetching(const FeatureHome& home);
  void give_up_on_lost_keepers();
  void tell_lacking(Rank rank, const FeatureHomes& homes);
  void have_copy(const FeatureCopy& copy);
  void lose(const FeatureHomes& homes);
  void finish_complete_orders();
  [[nodiscard]] std::optional<StoredFeatures> find(const FeatureHome& home) const;
  void send(Rank to, PeerMessage message);
  [[nodiscard]] Greeting greeting_to(Rank rank) const;
  [[nodiscard]] bool is_keeper(Rank rank) const;
  [[nodiscard]] bool keeps_for(Rank rank) const;

  Rank self_;
  StoreFiles own_store_;
  Actions* actions_ = nullptr;  // during a call
  std::uint32_t changes_ = 0;   // of keepers, that it was told
  ById<Rank, std::optional<Rank>> keepers_;
  std::optional<Rank> keeper_;         // of this rank's host
  bool has_store_ = false;             // its files are open
  std::map<Rank, StoreFiles> stores_;  // of keepers, as they told, maybe before rank 0 has
  std::set<Rank> greeted_by_;
  std::map<Rank, std::vector<PeerMessage>> unsent_;  // until its greeting

  std::map<OrderId, std::string> unkept_;  // features that the keeper was given, or is to be given
  std::map<OrderId, Needing> needing_;
  std::map<FeatureHome, StoredFeatures> copies_;  // in the keeper's store
  std::map<FeatureHome, std::set<OrderId>> wanted_;

  // Of a keeper.
  std::map<FeatureHome, std::set<Rank>> fetching_;  // for these ranks
  std::map<std::uint64_t, Appending> appending_;
  std::uint64_t next_append_ = 0;
};

}  // namespace bundle_match::machine
