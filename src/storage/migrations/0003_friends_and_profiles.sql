-- Which group a friend belongs to, and what its owner calls it. Group 1 always exists; its row is only there when it
-- was renamed.
ALTER TABLE friend ADD COLUMN place INTEGER NOT NULL DEFAULT 1;
ALTER TABLE friend ADD COLUMN remark TEXT NOT NULL DEFAULT '';
CREATE TABLE friend_group(
  owner INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY(owner, number)) WITHOUT ROWID;

-- The fields of a whole profile that are in neither of the others; numbers in decimal, empty: not entered.
CREATE TABLE further_profile(
  uin INTEGER PRIMARY KEY,
  portrait TEXT NOT NULL, country_code TEXT NOT NULL, country_name TEXT NOT NULL, province_code TEXT NOT NULL,
  address TEXT NOT NULL, postcode TEXT NOT NULL, education_code TEXT NOT NULL, school TEXT NOT NULL,
  occupation TEXT NOT NULL, occupation_code TEXT NOT NULL, mobile TEXT NOT NULL, pager TEXT NOT NULL,
  hobbies TEXT NOT NULL, horoscope_code TEXT NOT NULL, zodiac_code TEXT NOT NULL, blood_type_code TEXT NOT NULL);

-- Who may log in with QQ. sealed: the key that proofs are checked with; NULL until the next password is set.
CREATE TABLE qq(uin INTEGER PRIMARY KEY, sealed BLOB);
