-- Made by `uhoh-dump --dissector`. Change the tables in src/dialect, then make this file again.
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

-- ICQ v2
do
  local messages = {}
  messages.client = {
    [0x000A] = { name = "ACK", title = "Acknowledges a packet of the server", header = 10, fields = {
    } },
    [0x010E] = { name = "SEND_MESSAGE", title = "Sends a message through the server", header = 10, fields = {
      { name = "RECEIVER_UIN", form = "uin", meaning = "who is to get the message" },
      { name = "MESSAGE_TYPE", form = "u16", meaning = "1 text, 4 URL, 6 to 8 authorisation, ...; 8000 set: to several" },
      { name = "MESSAGE", form = "str", meaning = "the text; parts are separated by FE" },
    } },
    [0x03E8] = { name = "LOGIN", title = "Logs in", header = 10, fields = {
      { name = "PORT", form = "u32", meaning = "TCP port for incoming connections: the low 16 bits" },
      { name = "PASSWORD", form = "str", meaning = "the password, at most 8 characters", secret = true },
      { name = "X1", form = "u32", meaning = "build of the client: 72 or 78" },
      { name = "USER_IP", form = "ip4", meaning = "the client's own (inner) address" },
      { name = "X2", form = "byte", meaning = "4: can take TCP connections; 6: mICQ" },
      { name = "STATUS", form = "u32", meaning = "status; the high word holds flags" },
      { name = "X3", form = "u32", meaning = "version of the peer-to-peer protocol: 2, 3, 4, 6" },
      { name = "LOGIN_SEQ_NUM", form = "u16", meaning = "comes back in LOGIN_REPLY" },
      { name = "X4", form = "u32", meaning = "0" },
      { name = "X5", form = "u32", meaning = "build of the client again" },
    } },
    [0x03F2] = { name = "LOGIN_1X", title = "Asks, in 1.x clients, before the log-in", header = 6, fields = {
      { name = "SUB_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "UIN", form = "uin", meaning = "the number that will log in" },
      { name = "PASSWORD", form = "str", meaning = "the password", secret = true },
      { name = "STATUS", form = "u32", meaning = "status" },
    } },
    [0x03FC] = { name = "NEW_USER_REG", title = "Asks for a new number", header = 6, fields = {
      { name = "SUB_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "PASSWORD", form = "str", meaning = "password of the new account", secret = true },
      { name = "X1", form = "u32", meaning = "build of the client", optional = true },
      { name = "X2", form = "u32", meaning = "0", optional = true },
    } },
    [0x0406] = { name = "CONTACT_LIST", title = "Adds numbers to those that the session watches", header = 10, fields = {
      { name = "UINS", form = "list of u32", meaning = "numbers to watch" },
    } },
    [0x041A] = { name = "SEARCH_UIN", title = "Searches for a number", header = 10, fields = {
      { name = "SEARCH_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "SEARCHED_UIN", form = "uin", meaning = "the number to search for" },
    } },
    [0x0424] = { name = "SEARCH_USER", title = "Searches for names or for an e-mail address", header = 10, fields = {
      { name = "SEARCH_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "NICK_NAME", form = "str", meaning = "nick name" },
      { name = "FIRST_NAME", form = "str", meaning = "first name" },
      { name = "LAST_NAME", form = "str", meaning = "last name" },
      { name = "E_MAIL", form = "str", meaning = "e-mail address" },
    } },
    [0x042E] = { name = "KEEP_ALIVE", title = "Tells that the session is alive", header = 10, fields = {
    } },
    [0x0438] = { name = "SEND_TEXT_CODE", title = "Logs off, or asks for an answer at once", header = 10, fields = {
      { name = "TEXT_CODE", form = "str", meaning = "B_USER_DISCONNECTED or B_MESSAGE_ACK; LEN may be wrong" },
      { name = "X1", form = "u16", meaning = "5 to log off, 4 or 5 to ask for an answer", optional = true },
    } },
    [0x0442] = { name = "CMD_X1", title = "Tells that the stored messages have arrived", header = 10, fields = {
    } },
    [0x044C] = { name = "LOGIN_1", title = "Asks for the stored messages", header = 10, fields = {
    } },
    [0x0456] = { name = "MSG_TO_NEW_USER", title = "Sends a message to someone who is not a contact; authorisation", header = 10, fields = {
      { name = "RECEIVER_UIN", form = "uin", meaning = "who is to get the message" },
      { name = "MESSAGE_TYPE", form = "u16", meaning = "1 text, 4 URL, 6 to 8 authorisation, ...; 8000 set: to several" },
      { name = "MESSAGE", form = "str", meaning = "the text; parts are separated by FE" },
    } },
    [0x0460] = { name = "INFO_REQ", title = "Asks for basic information", header = 10, fields = {
      { name = "INFO_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "QUERY_UIN", form = "uin", meaning = "whom to tell about" },
    } },
    [0x046A] = { name = "EXT_INFO_REQ", title = "Asks for extended information", header = 10, fields = {
      { name = "INFO_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "QUERY_UIN", form = "uin", meaning = "whom to tell about" },
    } },
    [0x049C] = { name = "CHANGE_PASSWORD", title = "Changes the password", header = 10, fields = {
      { name = "PASSWORD_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "NEW_PASSWORD", form = "str", meaning = "the new password, at most 8 characters", secret = true },
    } },
    [0x04A6] = { name = "NEW_USER_INFO", title = "Gives the basic information of a new user", header = 10, fields = {
      { name = "SUB_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "NICK_NAME", form = "str", meaning = "nick name" },
      { name = "FIRST_NAME", form = "str", meaning = "first name" },
      { name = "LAST_NAME", form = "str", meaning = "last name" },
      { name = "E_MAIL", form = "str", meaning = "e-mail address" },
      { name = "AUTHORIZE", form = "byte", meaning = "1: anyone may add, 0: must ask", optional = true },
    } },
    [0x04B0] = { name = "UPDATE_EXT_INFO", title = "Changes the extended information", header = 10, fields = {
      { name = "SUB_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "CITY", form = "str", meaning = "city" },
      { name = "COUNTRY_CODE", form = "u16", meaning = "international telephone prefix; FFFF: not entered" },
      { name = "COUNTRY_STATUS", form = "byte", meaning = "FE: entered, 9C: not entered" },
      { name = "STATE", form = "str", meaning = "state (USA only)" },
      { name = "AGE", form = "u16", meaning = "age in years; FFFF: not entered" },
      { name = "SEX", form = "byte", meaning = "0 not specified, 1 female, 2 male" },
      { name = "PHONE", form = "str", meaning = "telephone number" },
      { name = "HOME_PAGE", form = "str", meaning = "address of the home page" },
      { name = "ABOUT", form = "str", meaning = "free text, may have several lines" },
    } },
    [0x04BA] = { name = "QUERY_SERVERS", title = "Asks for other servers", header = 10, fields = {
      { name = "PARAMETERS", form = "bytes", meaning = "unknown in v2" },
    } },
    [0x04C4] = { name = "QUERY_ADDONS", title = "Asks for add-ons", header = 10, fields = {
      { name = "PARAMETERS", form = "bytes", meaning = "unknown in v2; v3: highest known external number" },
    } },
    [0x04D8] = { name = "STATUS_CHANGE", title = "Changes the status", header = 10, fields = {
      { name = "STATUS", form = "u32", meaning = "new status; the high word holds flags" },
    } },
    [0x04EC] = { name = "NEW_USER_1", title = "Asks whether a new user may register", header = 6, fields = {
    } },
    [0x050A] = { name = "UPDATE_INFO", title = "Changes the basic information", header = 10, fields = {
      { name = "SUB_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "NICK_NAME", form = "str", meaning = "nick name" },
      { name = "FIRST_NAME", form = "str", meaning = "first name" },
      { name = "LAST_NAME", form = "str", meaning = "last name" },
      { name = "E_MAIL", form = "str", meaning = "e-mail address" },
      { name = "AUTHORIZE", form = "byte", meaning = "1: anyone may add, 0: must ask", optional = true },
    } },
    [0x0514] = { name = "AUTH_UPDATE", title = "Changes whether others must ask before they add this user", header = 10, fields = {
      { name = "AUTHORIZE", form = "byte", meaning = "1: anyone may add, 0: must ask; of an odd length the last byte counts" },
      { name = "X1", form = "bytes", meaning = "v3: 24 11 00 00, then AUTHORIZE; others: three zeros" },
    } },
    [0x051E] = { name = "KEEP_ALIVE_2", title = "Tells that the session is alive", header = 10, fields = {
    } },
    [0x0528] = { name = "LOGIN_2", title = "Is sent during log-in; changes nothing", header = 10, fields = {
      { name = "X1", form = "byte", meaning = "0", optional = true },
    } },
    [0x053C] = { name = "ADD_TO_LIST", title = "Adds a user to the contact list for good", header = 10, fields = {
      { name = "UIN", form = "uin", meaning = "who is added" },
    } },
    [0x0564] = { name = "RAND_SET", title = "Sets the group for random chat", header = 10, fields = {
      { name = "GROUP", form = "u16", meaning = "1 general ... 11, spec/icq.md 3.1; 0: none" },
      { name = "GROUP_HIGH", form = "u16", meaning = "high word of GROUP; 0", optional = true },
    } },
    [0x056E] = { name = "RAND_SEARCH", title = "Asks for a random user", header = 10, fields = {
      { name = "GROUP", form = "u16", meaning = "1 general ... 11, spec/icq.md 3.1" },
      { name = "GROUP_HIGH", form = "u16", meaning = "high word of GROUP; 0 or missing", optional = true },
    } },
    [0x06A4] = { name = "INVISIBLE_LIST", title = "Replaces the list of those who see this user offline", header = 10, fields = {
      { name = "UINS", form = "list of u32", meaning = "who sees this user offline" },
    } },
    [0x06AE] = { name = "VISIBLE_LIST", title = "Replaces the list of those who see this user when invisible", header = 10, fields = {
      { name = "UINS", form = "list of u32", meaning = "who sees this user when invisible" },
    } },
  }
  messages.server = {
    [0x000A] = { name = "ACK", title = "Acknowledges a packet of the client", header = 6, fields = {
    } },
    [0x0028] = { name = "GO_AWAY", title = "Ends the session: someone logged in with this number elsewhere", header = 6, fields = {
    } },
    [0x0032] = { name = "LOGIN_1X_REPLY", title = "Answers LOGIN_1X", header = 6, fields = {
      { name = "SUB_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "UIN", form = "uin", meaning = "the number that asked" },
      { name = "X1", form = "bytes", meaning = "unknown; empty from this server" },
    } },
    [0x0046] = { name = "NEW_USER_UIN", title = "Gives the number of a new account (three times at most)", header = 6, fields = {
      { name = "SUB_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "UIN", form = "uin", meaning = "the number of the new account" },
    } },
    [0x005A] = { name = "LOGIN_REPLY", title = "Confirms a log-in and sets the client's timers", header = 6, fields = {
      { name = "USER_UIN", form = "uin", meaning = "the number that logged in" },
      { name = "USER_IP", form = "ip4", meaning = "the client's address as the server sees it" },
      { name = "LOGIN_SEQ_NUM", form = "u16", meaning = "from the LOGIN" },
      { name = "X1", form = "u32", meaning = "01 00 01 00" },
      { name = "X2", form = "u32", meaning = "19 00 16 00: versions of the add-on and server lists" },
      { name = "X3", form = "u32", meaning = "8C 00 00 00" },
      { name = "PING", form = "u16", meaning = "seconds between keep-alives" },
      { name = "TIMEOUT", form = "u16", meaning = "seconds before the client sends again" },
      { name = "X4", form = "u16", meaning = "0A 00" },
      { name = "RETRIES", form = "u16", meaning = "how often the client sends again" },
      { name = "X5", form = "u16", meaning = "01 00" },
    } },
    [0x0064] = { name = "BAD_PASSWORD", title = "Refuses a log-in", header = 6, fields = {
      { name = "LOGIN_SEQ_NUM", form = "u16", meaning = "from the LOGIN", optional = true },
      { name = "USER_UIN", form = "uin", meaning = "the number that was refused", optional = true },
    } },
    [0x006E] = { name = "USER_ONLINE", title = "Somebody is online", header = 6, fields = {
      { name = "REMOTE_UIN", form = "uin", meaning = "who is online" },
      { name = "REMOTE_IP", form = "ip4", meaning = "outer address, as the server sees it" },
      { name = "REMOTE_PORT", form = "u32", meaning = "TCP port for peer-to-peer connections" },
      { name = "REMOTE_REAL_IP", form = "ip4", meaning = "inner address, as the client gave it" },
      { name = "X1", form = "byte", meaning = "4: can take TCP connections; 6: mICQ" },
      { name = "STATUS", form = "u32", meaning = "status; the high word holds flags" },
      { name = "X2", form = "u32", meaning = "version of the peer-to-peer protocol, from X3 of the other's LOGIN" },
    } },
    [0x0078] = { name = "USER_OFFLINE", title = "Somebody went offline", header = 6, fields = {
      { name = "REMOTE_UIN", form = "uin", meaning = "who is offline" },
    } },
    [0x0082] = { name = "QUERY_REPLY", title = "Describes one server or add-on", header = 6, fields = {
      { name = "KIND", form = "byte", meaning = "1 server, 2 add-on" },
      { name = "NUMBER", form = "u32", meaning = "its number in the list" },
      { name = "NAME", form = "str", meaning = "its name" },
      { name = "ADDRESS", form = "str", meaning = "its host or URL" },
      { name = "PORT", form = "u32", meaning = "its port" },
    } },
    [0x008C] = { name = "USER_FOUND", title = "One result of a search", header = 6, fields = {
      { name = "SEARCH_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "FOUND_UIN", form = "uin", meaning = "who was found" },
      { name = "NICK_NAME", form = "str", meaning = "nick name" },
      { name = "FIRST_NAME", form = "str", meaning = "first name" },
      { name = "LAST_NAME", form = "str", meaning = "last name" },
      { name = "E_MAIL", form = "str", meaning = "e-mail address" },
      { name = "AUTHORIZE", form = "byte", meaning = "1: anyone may add, 0: must ask" },
    } },
    [0x00A0] = { name = "END_OF_SEARCH", title = "A search is complete", header = 6, fields = {
      { name = "SEARCH_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "MORE_FOUND", form = "byte", meaning = "1: more than the 40 that were sent" },
    } },
    [0x00B4] = { name = "NEW_USER_REPLY", title = "Confirms NEW_USER_INFO", header = 6, fields = {
      { name = "SUB_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
    } },
    [0x00BE] = { name = "NEW_USER_FAILED", title = "Refuses NEW_USER_INFO", header = 6, fields = {
      { name = "SUB_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
    } },
    [0x00C8] = { name = "UPDATE_EXT_REPLY", title = "Confirms UPDATE_EXT_INFO", header = 6, fields = {
      { name = "SUB_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
    } },
    [0x00D2] = { name = "UPDATE_EXT_FAILED", title = "Refuses UPDATE_EXT_INFO", header = 6, fields = {
      { name = "SUB_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
    } },
    [0x00DC] = { name = "RECEIVE_MESSAGE", title = "A message that was stored", header = 6, fields = {
      { name = "REMOTE_UIN", form = "uin", meaning = "who sent it" },
      { name = "YEAR", form = "u16", meaning = "when it was sent, in GMT" },
      { name = "MONTH", form = "byte", meaning = "1 to 12" },
      { name = "DAY", form = "byte", meaning = "1 to 31" },
      { name = "HOUR", form = "byte", meaning = "0 to 23, GMT" },
      { name = "MINUTE", form = "byte", meaning = "0 to 59" },
      { name = "MESSAGE_TYPE", form = "u16", meaning = "1 text, 4 URL, 6 to 8 authorisation, ...; 8000 set: to several" },
      { name = "MESSAGE", form = "str", meaning = "the text; parts are separated by FE" },
    } },
    [0x00E6] = { name = "REPLY_X2", title = "No more stored messages", header = 6, fields = {
      { name = "UIN", form = "uin", meaning = "the client's own number; may be missing", optional = true },
    } },
    [0x00F0] = { name = "NOT_CONNECTED", title = "The server knows no session for a packet; SEQ_NUM is that packet's", header = 6, fields = {
    } },
    [0x00FA] = { name = "SERVER_BUSY", title = "The client is to come back later", header = 6, fields = {
    } },
    [0x0104] = { name = "ONLINE_MESSAGE", title = "A message, at once", header = 6, fields = {
      { name = "REMOTE_UIN", form = "uin", meaning = "who sent it" },
      { name = "MESSAGE_TYPE", form = "u16", meaning = "1 text, 4 URL, 6 to 8 authorisation, ...; 8000 set: to several" },
      { name = "MESSAGE", form = "str", meaning = "the text; parts are separated by FE" },
    } },
    [0x0118] = { name = "INFO_REPLY", title = "Basic information", header = 6, fields = {
      { name = "INFO_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "REMOTE_UIN", form = "uin", meaning = "whom it is about" },
      { name = "NICK_NAME", form = "str", meaning = "nick name" },
      { name = "FIRST_NAME", form = "str", meaning = "first name" },
      { name = "LAST_NAME", form = "str", meaning = "last name" },
      { name = "E_MAIL", form = "str", meaning = "e-mail address" },
      { name = "AUTHORIZE", form = "byte", meaning = "1: anyone may add, 0: must ask" },
    } },
    [0x0122] = { name = "EXT_INFO_REPLY", title = "Extended information", header = 6, fields = {
      { name = "INFO_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
      { name = "REMOTE_UIN", form = "uin", meaning = "whom it is about" },
      { name = "CITY", form = "str", meaning = "city" },
      { name = "COUNTRY_CODE", form = "u16", meaning = "international telephone prefix; FFFF: not entered" },
      { name = "COUNTRY_STATUS", form = "byte", meaning = "FE: entered, 9C: not entered" },
      { name = "STATE", form = "str", meaning = "state (USA only)" },
      { name = "AGE", form = "u16", meaning = "age in years; FFFF: not entered" },
      { name = "SEX", form = "byte", meaning = "0 not specified, 1 female, 2 male" },
      { name = "PHONE", form = "str", meaning = "telephone number" },
      { name = "HOME_PAGE", form = "str", meaning = "address of the home page" },
      { name = "ABOUT", form = "str", meaning = "free text, may have several lines" },
    } },
    [0x012C] = { name = "INVALID_UIN", title = "There is no such number", header = 6, fields = {
      { name = "UIN", form = "uin", meaning = "the number that does not exist" },
    } },
    [0x0136] = { name = "NO_EXT_INFO", title = "There is no extended information", header = 6, fields = {
      { name = "INFO_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request", optional = true },
      { name = "REMOTE_UIN", form = "uin", meaning = "whom it is about", optional = true },
    } },
    [0x01A4] = { name = "STATUS_UPDATE", title = "Somebody changed his status", header = 6, fields = {
      { name = "REMOTE_UIN", form = "uin", meaning = "whose status changed" },
      { name = "STATUS", form = "u32", meaning = "new status; the high word holds flags" },
    } },
    [0x01C2] = { name = "SYSTEM_MESSAGE", title = "A message of the system with a button", header = 6, fields = {
      { name = "UIN", form = "uin", meaning = "who sends it" },
      { name = "TYPE", form = "u16", meaning = "type of message" },
      { name = "TEXT", form = "str", meaning = "the text" },
      { name = "URL", form = "str", meaning = "what the button opens" },
      { name = "BUTTON", form = "str", meaning = "what stands on the button" },
    } },
    [0x01E0] = { name = "UPDATE_REPLY", title = "Confirms UPDATE_INFO", header = 6, fields = {
      { name = "SUB_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
    } },
    [0x01EA] = { name = "UPDATE_FAILED", title = "Refuses UPDATE_INFO", header = 6, fields = {
      { name = "SUB_SEQ_NUM", form = "u16", meaning = "number that ties replies to the request" },
    } },
    [0x01F4] = { name = "AUTH_UPDATE_REPLY", title = "Confirms AUTH_UPDATE", header = 6, fields = {
    } },
    [0x01FE] = { name = "AUTH_UPDATE_FAILED", title = "Refuses AUTH_UPDATE", header = 6, fields = {
    } },
    [0x021C] = { name = "REPLY_X1", title = "A contact list has been worked through", header = 6, fields = {
      { name = "UIN", form = "uin", meaning = "the client's own number; may be missing", optional = true },
    } },
    [0x024E] = { name = "RAND_USER", title = "A random user", header = 6, fields = {
      { name = "REMOTE_UIN", form = "uin", meaning = "who was found" },
      { name = "REMOTE_IP", form = "ip4", meaning = "outer address, as the server sees it" },
      { name = "REMOTE_PORT", form = "u32", meaning = "TCP port for peer-to-peer connections" },
      { name = "REMOTE_REAL_IP", form = "ip4", meaning = "inner address, as the client gave it" },
      { name = "X1", form = "byte", meaning = "4: can take TCP connections; 6: mICQ" },
      { name = "STATUS", form = "u32", meaning = "status" },
      { name = "TCP_VERSION", form = "u32", meaning = "version of the peer-to-peer protocol" },
      { name = "X2", form = "u32", meaning = "unknown; 0" },
      { name = "X3", form = "u32", meaning = "unknown; 0" },
      { name = "X4", form = "u32", meaning = "unknown; 0" },
    } },
  }
  local it = new_protocol("uhoh_icq", "ICQ v2")
  it.declare(messages.client)
  it.declare(messages.server)

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
end

-- OICQ
do
  local messages = {}
  messages.client = {
    [0x01] = { name = "REGISTER", title = "Asks for a new number", header = 8, fields = {
      { name = "NICKNAME", form = "S", meaning = "nickname" },
      { name = "PORTRAIT", form = "M", meaning = "number of the portrait" },
      { name = "PASSWORD", form = "S", meaning = "password; empty in 12: keeps the old one", secret = true },
      { name = "SEX", form = "T", meaning = "0 male, 1 female, 255 not told" },
      { name = "AGE", form = "T", meaning = "age in years; 0: not entered" },
      { name = "REAL_NAME", form = "S", meaning = "real name" },
      { name = "COUNTRY", form = "T", meaning = "country or region, see Numbers in a profile" },
      { name = "PROVINCE", form = "T", meaning = "province, see Numbers in a profile" },
      { name = "CITY", form = "S", meaning = "city" },
      { name = "ADDRESS", form = "S", meaning = "address" },
      { name = "POSTCODE", form = "S", meaning = "postcode" },
      { name = "EDUCATION", form = "T", meaning = "education, see Numbers in a profile" },
      { name = "SCHOOL", form = "S", meaning = "school of graduation" },
      { name = "OCCUPATION", form = "T", meaning = "occupation, see Numbers in a profile" },
      { name = "PHONE", form = "S", meaning = "telephone number" },
      { name = "PAGER", form = "S", meaning = "pager number" },
      { name = "EMAIL", form = "S", meaning = "e-mail address" },
      { name = "HOBBIES", form = "S", meaning = "hobbies" },
      { name = "DESCRIPTION", form = "S", meaning = "free text" },
      { name = "AUTHENTICATION", form = "T", meaning = "who may add: 0 anyone, 1 must ask, 2 nobody" },
    } },
    [0x02] = { name = "LOG_IN", title = "Logs in", header = 8, fields = {
      { name = "NUMBER", form = "L", meaning = "the number that logs in" },
      { name = "PASSWORD", form = "S", meaning = "the password", secret = true },
      { name = "MODE", form = "T", meaning = "0 normal, 1 invisible" },
    } },
    [0x03] = { name = "SEND_MESSAGE", title = "Sends a message to another user", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "FRIEND", form = "L", meaning = "who is to get the message" },
      { name = "TEXT", form = "S", meaning = "the message" },
    } },
    [0x04] = { name = "BROADCAST", title = "Sends a message to every friend of a group", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "GROUP", form = "L", meaning = "number of the group; 0: every friend" },
      { name = "TEXT", form = "S", meaning = "the message" },
    } },
    [0x05] = { name = "VIEW_PROFILE", title = "Asks for somebody's profile", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "FRIEND", form = "L", meaning = "whose profile" },
    } },
    [0x06] = { name = "ADD_GROUP", title = "Makes a group of friends", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "NAME", form = "S", meaning = "name of the new group" },
    } },
    [0x07] = { name = "RENAME_GROUP", title = "Renames a group of friends", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "GROUP", form = "T", meaning = "number of the group" },
      { name = "NAME", form = "S", meaning = "its new name" },
    } },
    [0x08] = { name = "DELETE_GROUP", title = "Deletes a group; its friends go to group 1", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "GROUP", form = "T", meaning = "number of the group" },
    } },
    [0x09] = { name = "MOVE_FRIENDS", title = "Moves friends into groups, all or none", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "MOVES", form = "T, then records", meaning = "who goes where", fields = {
        { name = "FRIEND", form = "L", meaning = "who is moved" },
        { name = "GROUP", form = "T", meaning = "number of the group that he goes to" },
      } },
    } },
    [0x0A] = { name = "WHO_IS_ONLINE", title = "Asks for a page of those who are online", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "START", form = "L", meaning = "the page begins beyond this number" },
      { name = "COUNT", form = "T", meaning = "how many at most" },
      { name = "DIRECTION", form = "T", meaning = "1 towards smaller numbers, 2 towards larger" },
    } },
    [0x0B] = { name = "SEARCH", title = "Searches users by a condition", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "TEXT", form = "S", meaning = "the condition, see Search" },
    } },
    [0x0C] = { name = "ADD_FRIEND", title = "Adds a friend, or learns that he must be asked", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "FRIEND", form = "L", meaning = "who is to be added" },
    } },
    [0x0D] = { name = "ASK_TO_ADD", title = "Asks somebody for the permission to add him", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "FRIEND", form = "L", meaning = "who is asked" },
      { name = "REASON", form = "S", meaning = "what he is told" },
    } },
    [0x0E] = { name = "DELETE_FRIEND", title = "Deletes a friend", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "FRIEND", form = "L", meaning = "who is to be deleted" },
    } },
    [0x0F] = { name = "ACKNOWLEDGED", title = "Makes a frame acknowledged, acknowledges one, or says hello", header = 8, fields = {
      { name = "NUMBER", form = "L", meaning = "the client's account number; 0 before it has one" },
      { name = "KIND", form = "T", meaning = "1 data, 2 acknowledgement, 3 hello" },
      { name = "CLIENT_ID", form = "L", meaning = "chosen by the client, kept over reconnects" },
      { name = "SEQUENCE", form = "L", meaning = "number of the data; each side counts its own" },
      { name = "INNER", form = "B", meaning = "data: a whole frame with its own header, but no 0F; otherwise nothing" },
    } },
    [0x10] = { name = "CHANGE_STATE", title = "Changes one's own state, or logs off", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "STATE", form = "T", meaning = "1 online, 2 hidden, 3 do not disturb, 4 offline: logs off" },
    } },
    [0x11] = { name = "MONITOR", title = "Begins or ends copying somebody's conversations", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "FRIEND", form = "L", meaning = "whose conversations" },
    } },
    [0x12] = { name = "CHANGE_PROFILE", title = "Changes one's own profile", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "NICKNAME", form = "S", meaning = "nickname" },
      { name = "PORTRAIT", form = "M", meaning = "number of the portrait" },
      { name = "PASSWORD", form = "S", meaning = "password; empty in 12: keeps the old one", secret = true },
      { name = "SEX", form = "T", meaning = "0 male, 1 female, 255 not told" },
      { name = "AGE", form = "T", meaning = "age in years; 0: not entered" },
      { name = "REAL_NAME", form = "S", meaning = "real name" },
      { name = "COUNTRY", form = "T", meaning = "country or region, see Numbers in a profile" },
      { name = "PROVINCE", form = "T", meaning = "province, see Numbers in a profile" },
      { name = "CITY", form = "S", meaning = "city" },
      { name = "ADDRESS", form = "S", meaning = "address" },
      { name = "POSTCODE", form = "S", meaning = "postcode" },
      { name = "EDUCATION", form = "T", meaning = "education, see Numbers in a profile" },
      { name = "SCHOOL", form = "S", meaning = "school of graduation" },
      { name = "OCCUPATION", form = "T", meaning = "occupation, see Numbers in a profile" },
      { name = "PHONE", form = "S", meaning = "telephone number" },
      { name = "PAGER", form = "S", meaning = "pager number" },
      { name = "EMAIL", form = "S", meaning = "e-mail address" },
      { name = "HOBBIES", form = "S", meaning = "hobbies" },
      { name = "DESCRIPTION", form = "S", meaning = "free text" },
      { name = "AUTHENTICATION", form = "T", meaning = "who may add: 0 anyone, 1 must ask, 2 nobody" },
    } },
    [0x13] = { name = "OFFER_FILE", title = "Offers a file", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "FRIEND", form = "L", meaning = "who is to get the file" },
      { name = "NAME", form = "S", meaning = "name of the file" },
      { name = "FILE_LENGTH", form = "L", meaning = "its length in bytes" },
    } },
    [0x14] = { name = "ANSWER_OFFER", title = "Accepts or declines an offered file", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "FRIEND", form = "L", meaning = "who offered it" },
      { name = "ALLOW", form = "T", meaning = "1 accepted, 0 declined" },
    } },
    [0x15] = { name = "FILE_CONTENT", title = "Carries the next part of an accepted file; over TCP only", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "FRIEND", form = "L", meaning = "who gets it" },
      { name = "PART", form = "B", meaning = "the next bytes of the file" },
    } },
    [0x16] = { name = "CONNECTION_TEST", title = "Asks for a sign of life", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
    } },
    [0x17] = { name = "ANSWER_REQUEST", title = "Grants or refuses the permission to be added", header = 8, fields = {
      { name = "OWN_NUMBER", form = "L", meaning = "the sender's number" },
      { name = "FRIEND", form = "L", meaning = "who asked" },
      { name = "AGREE", form = "T", meaning = "1 agreed, 0 refused" },
    } },
  }
  messages.server = {
    [0x01] = { name = "REGISTERED", title = "Answers REGISTER with the new number", header = 8, fields = {
      { name = "SUCCESS", form = "T", meaning = "1 success, 0 failure" },
      { name = "NUMBER", form = "L", meaning = "the new number; 0 on failure" },
    } },
    [0x02] = { name = "LOGGED_IN", title = "Answers LOG_IN with the friends in their groups", header = 8, fields = {
      { name = "SUCCESS", form = "T", meaning = "1 success, 0 failure" },
      { name = "GROUPS", form = "T, then records", meaning = "all groups; missing on failure", optional = true, fields = {
        { name = "NAME", form = "S", meaning = "name of the group" },
        { name = "GROUP", form = "T", meaning = "its number, 1 to 255" },
        { name = "FRIENDS", form = "T, then records", meaning = "who is in it", fields = {
          { name = "FRIEND", form = "L", meaning = "number of the friend" },
          { name = "PORTRAIT", form = "T", meaning = "the low byte of the portrait's number" },
          { name = "STATE", form = "T", meaning = "1 online, 3 do not disturb, 4 offline or hidden" },
          { name = "NICKNAME", form = "S", meaning = "nickname" },
        } },
      } },
    } },
    [0x03] = { name = "MESSAGE", title = "Brings a message from somebody, or from the system", header = 8, fields = {
      { name = "FLAG", form = "T", meaning = "1 system, 2 user" },
      { name = "NUMBER", form = "L", meaning = "whom it is from or about; 0: the system itself" },
      { name = "TEXT", form = "S", meaning = "the message" },
      { name = "INFO_TYPE", form = "T", meaning = "0 a plain message; NUMBER 1 added you, 2 asks to be authorised, 3 agreed, 4 refused" },
    } },
    [0x04] = { name = "PROFILE", title = "Answers VIEW_PROFILE", header = 8, fields = {
      { name = "SUCCESS", form = "T", meaning = "1 success, 0 failure" },
      { name = "NUMBER", form = "L", meaning = "whose profile" },
      { name = "NICKNAME", form = "S", meaning = "nickname", optional = true },
      { name = "PORTRAIT", form = "M", meaning = "number of the portrait", optional = true },
      { name = "SEX", form = "T", meaning = "0 male, 1 female, 255 not told", optional = true },
      { name = "AGE", form = "T", meaning = "age in years; 0: not entered", optional = true },
      { name = "REAL_NAME", form = "S", meaning = "real name", optional = true },
      { name = "COUNTRY", form = "T", meaning = "country or region, see Numbers in a profile", optional = true },
      { name = "PROVINCE", form = "T", meaning = "province, see Numbers in a profile", optional = true },
      { name = "CITY", form = "S", meaning = "city", optional = true },
      { name = "ADDRESS", form = "S", meaning = "address", optional = true },
      { name = "POSTCODE", form = "S", meaning = "postcode", optional = true },
      { name = "EDUCATION", form = "T", meaning = "education, see Numbers in a profile", optional = true },
      { name = "SCHOOL", form = "S", meaning = "school of graduation", optional = true },
      { name = "OCCUPATION", form = "T", meaning = "occupation, see Numbers in a profile", optional = true },
      { name = "PHONE", form = "S", meaning = "telephone number", optional = true },
      { name = "PAGER", form = "S", meaning = "pager number", optional = true },
      { name = "EMAIL", form = "S", meaning = "e-mail address", optional = true },
      { name = "HOBBIES", form = "S", meaning = "hobbies", optional = true },
      { name = "DESCRIPTION", form = "S", meaning = "free text", optional = true },
    } },
    [0x05] = { name = "GROUP_ADDED", title = "Answers ADD_GROUP", header = 8, fields = {
      { name = "SUCCESS", form = "T", meaning = "1 success, 0 failure" },
      { name = "GROUP", form = "T", meaning = "its number; 0 on failure" },
      { name = "NAME", form = "S", meaning = "its name" },
    } },
    [0x06] = { name = "GROUP_RENAMED", title = "Answers RENAME_GROUP", header = 8, fields = {
      { name = "SUCCESS", form = "T", meaning = "1 success, 0 failure" },
      { name = "GROUP", form = "T", meaning = "its number" },
      { name = "NAME", form = "S", meaning = "its name" },
    } },
    [0x07] = { name = "GROUP_DELETED", title = "Answers DELETE_GROUP", header = 8, fields = {
      { name = "SUCCESS", form = "T", meaning = "1 success, 0 failure" },
      { name = "GROUP", form = "T", meaning = "its number" },
    } },
    [0x08] = { name = "FRIENDS_MOVED", title = "Answers MOVE_FRIENDS", header = 8, fields = {
      { name = "SUCCESS", form = "T", meaning = "1 success, 0 failure" },
    } },
    [0x09] = { name = "ONLINE_USERS", title = "Answers WHO_IS_ONLINE", header = 8, fields = {
      { name = "SUCCESS", form = "T", meaning = "1 success, 0 failure" },
      { name = "USERS", form = "T, then records", meaning = "in the order of the direction asked for", fields = {
        { name = "NUMBER", form = "L", meaning = "who was found" },
        { name = "NICKNAME", form = "S", meaning = "nickname" },
        { name = "PORTRAIT", form = "M", meaning = "number of the portrait" },
        { name = "PROVINCE", form = "T", meaning = "province, see Numbers in a profile" },
        { name = "CITY", form = "S", meaning = "city" },
      } },
    } },
    [0x0A] = { name = "SEARCH_RESULT", title = "Answers SEARCH", header = 8, fields = {
      { name = "SUCCESS", form = "T", meaning = "1 success, 0 failure" },
      { name = "USERS", form = "T, then records", meaning = "50 at most", fields = {
        { name = "NUMBER", form = "L", meaning = "who was found" },
        { name = "NICKNAME", form = "S", meaning = "nickname" },
        { name = "PORTRAIT", form = "M", meaning = "number of the portrait" },
        { name = "PROVINCE", form = "T", meaning = "province, see Numbers in a profile" },
        { name = "CITY", form = "S", meaning = "city" },
      } },
    } },
    [0x0B] = { name = "ADD_RESULT", title = "Answers ADD_FRIEND", header = 8, fields = {
      { name = "FLAG", form = "T", meaning = "0 failed, 1 added, 2 must ask, 3 nobody may add, 4 must ask and is offline" },
      { name = "FRIEND", form = "L", meaning = "who was to be added" },
    } },
    [0x0C] = { name = "FRIEND_ADDED", title = "Tells that one's own list has gained a friend", header = 8, fields = {
      { name = "FRIEND", form = "L", meaning = "the new friend, in group 1" },
      { name = "NICKNAME", form = "S", meaning = "nickname" },
      { name = "PORTRAIT", form = "M", meaning = "number of the portrait" },
      { name = "STATE", form = "T", meaning = "1 online, 3 do not disturb, 4 offline" },
    } },
    [0x0E] = { name = "FRIEND_DELETED", title = "Answers DELETE_FRIEND", header = 8, fields = {
      { name = "SUCCESS", form = "T", meaning = "1 success, 0 failure" },
      { name = "FRIEND", form = "L", meaning = "who was to be deleted" },
    } },
    [0x0F] = { name = "ACKNOWLEDGED", title = "Makes a frame acknowledged, acknowledges one, or answers a hello", header = 8, fields = {
      { name = "NUMBER", form = "L", meaning = "the client's account number; 0 before it has one" },
      { name = "KIND", form = "T", meaning = "1 data, 2 acknowledgement, 3 hello" },
      { name = "CLIENT_ID", form = "L", meaning = "chosen by the client, kept over reconnects" },
      { name = "SEQUENCE", form = "L", meaning = "number of the data; each side counts its own" },
      { name = "INNER", form = "B", meaning = "data: a whole frame with its own header, but no 0F; otherwise nothing" },
    } },
    [0x10] = { name = "STATE_CHANGED", title = "Answers CHANGE_STATE", header = 8, fields = {
      { name = "NUMBER", form = "L", meaning = "one's own number" },
      { name = "STATE", form = "T", meaning = "1 online, 2 hidden, 3 do not disturb, 4 offline" },
    } },
    [0x11] = { name = "PROFILE_CHANGED", title = "Answers CHANGE_PROFILE", header = 8, fields = {
      { name = "SUCCESS", form = "T", meaning = "1 success, 0 failure" },
    } },
    [0x12] = { name = "FILE_OFFERED", title = "Tells that somebody offers a file", header = 8, fields = {
      { name = "FRIEND", form = "L", meaning = "who offers it" },
      { name = "NAME", form = "S", meaning = "name of the file" },
      { name = "FILE_LENGTH", form = "L", meaning = "its length in bytes" },
    } },
    [0x13] = { name = "OFFER_ANSWERED", title = "Tells what became of an offer, or that a transfer has ended", header = 8, fields = {
      { name = "FRIEND", form = "L", meaning = "who answered" },
      { name = "ALLOW", form = "T", meaning = "1 accepted, 0 declined or ended" },
    } },
    [0x14] = { name = "FILE_PART", title = "Carries the next part of an accepted file; over TCP only", header = 8, fields = {
      { name = "FRIEND", form = "L", meaning = "who sends it" },
      { name = "PART", form = "B", meaning = "the next bytes of the file" },
    } },
    [0x15] = { name = "FRIEND_STATE", title = "Tells a friend's state", header = 8, fields = {
      { name = "FRIEND", form = "L", meaning = "whose state" },
      { name = "STATE", form = "T", meaning = "1 online, 3 do not disturb, 4 offline or hidden" },
    } },
    [0x16] = { name = "CONNECTION_TEST", title = "Answers CONNECTION_TEST", header = 8, fields = {
      { name = "NUMBER", form = "L", meaning = "one's own number" },
    } },
  }
  local it = new_protocol("uhoh_oicq", "OICQ")
  it.declare(messages.client)
  it.declare(messages.server)

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
end
