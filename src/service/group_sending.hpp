#pragma once

#include <string>
#include <vector>

#include "service/messaging.hpp"
#include "service/shard_context.hpp"

namespace uhoh::service {

/// Messages to a whole group of friends: as many messages, paced by the sender's flood limit, one request.
///
/// Every message goes through the store under the request's own key, so that a repeat of the request sends again only
/// what was not accepted. The request is acknowledged when all are.
/// Shape:  `window` messages on their way at a time, one request of a session at a time.
class GroupSending {
 public:
  GroupSending(ShardContext& shard, Messaging& messaging) : shard_{shard}, messaging_{messaging} {}

  void send(const model::SendToGroup& command, const model::RequestContext& context);
  /// Takes what became of a message, if it is one of a group's; false when it is not.
  bool take(const bus::MessageDone& mail);
  /// Lets time pass: those who had to slow down go on.
  void on_time();
  /// When on_time() next has something to do; Instant::max(): never.
  [[nodiscard]] Instant next_deadline() const noexcept { return slowed_.empty() ? Instant::max() : slowed_.front().at; }

 private:
  static constexpr std::uint32_t window = 16;
  struct Job {
    model::RequestContext context;
    Uin from;
    std::uint64_t login = 0;
    std::string text;
    Charset charset = Charset::utf8;
    WallTime accepted;
    std::vector<Uin> members;
    std::size_t next = 0;
    std::uint32_t on_their_way = 0;
    std::uint32_t inboxes_full = 0;
    bool failed = false;
  };
  struct Slowed {
    Instant at;
    SlabRef job;
  };

  void begin(Job&& job);
  void advance(SlabRef ref);
  void finish(SlabRef ref);

  ShardContext& shard_;
  Messaging& messaging_;
  Slab<Job, 64> jobs_;
  std::vector<Slowed> slowed_;  // all the same span ahead, so in order
};

}  // namespace uhoh::service
