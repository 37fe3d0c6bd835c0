#pragma once

#include "client/messenger.hpp"

namespace uhoh::client {

/// What a message of any kind says, in one text: for dialects that have no kinds.
[[nodiscard]] std::string plain_text(model::MessageKind kind, const std::vector<std::string>& fields);

/// A messenger over one connection to the server, without what goes between clients directly: the answers to
/// everything that its dialect does not have.
class PlainMessenger : public Messenger {
 public:
  void on_datagram(Bytes, Instant) override {}
  void on_writable(StreamId, Instant) override {}
  StreamId on_accepted(ListenerId, const Endpoint&, Instant) override { return StreamId::none; }

  bool change_password(std::string_view, Instant) override { return false; }
  void set_visible_to(std::span<const Uin>, Instant) override {}
  void set_invisible_to(std::span<const Uin>, Instant) override {}
  bool fetch_away_message(Uin, Instant) override { return false; }

  ChatId invite(Uin, std::string_view, ChatId, Instant) override { return ChatId::none; }
  ChatId accept_chat(RequestId, Instant) override { return ChatId::none; }
  void set_chat_line(ChatId, std::string_view, Instant) override {}
  void end_chat_line(ChatId, Instant) override {}
  void leave_chat(ChatId, Instant) override {}
  std::vector<Uin> people_in(ChatId) const override { return {}; }

  std::expected<TransferId, std::string> offer_files(Uin, const std::vector<std::string>&, std::string_view,
                                                     Instant) override {
    return std::unexpected("This protocol sends no files here");
  }
  std::expected<TransferId, std::string> accept_files(RequestId, Instant) override {
    return std::unexpected("This protocol sends no files here");
  }
  void cancel_transfer(TransferId, Instant) override {}
  bool set_speed(TransferId, std::uint32_t, Instant) override { return false; }
  void refuse(RequestId, std::string_view, Instant) override {}
};

}  // namespace uhoh::client
