#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "dialect/qq/authorization_messages.hpp"
#include "dialect/qq/contact_messages.hpp"
#include "dialect/qq/element_messages.hpp"
#include "dialect/qq/exchange_messages.hpp"
#include "dialect/qq/late_contact_messages.hpp"
#include "dialect/qq/late_profile_messages.hpp"
#include "dialect/qq/late_qun_messages.hpp"
#include "dialect/qq/login_messages.hpp"
#include "dialect/qq/message_key.hpp"
#include "dialect/qq/profile_messages.hpp"
#include "dialect/qq/qun_messages.hpp"
#include "dialect/qq/session_messages.hpp"
#include "dialect/qq/text_messages.hpp"
#include "dialect/qq/touch_messages.hpp"
#include "wire/message_set.hpp"

/// All messages of all generations: their rows, how to find one, and how to decode what a packet holds.
namespace uhoh::qq {

using wire::DecodeError;
using wire::DecodeErrorKind;
using wire::Direction;

/// Everything about one message that is data.
struct Message {
  wire::MessageRow row;
  Key key;
  bool is_tagged = false;  ///< ends in tagged values
};

/// The messages of one subject.
struct Subject {
  const char* title = "";
  std::span<const Message> messages;  ///< sorted by command; of one command, what matches anything comes last
};

/// All messages, clients' first.
[[nodiscard]] std::span<const Subject> subjects();
/// The row of the message that a plaintext is, or nullptr.
[[nodiscard]] const Message* find_message(Direction direction, Version version, std::uint16_t command,
                                          Bytes plaintext);
/// How the bodies of a command are protected; nullopt when the version does not have the command.
[[nodiscard]] std::optional<Envelope> envelope_of(Direction direction, Version version,
                                                  std::uint16_t command);

/// A list of message types, by which code is made for each of them. Of the types of one command, the first
/// whose key fits is taken.
template <class... M>
struct MessageTypes {
  static constexpr std::size_t size = sizeof...(M);

  /// Decodes a plaintext as the message that it is, and calls `visit(const M&)`.
  ///
  /// Errors: unknown_command, or what decoding found; then `visit` is not called.
  template <class Visitor>
  static std::expected<void, DecodeError> dispatch(Version version, std::uint16_t command, Bytes plaintext,
                                                   Visitor&& visit) {
    struct Entry {
      std::uint16_t command;
      Key key;
      std::expected<void, DecodeError> (*call)(Bytes, Visitor&);
    };
    static constexpr auto table = [] {
      std::array<Entry, size> entries{
          Entry{M::command, M::key, [](Bytes bytes, Visitor& v) -> std::expected<void, DecodeError> {
                  const auto message = wire::decode<M>(bytes);
                  if (!message) return std::unexpected(message.error());
                  v(*message);
                  return {};
                }}...};
      static_assert(std::is_sorted(std::begin(commands), std::end(commands)));
      return entries;
    }();
    auto at = std::ranges::lower_bound(table, command, {}, &Entry::command);
    for (; at != table.end() && at->command == command; ++at)
      if (at->key.versions.has(version) && (at->key.matches == nullptr || at->key.matches(plaintext)))
        return at->call(plaintext, visit);
    return std::unexpected(DecodeError{DecodeErrorKind::unknown_command, 0});
  }

 private:
  static constexpr std::array commands{M::command...};
};

/// What clients send.
using ClientMessages = MessageTypes<
    LogOut<0x0001>, LateGroupNamesRequest, UnservedRequest<0x0001, Generation::c>, KeepAlive<0x0002>, SendToQun,
    Late<QunSearch>, Late<QunAuthorize>, Late<QunRequest<0x09>>, Late<QunRequest<0x0B>>, Late<QunCardsRequest>,
    LateQunNamesRequest, Late<QunRequest<0x19>>, LateQunListRequest, LateQunInfoRequest, QunOther, ProfileUpdate, LateProfileUpdate, Search, ProfileRequest, AddFriendOld, DeleteFriendA, DeleteFriendB, AuthorizeOld,
    SetStatusA, SetStatusB, SystemMessageAck, SendText, SendToPeer, PushAck<0x0017>, RemoveMyself, KeyRequest,
    LogInA, LogInA2, LogInB, FriendsRequest, OnlineRequest, UnservedRequest<0x002D, Generation::a>, QunCreate,
    QunMembersChange, QunChange, QunRequest<0x04>, QunRequest<0x05>, QunSearch, QunRequest<0x07>, QunAuthorize,
    QunRequest<0x09>, QunSend, QunRequest<0x0B>, QunCardsRequest, QunSendPart, QunRequest<0x1D>, QunUnserved,
    LogInC, GroupNamesRequest, GroupNamesUpload, ProfileRequestC, GroupPlacesUpload, RemarksRequest,
    RemarksUpload, RemarksDelete, RemarkRename, AllRemarksRequest, UnservedRequest<0x003E, Generation::c>, GroupPlacesRequest,
    KeepAlive<0x0058>, LevelRequest, LevelsRequest, UnservedRequest<0x005C, Generation::c>,
    UnservedRequest<0x005E, Generation::a>, AdvancedSearch, TokenRequest, LogOut<0x0062>,
    UnservedRequest<0x0065, Generation::a>, UnservedRequest<0x0066, Generation::a>,
    UnservedRequest<0x0067, Generation::a>, UnservedRequest<0x0067, Generation::c>, TouchB, TouchC,
    UnservedRequest<0x00A6, Generation::a>, AddFriend, AuthorizeA, AuthorizeB, AuthorizeAnswer, AuthorizeOther, CodeRequest, CodeCheck,
    UnservedRequest<0x00B5, Generation::c>, UnservedRequest<0x00B7, Generation::a>, CaptchaRequestA,
    CaptchaCodeA, CaptchaRequestB, CaptchaCodeB, CaptchaRequestC, SendElements, SendOther, PushAck<0x00CE>,
    ProvePasswordB, ProvePasswordC, AskOwnNick, ExchangeTokens, Settle<0x00E9>, Settle<0x00EA>,
    EntriesRequest, GoOnline, Settle<0x00ED>, UnservedRequest<0x0115, Generation::c>,
    NicksRequest, UnservedRequest<0x0126, Generation::c>, UnservedRequest<0x0134, Generation::c>,
    UnservedRequest<0x0195, Generation::c>, UnservedRequest<0x019B, Generation::c>,
    UnservedRequest<0x01A5, Generation::c>, UnservedRequest<0x01C4, Generation::c>,
    UnservedRequest<0x01C5, Generation::c>, UnservedRequest<0x0319, Generation::c>,
    UnservedRequest<0x0352, Generation::c>, UnservedRequest<0x0360, Generation::c>,
    UnservedRequest<0x0388, Generation::c>, UnservedRequest<0x0391, Generation::c>,
    UnservedRequest<0x03E3, Generation::c>, UnservedRequest<0x03F7, Generation::c>,
    UnservedRequest<0x03FC, Generation::c>, QrRequest, QrPoll, Touch, OpenSession, ProvePassword>;

/// What the server sends.
using ServerMessages = MessageTypes<
    LateGroupNames, UnservedReply<0x0001, Generation::c>, KeepAliveReplyText, KeepAliveReplyShort, KeepAliveReply<0x0002>,
    QunTaken, Late<QunSearchReply>, Late<QunDone<0x08>>, Late<QunDone<0x09>>, Late<QunOnline>, Late<QunCards>,
    LateQunNames, Late<QunDone<0x19>>, LateQunList, LateQunInfo<Version::v1e0d>, LateQunInfo<Version::v2227>,
    LateQunMembers<Version::v1e0d>, LateQunMembers<Version::v2227>, LateQunRefused, UnservedReply<0x0002, Generation::c>, ProfileUpdated,
    LateProfileUpdated, SearchReply, SearchReplyA2, ProfileReply,
    AddFriendOldReply, Done<0x000A>, AuthorizedOld, StatusSet, TextTaken, TextArrived, SpacedTextArrived,
    FromPeerArrived, News, QunEvent, QunText, ServerNotice, ServerNoticeC, LateQunArrived, QunArrived, Done<0x001C>, WebKey, DomainKeys,
    FileKey, LoggedInA, LoggedInB, LogInElsewhere, LogInRefused, FriendsReply<4>, FriendsReply<8>,
    OnlineReply<7>, OnlineReply<11>, UnservedReply<0x002D, Generation::a>, QunCreated, QunDone<0x02>, QunDone<0x03>,
    QunInfo<1>, QunInfo<4>, QunInfo<8>, QunDone<0x05>, QunSearchReply, QunSearchReplyA2, QunJoined, QunDone<0x08>,
    QunDone<0x09>, QunDone<0x0A>, QunOnline, QunCards, QunDone<0x1A>, QunDone<0x1D>, QunRefused, LoggedInC,
    LogInRefusedC, GroupNamesReply, GroupNamesKept, ProfileReplyC, UnservedReply<0x003C, Generation::c>, Done<0x003D>,
    RemarksReply, RemarksPage, RemarksKept, UnservedReply<0x003E, Generation::c>, GroupPlacesReply, KeepAliveReply<0x0058>,
    LevelReply, LevelsReply, UnservedReply<0x005C, Generation::c>, UnservedReply<0x005E, Generation::a>,
    AdvancedReply, AdvancedEnd, TokenReply, UnservedReply<0x0065, Generation::a>,
    UnservedReply<0x0066, Generation::a>, UnservedReply<0x0067, Generation::a>,
    UnservedReply<0x0067, Generation::c>, SystemMessage, StatusPush, TouchReplyB, TouchReplyC,
    UnservedReply<0x00A6, Generation::a>, AddFriendReply, Authorized, CodeReply, CodeChecked,
    UnservedReply<0x00B5, Generation::c>, UnservedReply<0x00B7, Generation::a>, CaptchaPassed,
    CaptchaPictureA, CaptchaPictureB, CaptchaPassedC, CaptchaPictureC, ElementsTaken, ElementsArrived,
    OtherArrived, PasswordProvenB, PasswordRefusedB, PasswordProvenC, PasswordRefusedC, OwnNick,
    TokensExchanged, Settled<0x00E9>, Settled<0x00EA>, EntriesReply, WentOnline, Settled<0x00ED>,
    UnservedReply<0x0115, Generation::c>, NicksReply<23>, NicksReply<28>, UnservedReply<0x0126, Generation::c>,
    UnservedReply<0x0134, Generation::c>, UnservedReply<0x0195, Generation::c>,
    UnservedReply<0x019B, Generation::c>, UnservedReply<0x01A5, Generation::c>,
    UnservedReply<0x01C4, Generation::c>, UnservedReply<0x01C5, Generation::c>,
    UnservedReply<0x0319, Generation::c>, UnservedReply<0x0352, Generation::c>,
    UnservedReply<0x0360, Generation::c>, UnservedReply<0x0388, Generation::c>,
    UnservedReply<0x0391, Generation::c>, UnservedReply<0x03E3, Generation::c>,
    UnservedReply<0x03F7, Generation::c>, UnservedReply<0x03FC, Generation::c>, QrPicture, QrState,
    TouchReply, SessionOpened, PasswordOutcome>;

}  // namespace uhoh::qq
