#pragma once

#include <concepts>
#include <span>

#include "dialect/qq/catalogue.hpp"

/// The rows of the catalogue, subject by subject: each file makes those of its own.
namespace uhoh::qq::catalogue {

using wire::Acknowledgement;
using wire::MessageRules;
using wire::States;

/// The rules of a step of a log-in: nobody has a session yet.
constexpr MessageRules step(std::uint8_t cost) {
  return {.allowed = States::stranger | States::logged_in,
          .acknowledgement = Acknowledgement::at_once,
          .cost = cost};
}
/// The rules of a question: its reply acknowledges it.
constexpr MessageRules query(std::uint8_t cost) {
  return {.acknowledgement = Acknowledgement::at_once, .cost = cost};
}
/// The rules of what changes something that is kept.
constexpr MessageRules change(std::uint8_t cost) {
  return {.acknowledgement = Acknowledgement::after_commit, .cost = cost};
}
/// The rules of a reply of the server.
inline constexpr MessageRules reply{.acknowledgement = Acknowledgement::none};

/// Tells whether a message ends in tagged values.
template <class M>
inline constexpr bool is_tagged = requires(M m) {
  { m.values } -> std::same_as<wire::RecordList<Tlv>&>;
};

/// The row of a message.
template <class M>
constexpr Message row(const char* name, const char* title, MessageRules rules, const char* source) {
  const auto direction = M::from_client ? Direction::client_to_server : Direction::server_to_client;
  return {wire::row<M>(name, title, direction, rules, source), M::key, is_tagged<M>};
}

/// The rows of each subject.
[[nodiscard]] std::span<const Message> login_client_rows() noexcept;
[[nodiscard]] std::span<const Message> login_server_rows() noexcept;
[[nodiscard]] std::span<const Message> session_client_rows() noexcept;
[[nodiscard]] std::span<const Message> session_server_rows() noexcept;
[[nodiscard]] std::span<const Message> contact_client_rows() noexcept;
[[nodiscard]] std::span<const Message> contact_server_rows() noexcept;
[[nodiscard]] std::span<const Message> profile_client_rows() noexcept;
[[nodiscard]] std::span<const Message> profile_server_rows() noexcept;
[[nodiscard]] std::span<const Message> message_client_rows() noexcept;
[[nodiscard]] std::span<const Message> message_server_rows() noexcept;
[[nodiscard]] std::span<const Message> qun_client_rows() noexcept;
[[nodiscard]] std::span<const Message> qun_server_rows() noexcept;
[[nodiscard]] std::span<const Message> unserved_client_rows() noexcept;
[[nodiscard]] std::span<const Message> unserved_server_rows() noexcept;

}  // namespace uhoh::qq::catalogue
