#include "dialect/icq/dissector.hpp"

#include "dialect/icq/v2_client_messages.hpp"
#include "dialect/icq/v2_server_messages.hpp"

namespace uhoh::icq {

namespace {
constexpr std::string_view code = R"lua(
  local version = it.field("uint16", "version", "VERSION", base.DEC)
  local command = it.field("uint16", "command", "COMMAND", base.HEX)
  local seq = it.field("uint16", "seq_num", "SEQ_NUM", base.DEC)
  local uin = it.field("uint32", "uin", "UIN", base.DEC)
  it.proto.fields = it.fields

  function it.proto.dissector(tvb, pinfo, tree)
    if tvb:len() < 6 or tvb(0, 2):le_uint() ~= 2 then return 0 end
    local number = tvb(2, 2):le_uint()
    local from_client = pinfo.dst_port == pinfo.match_uint
    local message = (from_client and messages.client or messages.server)[number]
    local name = message and message.name or "unknown"
    local branch = tree:add(it.proto, tvb(), "ICQ v2 " .. name)
    branch:add_le(version, tvb(0, 2))
    branch:add_le(command, tvb(2, 2)):append_text(" " .. name)
    branch:add_le(seq, tvb(4, 2))
    pinfo.cols.protocol = "ICQ v2"
    local info = string.format("%s %04X %s seq=%d", from_client and ">" or "<", number, name, tvb(4, 2):le_uint())
    if message and message.header == 10 and tvb:len() >= 10 then
      branch:add_le(uin, tvb(6, 4))
      info = info .. " uin=" .. tvb(6, 4):le_uint()
    end
    pinfo.cols.info = info
    if not message then
      branch:add_proto_expert_info(it.unknown)
    elseif tvb:len() < message.header then
      branch:add_proto_expert_info(it.cut)
    else
      it.show(message, tvb, message.header, branch)
    end
    return tvb:len()
  end
  DissectorTable.get("udp.port"):add(4000, it.proto)
)lua";
}  // namespace

wire::DissectedProtocol dissected_protocol() noexcept {
  return {.abbreviation = "uhoh_icq",
          .title = "ICQ v2",
          .client = {.title = "client", .messages = v2_client_messages(), .header_size_of = &header_size_of},
          .server = {.title = "server", .messages = v2_server_messages(), .header_size = short_header_size},
          .code = code};
}

}  // namespace uhoh::icq
