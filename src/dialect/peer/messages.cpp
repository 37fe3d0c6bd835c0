#include "dialect/peer/messages.hpp"

#include <array>

namespace uhoh::peer {

namespace {
using wire::Direction;

template <class M>
constexpr wire::MessageRow packet(const char* name, const char* title, const char* source,
                                  Direction direction = Direction::client_to_server) {
  return wire::row<M>(name, title, direction, {.acknowledgement = wire::Acknowledgement::none}, source);
}

constexpr const char* spec = "spec/icq.md 3.4 (recorded)";
constexpr auto back = Direction::server_to_client;

constexpr auto init = packet<ChannelInit>("CHANNEL_INIT", "Opens a connection", "Ihse 0.91; spec/icq.md 3.4");
constexpr auto plain = packet<PlainMessage>("CHANNEL_MESSAGE", "A message, its acknowledgement or withdrawal",
                                            "Ihse 0.91; spec/icq.md 3.4");
constexpr auto chat =
    packet<ChatMessage>("CHANNEL_CHAT", "A request to chat, its answer or withdrawal", spec);
constexpr auto file =
    packet<FileMessage>("CHANNEL_FILE", "An offer of files, its answer or withdrawal", spec);

constexpr std::array message_table{plain, chat, file, init};
constexpr std::array chat_opener_table{
    packet<ChatReady>("CHAT_READY", "Ends the handshake of a chat", spec),
    packet<ChatHello>("CHAT_HELLO", "Introduces the one who connected", spec), init};
constexpr std::array chat_answer_table{packet<ChatWelcome>(
    "CHAT_WELCOME", "Introduces the one who was connected to, and the others", spec, back)};
constexpr std::array file_opener_table{packet<FileInit>("FILE_INIT", "Says how much will come", spec),
                                       packet<FileNext>("FILE_NEXT", "Names the next file", spec),
                                       packet<FileSpeed>("FILE_SPEED", "Changes the speed", spec),
                                       packet<FileData>("FILE_DATA", "A piece of the file", spec), init};
constexpr std::array file_answer_table{packet<FileReady>("FILE_READY", "Is ready to receive", spec, back),
                                       packet<FileStart>("FILE_START", "Says where to begin", spec, back),
                                       packet<FileSpeed>("FILE_SPEED", "Changes the speed", spec, back)};
static_assert(wire::MessageSet{message_table}.is_sorted());
static_assert(wire::MessageSet{chat_opener_table}.is_sorted());
static_assert(wire::MessageSet{file_opener_table}.is_sorted());
static_assert(wire::MessageSet{file_answer_table}.is_sorted());
}  // namespace

wire::MessageSet messages_of(Channel channel, Direction direction) noexcept {
  const bool opener = direction == Direction::client_to_server;
  switch (channel) {
    case Channel::message:
      return wire::MessageSet{message_table};
    case Channel::chat:
      return opener ? wire::MessageSet{chat_opener_table} : wire::MessageSet{chat_answer_table};
    case Channel::file:
      return opener ? wire::MessageSet{file_opener_table} : wire::MessageSet{file_answer_table};
  }
  return {};
}

}  // namespace uhoh::peer
