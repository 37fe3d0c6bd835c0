#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "model/command.hpp"
#include "model/event.hpp"

/// The words that stand for the model's enumerators in JSON.
namespace uhoh::web {

/// A word and what it stands for.
template <class E>
struct Word {
  std::string_view word;
  E value;
};

inline constexpr Word<model::Availability> availability_words[] = {
    {"offline", model::Availability::offline},       {"online", model::Availability::online},
    {"away", model::Availability::away},             {"not_available", model::Availability::not_available},
    {"occupied", model::Availability::occupied},     {"do_not_disturb", model::Availability::do_not_disturb},
    {"free_for_chat", model::Availability::free_for_chat}};

inline constexpr Word<model::MessageKind> kind_words[] = {
    {"text", model::MessageKind::text},
    {"chat_request", model::MessageKind::chat_request},
    {"file_request", model::MessageKind::file_request},
    {"url", model::MessageKind::url},
    {"auth_request", model::MessageKind::auth_request},
    {"auth_refused", model::MessageKind::auth_refused},
    {"auth_granted", model::MessageKind::auth_granted},
    {"you_were_added", model::MessageKind::you_were_added},
    {"broadcast", model::MessageKind::broadcast},
    {"web_pager", model::MessageKind::web_pager},
    {"email_express", model::MessageKind::email_express},
    {"contacts", model::MessageKind::contacts},
    {"other", model::MessageKind::other}};

inline constexpr Word<model::Authorization> authorization_words[] = {{"open", model::Authorization::open},
                                                                    {"required", model::Authorization::required},
                                                                    {"closed", model::Authorization::closed}};

inline constexpr Word<model::PrivacyList> privacy_words[] = {{"visible", model::PrivacyList::visible},
                                                            {"invisible", model::PrivacyList::invisible}};

inline constexpr Word<model::FriendAddResult> add_words[] = {{"failed", model::FriendAddResult::failed},
                                                            {"added", model::FriendAddResult::added},
                                                            {"ask", model::FriendAddResult::ask},
                                                            {"closed", model::FriendAddResult::closed},
                                                            {"ask_offline", model::FriendAddResult::ask_offline}};

inline constexpr Word<model::GroupChanged::What> group_words[] = {{"added", model::GroupChanged::What::added},
                                                                 {"renamed", model::GroupChanged::What::renamed},
                                                                 {"deleted", model::GroupChanged::What::deleted}};

inline constexpr Word<model::RoomJoining> joining_words[] = {{"open", model::RoomJoining::open},
                                                            {"ask", model::RoomJoining::ask},
                                                            {"closed", model::RoomJoining::closed}};
inline constexpr Word<model::RoomRole> room_role_words[] = {{"member", model::RoomRole::member},
                                                           {"administrator", model::RoomRole::administrator},
                                                           {"owner", model::RoomRole::owner}};
inline constexpr Word<model::RoomResult> room_result_words[] = {{"ok", model::RoomResult::ok},
                                                               {"no_room", model::RoomResult::no_room},
                                                               {"not_allowed", model::RoomResult::not_allowed},
                                                               {"full", model::RoomResult::full}};
inline constexpr Word<model::RoomJoinResult> room_join_words[] = {{"joined", model::RoomJoinResult::joined},
                                                                 {"ask", model::RoomJoinResult::ask},
                                                                 {"closed", model::RoomJoinResult::closed},
                                                                 {"no_room", model::RoomJoinResult::no_room},
                                                                 {"full", model::RoomJoinResult::full}};

inline constexpr Word<model::RoomNotice> room_notice_words[] = {{"added", model::RoomNotice::added},
                                                               {"removed", model::RoomNotice::removed},
                                                               {"requested", model::RoomNotice::requested},
                                                               {"granted", model::RoomNotice::granted},
                                                               {"refused", model::RoomNotice::refused}};

inline constexpr Word<model::SearchField> search_field_words[] = {
    {"number", model::SearchField::number},         {"nickname", model::SearchField::nickname},
    {"sex", model::SearchField::sex},               {"age", model::SearchField::age},
    {"country", model::SearchField::country},       {"province", model::SearchField::province},
    {"city", model::SearchField::city},             {"education", model::SearchField::education},
    {"school", model::SearchField::school},         {"occupation", model::SearchField::occupation},
    {"hobbies", model::SearchField::hobbies},       {"online", model::SearchField::online}};

inline constexpr Word<model::SearchOperator> search_operator_words[] = {
    {"equal", model::SearchOperator::equal},     {"not_equal", model::SearchOperator::not_equal},
    {"less", model::SearchOperator::less},       {"less_equal", model::SearchOperator::less_equal},
    {"greater", model::SearchOperator::greater}, {"greater_equal", model::SearchOperator::greater_equal},
    {"like", model::SearchOperator::like},       {"between", model::SearchOperator::between},
    {"one_of", model::SearchOperator::one_of}};

/// The word of a value; "unknown" for what has none.
template <class E, std::size_t n>
[[nodiscard]] constexpr std::string_view word_of(const Word<E> (&words)[n], E value) noexcept {
  for (const auto& word : words)
    if (word.value == value) return word.word;
  return "unknown";
}

/// What a word stands for.
template <class E, std::size_t n>
[[nodiscard]] constexpr std::optional<E> value_of(const Word<E> (&words)[n], std::string_view text) noexcept {
  for (const auto& word : words)
    if (word.word == text) return word.value;
  return std::nullopt;
}

}  // namespace uhoh::web
