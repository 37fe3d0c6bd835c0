#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <vector>

#include "service/messaging.hpp"
#include "service/room_delivery.hpp"
#include "service/shard_context.hpp"
#include "service/sightings.hpp"

namespace uhoh::service {

/// Rooms: making, running, joining and leaving them, and writing to them.
///
/// Everything is decided in the store's transaction; the sender's shard spreads a kept message to the shards of the
/// members (RoomDelivery). Who has a client without rooms writes to the room's number, and runs it by words behind a
/// slash.
/// Source: spec/qq.md 8.5 and 14a, item 3.
class Rooms {
 public:
  Rooms(ShardContext& shard, Sightings& sightings, Messaging& messaging, RoomDelivery& delivery)
      : shard_{shard}, sightings_{sightings}, messaging_{messaging}, delivery_{delivery} {}

  void carry_out(const model::RoomCommand& command, const model::RequestContext& context);
  /// A message to a room's number, from any dialect.
  void write(const model::Message& message, const model::RequestContext& context);
  /// A room's members changed from outside; the notices are on their way.
  void tell_changed(Uin room, std::string_view name, const std::vector<Uin>& members, model::RoomNotice notice, Uin by);

 private:
  struct CommandVisitor;
  /// How the one who asked learns what came of it.
  enum class Form : std::uint8_t { event, sentence };

  void create(const model::CreateRoom& command, const model::RequestContext& context);
  void change(const model::ChangeRoom& command, const model::RequestContext& context);
  void change_members(const model::ChangeRoomMembers& command, const model::RequestContext& context);
  void set_role(const model::SetRoomRole& command, const model::RequestContext& context);
  void show(const model::GetRoom& command, const model::RequestContext& context);
  void show_members(const model::GetRoomMembers& command, const model::RequestContext& context);
  void show_rooms(const model::GetRooms& command, const model::RequestContext& context);
  void join(Uin room, const model::RequestContext& context, Form form, const std::string& reason);
  void ask_to_join(Uin room, const std::string& reason, const model::RequestContext& context, Form form);
  void answer_request(Uin room, Uin asker, bool grant, const std::string& reason, const model::RequestContext& context,
                      Form form);
  void leave(Uin room, const model::RequestContext& context, Form form);
  void dismiss(Uin room, const model::RequestContext& context);
  void send(Uin room, const model::Text& text, const model::RequestContext& context, Form form);
  void spread(const storage::KeepRoomMessage& message, const model::Text& text, const storage::RoomMessageKept& kept);

  [[nodiscard]] Uin user_of(const model::RequestContext& context) { return shard_.users.at(context.session).uin; }
  /// Answers a request with what the store made of it.
  void finish(const model::RequestContext& context, Uin room, Form form, const storage::Result& result);
  void notify(Uin room, Uin to, model::RoomNotice notice, std::string_view text);

  ShardContext& shard_;
  Sightings& sightings_;
  Messaging& messaging_;
  RoomDelivery& delivery_;
};

}  // namespace uhoh::service
