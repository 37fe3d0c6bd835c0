#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/seq16.hpp"
#include "base/time.hpp"
#include "base/uin.hpp"
#include "client/qq_chance.hpp"
#include "client/qq_habits.hpp"
#include "client/qq_listener.hpp"
#include "crypto/qq_tea.hpp"
#include "dialect/qq/field_kinds.hpp"

namespace uhoh::client {

/// The steps of one log-in: what each asks, which keys open its answer, what the answer gives the next step.
///
/// Shape:  lives as long as the log-in; about 1 KiB.
/// Source: spec/qq.md 6, 9, 10; captures/qq.
class QqLogIn {
 public:
  /// What an answer leads to.
  enum class Next : std::uint8_t {
    nothing,  ///< it was none, or not for us
    step,     ///< the next step follows
    again,    ///< the same step, a second later (0819)
    from_the_start,
    done,     ///< session_key() is there
    refused,  ///< refusal() says why
  };

  /// Begins with a password.
  QqLogIn(const QqHabits& habits, Uin uin, std::string_view password, QqChance& chance);
  /// Begins with a picture (D only).
  QqLogIn(const QqHabits& habits, QqChance& chance);

  /// The command of the present step.
  [[nodiscard]] std::uint16_t command() const noexcept { return steps_[step_]; }
  /// The number that logs in; 0 until a log-in by picture tells it.
  [[nodiscard]] Uin uin() const noexcept { return uin_; }
  /// Writes the request of the present step; 0 when it does not fit.
  [[nodiscard]] std::size_t write(Seq16 sequence, QqChance& chance, MutableBytes out);
  /// Takes the body of an answer to the present step; `uin` stood in its header.
  [[nodiscard]] Next take(Bytes body, Uin uin, QqListener& listener);

  [[nodiscard]] const std::optional<crypto::TeaKey>& session_key() const noexcept { return session_key_; }
  /// K2, which A and B also want at the log-out.
  [[nodiscard]] const std::optional<crypto::TeaKey>& proof_key() const noexcept { return proof_key_; }
  /// Where the server sees the client.
  [[nodiscard]] const IpAddress& seen_address() const noexcept { return seen_; }
  [[nodiscard]] QqRefused refusal() const noexcept { return {why_, code_, text_}; }

 private:
  using Octets = std::vector<std::uint8_t>;

  template <class M>
  [[nodiscard]] std::size_t frame(const M& message, Seq16 sequence, QqChance& chance, MutableBytes out);
  [[nodiscard]] std::size_t write_step(Seq16 sequence, QqChance& chance, MutableBytes out);
  [[nodiscard]] std::size_t write_proof_b(Seq16 sequence, QqChance& chance, MutableBytes out);
  [[nodiscard]] std::size_t write_proof_c(Seq16 sequence, QqChance& chance, MutableBytes out);
  [[nodiscard]] std::size_t write_log_in(Seq16 sequence, QqChance& chance, MutableBytes out);
  [[nodiscard]] std::size_t write_log_in_c(Seq16 sequence, QqChance& chance, MutableBytes out);
  [[nodiscard]] std::size_t write_tagged(Seq16 sequence, QqChance& chance, MutableBytes out);
  void tag_touch(wire::Writer& w) const;
  void tag_picture(wire::Writer& w) const;
  void tag_proof(wire::Writer& w, QqChance& chance) const;
  void tag_session(wire::Writer& w) const;
  [[nodiscard]] std::optional<Octets> open(Bytes body) const;
  [[nodiscard]] std::optional<Octets> open_outcome(Bytes body) const;
  [[nodiscard]] Octets sealed(const crypto::TeaKey& key, Bytes plaintext, QqChance& chance) const;
  [[nodiscard]] Next advance();
  [[nodiscard]] Next refuse(Refusal why, std::uint8_t code, std::string_view text);
  [[nodiscard]] Next accept(Bytes key, std::uint32_t address);
  [[nodiscard]] Next take_tagged(std::uint8_t result, const wire::RecordList<qq::Tlv>& values,
                                 QqListener& listener);
  struct Answers;

  const QqHabits& habits_;
  std::span<const std::uint16_t> steps_;
  std::size_t step_ = 0;
  Uin uin_;
  bool is_by_picture_ = false;
  std::optional<crypto::TeaKey> password_key_, proof_key_, number_key_;
  crypto::TeaKey random_key_;
  crypto::TeaKey request_key_;  ///< of the steps behind the proof (login_key; k0; of 0819, of 0828)
  crypto::TeaKey reply_key_;    ///< of the next answer (k1, k2; of 0828)
  crypto::TeaKey nick_key_;     ///< k3
  crypto::TeaKey ticket_key_;   ///< opens the answer to 0836
  Octets token_, second_token_, step_token_;
  Octets a0_, a1_, v0_, v1_;
  Octets ticket_, code_text_, proof_ticket_;
  std::uint32_t server_time_ = 0, exchange_time_ = 0, client_address_ = 0;
  std::optional<crypto::TeaKey> session_key_;
  IpAddress seen_;
  Refusal why_ = Refusal::busy;
  std::uint8_t code_ = 0;
  std::string text_;
};

}  // namespace uhoh::client
