#pragma once

#include "gateway/shard_link.hpp"
#include "node/server.hpp"

namespace uhoh::node {

/// The gateway's way to the shards of a running server.
///
/// Thread: any but the shards'.
class WebLink final : public gateway::ShardLink {
 public:
  /// `server` must outlive it.
  explicit WebLink(Server& server) noexcept : server_{server} {}
  /// Says where packets of web clients go; before the first frame. `sink` must live until the server has stopped.
  void set_sink(gateway::StreamSink& sink) noexcept { sink_ = &sink; }

  bool frame(const std::shared_ptr<gateway::WebStream>& stream, std::string bytes) override;
  void closed(const std::shared_ptr<gateway::WebStream>& stream) override;
  void written(const std::shared_ptr<gateway::WebStream>& stream) override;
  gateway::PasswordAnswer check_password(Uin uin, std::string password, const Endpoint& peer) override;
  bool admit_registration() override;
  bool qq_for_new_accounts() override;
  bool is_banned(const IpAddress& address) override { return server_.is_banned(address); }

 private:
  [[nodiscard]] ShardId owner_of(const gateway::WebStream& stream) const {
    return shard_of(stream.uin, server_.shards());
  }

  Server& server_;
  gateway::StreamSink* sink_ = nullptr;
};

}  // namespace uhoh::node
