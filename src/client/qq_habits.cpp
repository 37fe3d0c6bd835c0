#include "client/qq_habits.hpp"

#include <algorithm>
#include <array>

#include "dialect/qq/element_messages.hpp"

namespace uhoh::client {

namespace {
using enum qq::Version;
using std::chrono::seconds;

constexpr std::uint8_t digit(char c) noexcept {
  return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10);
}

/// Hex digits as they stand in the captures, turned into bytes by the compiler.
template <std::size_t N>
struct Hex {
  std::array<std::uint8_t, (N - 1) / 2> octets{};
  consteval Hex(const char (&text)[N]) {
    for (std::size_t i = 0; i < octets.size(); ++i)
      octets[i] = static_cast<std::uint8_t>(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
  }
};
template <Hex H>
constexpr Bytes octets{H.octets};

// captures/qq/openq-qq2005.txt
constexpr LogInFillers fillers_a{
    octets<"0000000000000000000000000000000000000086cc4c352cd3736c14f6f6afc3fa33a401">,
    octets<"8d8bfaecd552174a86f9a775e632d16d">,
    octets<"400b04020001000000000003090000000000000001e90301000000000001f30300000000000001ed0300000000000001"
           "ec0300000000000003050000000000000003070000000000000001ee0300000000000001ef0300000000000001eb03">,
    322};
// captures/qq/netoicq-0f5f.txt
constexpr LogInFillers fillers_a2{
    octets<"0000000000000000000000000000000000000041d118ac147858f1d0814d7d7d7bd91fc4">,
    octets<"00000000000000000000000000000000000000000000000000d7e27d1ab27e6346a70c4c0c3bd53256">,
    octets<
        "01400175fda7bc00106b12f591b1d70bed46bbc3c23c663038000000000006000000000000000000000000000000000000"
        "000299c281ae0010bb2673dcc29868b74cbc3f08cce01ea1">,
    322};
// captures/qq/openq-qq2008.txt
constexpr LogInFillers fillers_b{octets<"d2417512c28657107857dc248caa8f4e">,
                                 octets<"940b737aa251f04b952fc60a5bf67652">,
                                 octets<"000000060000000000000140011b02845000102d49155578fcf3d45355609c379fe9"
                                        "5900000000000000000000000000000000"
                                        "0000000000000000000268e8078300103bce43f18ba42bb5b35157f7064b18fc">,
                                 332};
// captures/qq/libqq-2227.txt
constexpr LogInFillers fillers_c{
    octets<"a907234beb3a68ea669a0deb793eef70">,
    octets<"000000000000000000000000000000000000000000000000000000080401e000000000000000000000000000000000">,
    octets<"000000080000000008041000014001bca75e240010148279841a79d0d4fd11263839ecf63900000000000000000000000"
           "000000000"
           "00000000000000000002ad98b7d200107ed6f398b103e9c89632724f7e2e7bd0">,
    334};

constexpr std::array<std::uint16_t, 2> steps_a{0x0062, 0x0022};
constexpr std::array<std::uint16_t, 2> steps_a2{0x00BA, 0x0022};
constexpr std::array<std::uint16_t, 5> steps_b{0x0091, 0x0062, 0x00BA, 0x00DD, 0x0022};
constexpr std::array<std::uint16_t, 5> steps_c{0x0091, 0x00BA, 0x00DD, 0x00E5, 0x0030};
constexpr std::array<std::uint16_t, 6> steps_libqq{0x0091, 0x00BA, 0x00DD, 0x00E5, 0x00E3, 0x0030};
constexpr std::array<std::uint16_t, 3> steps_d{0x0825, 0x0836, 0x0828};
constexpr std::array<std::uint16_t, 6> steps_qr{0x0825, 0x0818, 0x0819, 0x0825, 0x0836, 0x0828};

constexpr Bytes font_ab = octets<"000a000000008602cbcecce50d">;
constexpr Bytes font_oicq = octets<"000c00a0000086025461686f6d610f">;
constexpr Bytes preamble_d{qq::usual_preamble};
constexpr Bytes preamble_c = octets<"00010004000000000003000101">;

constexpr QqHabits openq{
    .version = v0d55, .log_in_steps = steps_a, .fillers = fillers_a, .asks_levels = true, .font = font_ab};
constexpr QqHabits luma(qq::Version version) {
  QqHabits habits = openq;
  habits.version = version;
  habits.keepalive = seconds{100};
  habits.keepalive_content = KeepaliveContent::number_text;
  habits.parts_of_whole_text = 1;
  habits.sends_parts_to_qun = true;
  return habits;
}
constexpr QqHabits net_oicq{.version = v0f5f,
                            .log_in_steps = steps_a2,
                            .fillers = fillers_a2,
                            .log_in_mode = 0x0A,
                            .numbering = Numbering::rising_after_the_log_in,
                            .new_key_for_each_step = true,
                            .arrival = Arrival::at_once,
                            .sorts_friends = false,
                            .keepalive_content = KeepaliveContent::number_text,
                            .log_outs = 3,
                            .acknowledgements = 3,
                            .text_number = TextNumber::by_chance,
                            .parts_of_whole_text = 1,
                            .text_end = " ",
                            .font = font_oicq,
                            .face = 0x003F,
                            .digests_recipient = true,
                            .sends_parts_to_qun = true};
constexpr QqHabits later_openq(qq::Version version, KeepaliveContent content) {
  QqHabits habits = openq;
  habits.version = version;
  habits.log_in_steps = steps_b;
  habits.fillers = fillers_b;
  habits.asks_levels = false;
  habits.keepalive_content = content;
  return habits;
}
constexpr QqHabits libqq{.version = v2227,
                         .log_in_steps = steps_libqq,
                         .fillers = fillers_c,
                         .arrival = Arrival::settle_first,
                         .keepalive_content = KeepaliveContent::number_text,
                         .text_number = TextNumber::count,
                         .parts_of_whole_text = 1,
                         .preamble = preamble_c,
                         .font_name = "Tahoma",
                         .font_charset = 0x8622,
                         .font_size = 11};
constexpr QqHabits my_qq() {
  QqHabits habits = libqq;
  habits.version = v1e0d;
  habits.log_in_steps = steps_c;
  return habits;
}
// None of these repeats a request; this client does, or one lost datagram would end a session.
constexpr QqHabits pc_qq(qq::Version version, seconds keepalive) {
  return {.version = version,
          .log_in_steps = steps_d,
          .numbering = Numbering::by_chance,
          .arrival = Arrival::status_only,
          .keepalive = keepalive,
          .keepalive_content = KeepaliveContent::constant,
          .log_outs = 1,
          .text_number = TextNumber::constant,
          .parts_of_whole_text = 1,
          .preamble = preamble_d,
          .font_name = "\xE5\xAE\x8B\xE4\xBD\x93",
          .font_size = 9,
          .face = 0x0255,
          .says_has_font = false};
}

constexpr std::array programs{openq,
                              luma(v0e1b),
                              luma(v0f15),
                              net_oicq,
                              later_openq(v111d, KeepaliveContent::number_text),
                              later_openq(v115b, KeepaliveContent::number_and_time),
                              my_qq(),
                              libqq,
                              pc_qq(v3639, seconds{30}),
                              pc_qq(v3709, seconds{30}),
                              pc_qq(v3713, seconds{30}),
                              pc_qq(v3b41, seconds{40}),
                              pc_qq(unlisted_d, seconds{30})};
static_assert(programs.size() == qq::version_count);
static_assert(std::ranges::all_of(programs, [](const QqHabits& habits) {
  return &habits == &programs[static_cast<std::size_t>(habits.version)];
}));
}  // namespace

const QqHabits& habits_of(qq::Version version) noexcept {
  return programs[static_cast<std::size_t>(version)];
}

std::span<const std::uint16_t> qr_log_in_steps() noexcept { return steps_qr; }

std::uint32_t qq_key_checksum(Bytes key) noexcept {
  // CRC-32, but begun with zeros. Source: captures/qq/openq-qq2008.txt, libqq-2227.txt (00DD).
  constexpr std::uint32_t reversed_polynomial = 0xEDB88320;
  std::uint32_t sum = 0;
  for (const std::uint8_t octet : key) {
    sum ^= octet;
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ ((sum & 1) != 0 ? reversed_polynomial : 0);
  }
  return ~sum;
}

namespace habit {
const Bytes proof_check_b = octets<"dbb9f30bf91387b2e62043be53ca6503d3275b6b">;
const Bytes proof_end_c = octets<
    "01772e0132300a6e00108ced1a888b2c76e18bc60e57341b4b770230bbddde0010811d4f2bc5b5c5c050a301be03"
    "8eac1d">;
const Bytes computer_c = octets<"fc9e12ed555f502dcc6e0cf442c32c0a">;
const Bytes proof_key_c = octets<"3f000000000000000000000000000000">;
const Bytes exchange_end_c = octets<"00000100000000">;
const Bytes nick_end_c = octets<"000000200000000000000000000000000000000000000000000000000000000000000000">;
const Bytes profile_fields_c = octets<
    "4e224e254e264e274e294e2a4e2b4e2c4e2d4e2e4e2f4e304e314e334e354e364e374e384e3f"
    "4e404e414e424e434e45520b520f">;
const Bytes previous_servers_d = octets<"0001000000000004">;
const Bytes picture_size_d = octets<"000000000000000500000004000000000000004800000002000000020000">;
const Bytes computer_d = octets<
    "0001017483f2c3001014fe77fc0000000000000000000000000217656e9d0010788a33dd0076a178eb8e5bbbff17"
    "d010">;
const Bytes log_in_reason_d = octets<"000200010000000000000000000000000000">;
const Bytes miscellaneous_d = octets<"0100000000">;
const Bytes device_digest_d = octets<"0101020010ee477fa4bcd6ee6502654de943384c3d000000eb">;
const Bytes official_end_d = octets<"5fc80ed00b1750a1c2c07638">;
const Bytes client_digest_d = octets<
    "3e10000000000000000200633e0063020400030700040049f500000000788a33dd0076a178eb8e5bbbff17d0"
    "10010000000000000000000000000000000000000100000001000000010000000100fe268175ec2a34ef"
    "023e50396db1afcc9fea54e170cc6c9e4e638b51ec7c845c6800000000">;
const Bytes inner_address_d = octets<"0001c0a87483">;
const Bytes computer_id_d = octets<"788a33dd0076a178eb8e5bbbff17d010">;
}  // namespace habit

}  // namespace uhoh::client
