#include "wire/dissector.hpp"

#include <fmt/format.h>

#include <iterator>
#include <vector>

namespace uhoh::wire {

namespace {
constexpr std::string_view common_part =
    R"lua(-- Made by `uhoh-dump --dissector`. Change the tables in src/dialect, then make this file again.
--
-- Shows ICQ v2 and OICQ in Wireshark and tshark:
--   tshark -X lua_script:uhoh.lua -r file.pcap
-- or put it into the folder of personal Lua plugins (scripts/run --dissector does).
-- Filters are uhoh_icq.login.status, uhoh_oicq.message.text and the like. Passwords are shown as ***.

-- How each form of a field is read. `at` is where it begins, `limit` where the message ends; gives the range to
-- mark, the value (nil: the range's own), and where the next field begins; nothing when the message ends before.
local function fixed(kind, size, little)
  return {
    kind = kind,
    little = little,
    read = function(tvb, at, limit)
      if at + size <= limit then return tvb(at, size), nil, at + size end
    end
  }
end

local function without_nul(tvb, at, size)
  if size > 0 and tvb(at + size - 1, 1):uint() == 0 then return size - 1 end
  return size
end

-- A count of bytes, then a text; ICQ's may have a NUL at its end, which its count may leave out.
local function text(little, encoding, tolerant)
  return {
    kind = "string",
    encoding = encoding,
    read = function(tvb, at, limit)
      if at + 2 > limit then return end
      local size = little and tvb(at, 2):le_uint() or tvb(at, 2):uint()
      local next_at = at + 2 + size
      if next_at > limit then
        if not tolerant then return end
        size = 0
        while at + 2 + size < limit and tvb(at + 2 + size, 1):uint() ~= 0 do size = size + 1 end
        if at + 2 + size >= limit then return end
        next_at = at + 2 + size + 1
      end
      if tolerant then size = without_nul(tvb, at + 2, size) end
      if size == 0 then return tvb(at, next_at - at), "", next_at end
      return tvb(at + 2, size), nil, next_at
    end
  }
end

local rest = {
  kind = "bytes",
  read = function(tvb, at, limit)
    if at == limit then return tvb(at, 0), nil, limit end
    return tvb(at, limit - at), nil, limit
  end
}

local forms = {
  ["byte"] = fixed("uint8", 1),
  ["T"] = fixed("uint8", 1),
  ["u16"] = fixed("uint16", 2, true),
  ["u16 big endian"] = fixed("uint16", 2),
  ["M"] = fixed("uint16", 2),
  ["u32"] = fixed("uint32", 4, true),
  ["u32 big endian"] = fixed("uint32", 4),
  ["L"] = fixed("uint32", 4),
  ["uin"] = fixed("uint32", 4, true),
  ["uin big endian"] = fixed("uint32", 4),
  ["ip4"] = fixed("ipv4", 4),
  ["str"] = text(true, ENC_WINDOWS_1252, true),
  ["str big endian"] = text(false, ENC_UTF_8, false),
  ["S"] = text(false, ENC_GB18030, false),
  ["bytes"] = rest,
  ["B"] = rest,
}

-- Lists: how wide the count is and what each entry is.
local function list_of_u32(tvb, at, limit)
  local width = (limit - at) % 4
  if width ~= 1 and width ~= 2 then return end
  return at + width, math.floor((limit - at - width) / 4)
end
local function counted_by_byte(tvb, at, limit)
  if at < limit then return at + 1, tvb(at, 1):uint() end
end
local lists = {
  ["list of u32"] = { count = list_of_u32, entry = "u32" },
  ["list"] = { count = counted_by_byte },
  ["T, then records"] = { count = counted_by_byte },
}

-- A protocol: its fields for filters, and how messages are shown.
local function new_protocol(abbreviation, title)
  local it = { proto = Proto(abbreviation, title), fields = {}, by_name = {} }
  it.cut = ProtoExpert.new(abbreviation .. ".cut", "The message ends inside a field", expert.group.MALFORMED,
    expert.severity.ERROR)
  it.more = ProtoExpert.new(abbreviation .. ".more", "Bytes follow the last field", expert.group.PROTOCOL,
    expert.severity.NOTE)
  it.unknown = ProtoExpert.new(abbreviation .. ".unknown", "No message has this command", expert.group.UNDECODED,
    expert.severity.WARN)
  it.proto.experts = { it.cut, it.more, it.unknown }

  -- A field of the header, or of a message.
  function it.field(kind, name, label, shown_in, meaning)
    local full = abbreviation .. "." .. name
    if not it.by_name[full] then
      local made
      if kind == "string" or kind == "bytes" then
        made = ProtoField[kind](full, label, kind == "string" and base.NONE or base.SPACE, meaning)
      elseif kind == "ipv4" then
        made = ProtoField.ipv4(full, label, meaning)
      else
        made = ProtoField[kind](full, label, shown_in or base.DEC, nil, nil, meaning)
      end
      it.by_name[full] = made
      table.insert(it.fields, made)
    end
    return it.by_name[full]
  end

  local function declare(fields, path)
    for _, f in ipairs(fields) do
      local name = path .. "." .. f.name:lower()
      if lists[f.form] then
        f.entry = lists[f.form].entry
        if f.entry then f.shown = it.field(forms[f.entry].kind, name, f.name, base.DEC, f.meaning) end
        if f.fields then declare(f.fields, name) end
      elseif f.secret then
        f.shown = it.field("string", name, f.name, nil, f.meaning)
      else
        f.shown = it.field(forms[f.form].kind, name, f.name, base.DEC, f.meaning)
      end
    end
  end
  function it.declare(messages)
    for _, m in pairs(messages) do declare(m.fields, m.name:lower()) end
  end

  local show_fields
  local function show_value(f, form, tvb, at, limit, tree)
    local marked, value, next_at = form.read(tvb, at, limit)
    if not next_at then return end
    if f.secret then
      tree:add(f.shown, marked, "***")
    elseif value then
      tree:add(f.shown, marked, value)
    elseif form.encoding then
      tree:add_packet_field(f.shown, marked, form.encoding)
    elseif form.little then
      tree:add_le(f.shown, marked)
    elseif marked:len() > 0 then
      tree:add(f.shown, marked)
    end
    return next_at
  end
  local function show_list(f, tvb, at, limit, tree)
    local begin, count = lists[f.form].count(tvb, at, limit)
    if not begin then return end
    local branch = tree:add(it.proto, tvb(at, limit - at), f.name .. ": " .. count)
    at = begin
    for i = 1, count do
      if f.entry then
        at = show_value(f, forms[f.entry], tvb, at, limit, branch)
      else
        local record = branch:add(it.proto, tvb(at, 0), f.name .. " " .. i)
        local record_begin = at
        at = show_fields(f.fields, tvb, at, limit, record)
        if at then record:set_len(at - record_begin) end
      end
      if not at then return end
    end
    branch:set_len(at - begin + (begin > 0 and 1 or 0))
    return at
  end
  show_fields = function(fields, tvb, at, limit, tree)
    for _, f in ipairs(fields) do
      if f.optional and at >= limit then return at end
      local next_at
      if lists[f.form] then
        next_at = show_list(f, tvb, at, limit, tree)
      else
        next_at = show_value(f, forms[f.form], tvb, at, limit, tree)
      end
      if not next_at then
        tree:add_proto_expert_info(it.cut)
        return
      end
      at = next_at
    end
    return at
  end

  -- Shows the fields of a message that begin at `at`.
  function it.show(message, tvb, at, tree)
    local limit = tvb:len()
    local done = show_fields(message.fields, tvb, at, limit, tree)
    if done and done < limit then
      local more = tree:add(it.proto, tvb(done, limit - done), "(more): " .. (limit - done) .. " bytes")
      more:add_proto_expert_info(it.more)
    end
    return done
  end
  return it
end
)lua";

std::string lua_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

void add_fields(std::string& out, const std::vector<FieldRow>& fields, const std::string& indent) {
  auto to = std::back_inserter(out);
  for (const FieldRow& f : fields) {
    fmt::format_to(to, "{}{{ name = {}, form = {}, meaning = {}", indent, lua_text(f.name), lua_text(f.kind),
                   lua_text(f.meaning));
    if (f.optional) out += ", optional = true";
    if (f.secret) out += ", secret = true";
    if (f.record != nullptr) {
      out += ", fields = {\n";
      add_fields(out, f.record(), indent + "  ");
      out += indent + "}";
    }
    out += " },\n";
  }
}

void add_messages(std::string& out, const char* side, const ReferenceChapter& chapter) {
  auto to = std::back_inserter(out);
  fmt::format_to(to, "  messages.{} = {{\n", side);
  for (const MessageRow& row : chapter.messages) {
    const std::size_t header =
        chapter.header_size_of != nullptr ? chapter.header_size_of(row.command) : chapter.header_size;
    fmt::format_to(to, "    [0x{:0{}X}] = {{ name = {}, title = {}, header = {}, fields = {{\n", row.command,
                   chapter.command_digits, lua_text(row.name), lua_text(row.title), header);
    add_fields(out, row.fields(), "      ");
    out += "    } },\n";
  }
  out += "  }\n";
}
}  // namespace

std::string lua_dissector(std::span<const DissectedProtocol> protocols) {
  std::string out{common_part};
  for (const DissectedProtocol& protocol : protocols) {
    auto to = std::back_inserter(out);
    fmt::format_to(to, "\n-- {}\ndo\n  local messages = {{}}\n", protocol.title);
    add_messages(out, "client", protocol.client);
    add_messages(out, "server", protocol.server);
    fmt::format_to(to,
                   "  local it = new_protocol({}, {})\n  it.declare(messages.client)\n  "
                   "it.declare(messages.server)\n{}end\n",
                   lua_text(protocol.abbreviation), lua_text(protocol.title), protocol.code);
  }
  return out;
}

}  // namespace uhoh::wire
