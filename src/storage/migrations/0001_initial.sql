-- Narrow on purpose: log-in, delivery and restart read only this of an account.
-- charsets: one octet per dialect, the dialect's number of octets from the right.
CREATE TABLE account(
  uin INTEGER PRIMARY KEY,
  authorization INTEGER NOT NULL,
  address_policy INTEGER NOT NULL,
  charsets INTEGER NOT NULL,
  suspended_until INTEGER NOT NULL DEFAULT 0,
  monitor INTEGER NOT NULL DEFAULT 0);
CREATE INDEX account_suspended ON account(suspended_until) WHERE suspended_until <> 0;

-- folded_*: as search compares them.
CREATE TABLE profile(
  uin INTEGER PRIMARY KEY,
  verifier TEXT NOT NULL,
  created INTEGER NOT NULL,
  suspended_reason TEXT NOT NULL DEFAULT '',
  nick TEXT NOT NULL, first_name TEXT NOT NULL, last_name TEXT NOT NULL, email TEXT NOT NULL,
  folded_nick TEXT NOT NULL, folded_first TEXT NOT NULL, folded_last TEXT NOT NULL, folded_email TEXT NOT NULL);
CREATE INDEX profile_nick ON profile(folded_nick) WHERE folded_nick <> '';
CREATE INDEX profile_first ON profile(folded_first) WHERE folded_first <> '';
CREATE INDEX profile_last ON profile(folded_last) WHERE folded_last <> '';
CREATE INDEX profile_email ON profile(folded_email) WHERE folded_email <> '';

CREATE TABLE extended_profile(
  uin INTEGER PRIMARY KEY,
  city TEXT NOT NULL, country INTEGER NOT NULL, state TEXT NOT NULL, age INTEGER NOT NULL, sex INTEGER NOT NULL,
  phone TEXT NOT NULL, homepage TEXT NOT NULL, about TEXT NOT NULL);

-- Registrations that may come again.
CREATE TABLE registration(key INTEGER PRIMARY KEY, uin INTEGER NOT NULL, at INTEGER NOT NULL);

-- One row, one page for all that a log-in changes. Lists: 32-bit numbers, little-endian.
CREATE TABLE session(
  uin INTEGER PRIMARY KEY,
  login INTEGER NOT NULL,
  status INTEGER NOT NULL,
  reserved_sequence INTEGER NOT NULL,
  facts BLOB NOT NULL,
  contacts BLOB, visible BLOB, invisible BLOB);

-- Kept messages in order of acceptance: rows are only ever appended. key: hash of the sender's key, NULL without one.
CREATE TABLE message(
  id INTEGER PRIMARY KEY,
  recipient INTEGER NOT NULL, sender INTEGER NOT NULL,
  kind INTEGER NOT NULL, dialect_type INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  key INTEGER,
  text BLOB NOT NULL,
  original BLOB, original_charset INTEGER NOT NULL);

-- Which messages an account has (forgotten is NULL), and the keys of those it had. Entries of messages newer than
-- meta 'inbox_merged' may be missing: they are in memory, and found again by their messages.
CREATE TABLE inbox(
  recipient INTEGER NOT NULL,
  key INTEGER NOT NULL,
  id INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  forgotten INTEGER,
  PRIMARY KEY(recipient, key)) WITHOUT ROWID;
CREATE INDEX inbox_forgotten ON inbox(forgotten) WHERE forgotten IS NOT NULL;

-- told: the contact knows (or was not to be told).
CREATE TABLE friend(
  owner INTEGER NOT NULL, contact INTEGER NOT NULL, told INTEGER NOT NULL,
  PRIMARY KEY(owner, contact)) WITHOUT ROWID;
CREATE INDEX friend_contact ON friend(contact, owner);

CREATE TABLE consent(
  asker INTEGER NOT NULL, target INTEGER NOT NULL, state INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(asker, target)) WITHOUT ROWID;
CREATE INDEX consent_target ON consent(target, asker);

CREATE TABLE ban(cidr TEXT PRIMARY KEY, reason TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;

-- next_uin: the next number to be given out. message_ids: ids below this may have been used.
-- inbox_merged: entries of messages up to this id are in the table inbox.
CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO meta(name, value) VALUES('next_uin', 10001), ('message_ids', 1), ('inbox_merged', 0);

-- The system's own account: UTF-8 in every dialect, and no password.
INSERT INTO account(uin, authorization, address_policy, charsets) VALUES(10000, 0, 1, 0);
INSERT INTO profile(uin, verifier, created, nick, first_name, last_name, email,
                    folded_nick, folded_first, folded_last, folded_email)
  VALUES(10000, '', 0, 'uhoh', '', '', '', 'uhoh', '', '', '');
