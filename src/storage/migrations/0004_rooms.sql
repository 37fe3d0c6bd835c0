-- newest: the id of its last message, which count up from 1 in each room.
CREATE TABLE room(
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL, notice TEXT NOT NULL, description TEXT NOT NULL,
  category INTEGER NOT NULL, joining INTEGER NOT NULL, owner INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1, newest INTEGER NOT NULL DEFAULT 0);

-- seen: the last message that the member has got; a message itself is kept once.
CREATE TABLE room_member(
  room INTEGER NOT NULL, member INTEGER NOT NULL, role INTEGER NOT NULL, seen INTEGER NOT NULL,
  PRIMARY KEY(room, member)) WITHOUT ROWID;
CREATE INDEX room_of_member ON room_member(member, room);

CREATE TABLE room_request(room INTEGER NOT NULL, asker INTEGER NOT NULL, PRIMARY KEY(room, asker)) WITHOUT ROWID;
CREATE INDEX room_request_asker ON room_request(asker);

-- key: hash of the sender's key, NULL without one.
CREATE TABLE room_message(
  room INTEGER NOT NULL, id INTEGER NOT NULL,
  sender INTEGER NOT NULL, accepted INTEGER NOT NULL, key INTEGER,
  text BLOB NOT NULL, original BLOB, original_charset INTEGER NOT NULL,
  PRIMARY KEY(room, id)) WITHOUT ROWID;
CREATE INDEX room_message_key ON room_message(room, key) WHERE key IS NOT NULL;

INSERT INTO meta(name, value) VALUES('next_room', 2000000000);
