#include "dialect/oicq/dissector.hpp"

#include "dialect/oicq/client_messages.hpp"
#include "dialect/oicq/frame.hpp"
#include "dialect/oicq/server_messages.hpp"

namespace uhoh::oicq {

namespace {
constexpr std::string_view code = R"lua(
  local programs = {
    [1] = "OICQ server", [2] = "fax server", [3] = "web server", [4] = "print server", [5] = "chat server",
    [10] = "OICQ user"
  }
  local sender = it.field("uint8", "sender", "SENDER", base.HEX)
  local receiver = it.field("uint8", "receiver", "RECEIVER", base.HEX)
  local kind = it.field("uint8", "type", "TYPE", base.HEX)
  local length = it.field("uint32", "length", "LENGTH", base.DEC)
  it.proto.fields = it.fields
  local acknowledged = 0x0F
  local inner_begin = 21

  -- Shows one whole frame; gives what the column Info says of it.
  local function show_frame(tvb, tree)
    local from, to, number = tvb(1, 1):uint(), tvb(2, 1):uint(), tvb(3, 1):uint()
    local side = from == 10 and to == 1 and messages.client or from == 1 and to == 10 and messages.server or {}
    local message = side[number]
    local name = message and message.name or "unknown"
    local branch = tree:add(it.proto, tvb(), "OICQ " .. name)
    branch:add(sender, tvb(1, 1)):append_text(" " .. (programs[from] or "unknown"))
    branch:add(receiver, tvb(2, 1)):append_text(" " .. (programs[to] or "unknown"))
    branch:add(kind, tvb(3, 1)):append_text(" " .. name)
    branch:add(length, tvb(4, 4))
    local info = string.format("%s %02X %s", from == 10 and ">" or "<", number, name)
    if not message then
      branch:add_proto_expert_info(it.unknown)
      return info
    end
    it.show(message, tvb, message.header, branch)
    if number == acknowledged and tvb:len() >= inner_begin + 8 and tvb(12, 1):uint() == 1 then
      local inner = tvb(inner_begin):tvb()
      if inner(3, 1):uint() ~= acknowledged and inner(4, 4):uint() + 8 == inner:len() then
        info = info .. " " .. show_frame(inner, branch)
      end
    end
    return info
  end

  local function is_frame(tvb)
    return tvb:len() >= 8 and tvb(0, 1):uint() == 0x81 and programs[tvb(1, 1):uint()] and programs[tvb(2, 1):uint()]
  end
  local last_packet = 0 -- several frames of one packet share its line
  local function one_frame(tvb, pinfo, tree)
    local info = show_frame(tvb, tree)
    pinfo.cols.protocol = "OICQ"
    if pinfo.number == last_packet then
      pinfo.cols.info:append("; " .. info)
    else
      pinfo.cols.info:set(info)
    end
    last_packet = pinfo.number
    return tvb:len()
  end

  function it.proto.dissector(tvb, pinfo, tree)
    if pinfo.port_type == 2 then -- TCP
      if tvb(0, 1):uint() ~= 0x81 then return 0 end
      dissect_tcp_pdus(tvb, tree, 8, function(stream, _, at) return stream(at + 4, 4):uint() + 8 end, one_frame)
      return tvb:len()
    end
    if not is_frame(tvb) or tvb(4, 4):uint() + 8 ~= tvb:len() then return 0 end
    return one_frame(tvb, pinfo, tree)
  end
  DissectorTable.get("udp.port"):add(8001, it.proto)
  DissectorTable.get("tcp.port"):add(8001, it.proto)
)lua";
}  // namespace

wire::DissectedProtocol dissected_protocol() noexcept {
  return {.abbreviation = "uhoh_oicq",
          .title = "OICQ",
          .client = {.title = "client",
                     .messages = client_messages(),
                     .header_size = header_size,
                     .command_digits = 2},
          .server = {.title = "server",
                     .messages = server_messages(),
                     .header_size = header_size,
                     .command_digits = 2},
          .code = code};
}

}  // namespace uhoh::oicq
