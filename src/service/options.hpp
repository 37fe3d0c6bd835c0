#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/charset.hpp"
#include "base/time.hpp"

namespace uhoh::service {

/// Who may register: DESIGN.md, section 5.
enum class RegistrationMode : std::uint8_t { closed, open, invite, approve };

/// What the services can be told. Each shard has its copy, replaced only between inputs.
struct Options {
  RegistrationMode registration = RegistrationMode::closed;
  Charset registration_charset = Charset::cp1252;
  std::uint32_t registrations_per_minute = 600;
  bool qq_for_new_accounts = false;                         ///< those who register may log in with QQ
  bool accept_logins = true;
  std::string greeting =
      "Welcome to uhoh! Write \"help\" to this number to see what it can do.";
  std::size_t max_contacts = 1000;
  std::size_t max_privacy_list = 1000;
  Duration live_delivery = std::chrono::milliseconds{50};   ///< what an online recipient has to acknowledge
  Duration unasked_fetch = std::chrono::seconds{30};        ///< kept messages are sent unasked after this
  Duration announce_delay = std::chrono::milliseconds{500}; ///< a log-in waits this long for its contact list
  Duration list_parts = std::chrono::seconds{5};            ///< parts of a privacy list accumulate this long
  Duration restart_caution = std::chrono::minutes{10};      ///< messages of restored senders ask the store first
  std::size_t inbox_live = 64;                              ///< messages in memory for one online recipient
  std::size_t max_live_bytes = 64U << 20;                   ///< text of all messages in memory, per shard
  std::uint32_t busy_store = 8192;                          ///< log-ins are put off while so many requests wait
  std::size_t verifier_cache = 1U << 20;                    ///< log-ins remembered, divided among the shards
  std::uint32_t sequence_block = 256;                       ///< server numbers committed at a time
  Duration throttle_first = std::chrono::seconds{1};        ///< after the third wrong password, doubling
  Duration throttle_longest = std::chrono::minutes{5};
  struct Server {
    std::string name;
    std::string address;
    std::uint32_t port = 0;
  };
  std::vector<Server> servers;                              ///< told to QUERY_SERVERS
  /// Files that go through the server.
  struct Files {
    std::uint32_t max_bytes = 1U << 30;                     ///< longer ones are refused
    std::uint32_t transfers_per_user = 4;                   ///< that he sends or offers, and that he takes
    std::uint32_t transfers = 256;                          ///< accepted ones in all, divided among the shards
    Duration offer_time = std::chrono::minutes{5};          ///< until an offer is answered
    Duration idle_time = std::chrono::minutes{2};           ///< between two parts of one file
    Duration stall_time = std::chrono::seconds{30};         ///< without reading from the sender
  };
  Files files;
};

}  // namespace uhoh::service
