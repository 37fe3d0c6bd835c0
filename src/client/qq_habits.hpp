#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "dialect/qq/versions.hpp"

/// What the real client programs of each version do: in which order they ask, how often they repeat, what
/// stands in the places of their packets that no server looks at. The layouts of messages are not here but in
/// dialect/qq.
///
/// Source: captures/qq; spec/qq.md 5, 6, 9, 10.
namespace uhoh::client {

/// What a keep-alive holds.
enum class KeepaliveContent : std::uint8_t {
  number,           ///< the number, four bytes
  number_text,      ///< the number in decimal
  number_and_time,  ///< the number and the time
  constant,         ///< 0001 0001
};

/// Which number the next request gets.
enum class Numbering : std::uint8_t {
  rising,                   ///< one more than the last
  rising_after_the_log_in,  ///< the same for all steps of a log-in, then rising
  by_chance,
};

/// What a client asks for once it has a session.
enum class Arrival : std::uint8_t {
  step_by_step,  ///< openq: profile, status, friends, remarks, groups, levels, who is online, Qun groups
  at_once,       ///< Net::OICQ: status, friends, who is online, profile
  settle_first,  ///< libqq: 00E9, 00EA, friends, 00ED, then status and profile
  status_only,   ///< go-pcqq: status and the key for web pages
};

/// The number of a text that stands in SEQUENCE.
enum class TextNumber : std::uint8_t {
  last_request,  ///< of the request before
  count,         ///< 1 and up
  constant,      ///< 4AB6
  by_chance,     ///< one byte; MESSAGE_ID too
};

/// The bytes in a log-in that say nothing to a server.
struct LogInFillers {
  Bytes before_mode;       ///< 0022: X1 of A, X2 of B; 0030: X3 of C
  Bytes after_mode;        ///< 0022: X2 of A, X5 of B; 0030: what stands before the token
  Bytes after_token;       ///< 0022: X3 of A, X6 of B; 0030: what stands behind the token
  std::size_t length = 0;  ///< up to which zeros follow the last of them
};

/// A client program.
struct QqHabits {
  qq::Version version = qq::Version::v0d55;
  std::span<const std::uint16_t> log_in_steps;  ///< commands, in their order
  LogInFillers fillers;
  std::uint8_t log_in_mode = 0x1E;
  Numbering numbering = Numbering::rising;
  bool new_key_for_each_step = false;
  Arrival arrival = Arrival::step_by_step;
  bool asks_levels = false;   ///< on arrival
  bool sorts_friends = true;  ///< says so in 0026
  Duration keepalive = std::chrono::seconds{60};
  KeepaliveContent keepalive_content = KeepaliveContent::number;
  Duration resend = std::chrono::seconds{5};
  unsigned transmissions = 10;
  unsigned log_outs = 4;          ///< packets, with the number FFFF
  unsigned acknowledgements = 1;  ///< packets for each message over UDP
  TextNumber text_number = TextNumber::last_request;
  std::uint8_t parts_of_whole_text = 0;  ///< PARTS of a text that is not cut
  std::string_view text_end;             ///< stands behind each text
  Bytes font;                            ///< A, B: the font with its length
  Bytes preamble;                        ///< C, D: before a message
  std::string_view font_name;            ///< C, D
  std::uint16_t font_charset = 0x8600;
  std::uint8_t font_size = 9;
  std::uint16_t face = 0;  ///< the portrait that stands in texts; 0: that of the own profile
  bool says_has_font = true;
  bool digests_recipient = false;   ///< SESSION_DIGEST is made with the recipient's number
  bool sends_parts_to_qun = false;  ///< 1A instead of 0A
};

/// The program that stands for a version.
[[nodiscard]] const QqHabits& habits_of(qq::Version version) noexcept;
/// The steps of a log-in by picture, which only D has.
[[nodiscard]] std::span<const std::uint16_t> qr_log_in_steps() noexcept;

/// The checksum that stands behind keys in log-ins of B and C.
[[nodiscard]] std::uint32_t qq_key_checksum(Bytes key) noexcept;

/// Constants of single messages.
namespace habit {
extern const Bytes proof_check_b;  ///< CHECK of 00DD in B
extern const Bytes proof_end_c;    ///< X2 of 00DD in C, behind the key and its checksum
inline constexpr std::size_t proof_end_size_c = 399;
extern const Bytes computer_c;          ///< COMPUTER in the proof of C
extern const Bytes proof_key_c;         ///< K4 in the proof of C
extern const Bytes exchange_end_c;      ///< X4 of 00E5
extern const Bytes nick_end_c;          ///< X2 of 00E3
extern const Bytes profile_fields_c;    ///< the fields that 003C of C asks for
extern const Bytes previous_servers_d;  ///< 0309
extern const Bytes picture_size_d;      ///< 0305
extern const Bytes computer_d;          ///< 0015
extern const Bytes log_in_reason_d;     ///< 0036
extern const Bytes miscellaneous_d;     ///< 0312
extern const Bytes device_digest_d;     ///< 0313
extern const Bytes official_end_d;      ///< unused bytes of 001F, behind the key
extern const Bytes client_digest_d;     ///< 010B, behind the key
extern const Bytes inner_address_d;     ///< 002D
extern const Bytes computer_id_d;       ///< COMPUTER in the proof of D
inline constexpr std::string_view computer_name_d = "DawnNights";
inline constexpr std::string_view nameless_account_d = "qr_login";  ///< before a log-in by picture
}  // namespace habit

}  // namespace uhoh::client
