// What Writes does about profiles, passwords and roles.

#include "storage/sqlite/folded_profile.hpp"
#include "storage/sqlite/pack.hpp"
#include "storage/sqlite/writes.hpp"
#include "storage/store_rules.hpp"

namespace uhoh::storage {

namespace {
std::unexpected<StoreError> no_account() { return std::unexpected(StoreError::no_account); }
}  // namespace

void Writes::write_basic(Uin uin, const model::BasicProfile& p) {
  const FoldedProfile folded{p};
  db_.run(
      "UPDATE profile SET nick = ?2, first_name = ?3, last_name = ?4, email = ?5,"
      " folded_nick = ?6, folded_first = ?7, folded_last = ?8, folded_email = ?9 WHERE uin = ?1",
      uin.value, p.nick, p.first_name, p.last_name, p.email, folded.nick, folded.first, folded.last, folded.email);
}

void Writes::write_extended(Uin uin, const model::ExtendedProfile& p) {
  db_.run(
      "INSERT OR REPLACE INTO extended_profile(uin, city, country, state, age, sex, phone, homepage, about)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      uin.value, p.city, p.country, p.state, p.age, p.sex, p.phone, p.homepage, p.about);
}

/// Writes the parts of a profile that values change.
void Writes::write_profile(Uin uin, ProfileParts&& parts, const std::vector<ProfileValue>& values) {
  const auto before = parts;
  for (const auto& value : values) (void)set_field(parts, value.field, value.text);
  if (parts.basic != before.basic) write_basic(uin, parts.basic);
  if (parts.basic.authorization != before.basic.authorization)
    (void)(*this)(UpdateAuthorization{uin, parts.basic.authorization});
  if (parts.extended && parts.extended != before.extended) write_extended(uin, *parts.extended);
  if (parts.further == before.further) return;
  const auto& f = parts.further;
  static_assert(std::tuple_size_v<FurtherProfile> == 16);
  db_.run(
      "INSERT OR REPLACE INTO further_profile(uin, portrait, country_code, country_name, province_code, address,"
      " postcode, education_code, school, occupation, occupation_code, mobile, pager, hobbies, horoscope_code,"
      " zodiac_code, blood_type_code)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
      uin.value, f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9], f[10], f[11], f[12], f[13], f[14], f[15]);
}

Result Writes::operator()(const UpdateBasic& r) {
  if (!reads_.exists(r.uin)) return no_account();
  write_basic(r.uin, r.profile);
  if (r.keep_authorization) return Done{};
  return (*this)(UpdateAuthorization{r.uin, r.profile.authorization, r.keep_closed});
}

Result Writes::operator()(const UpdateExtended& r) {
  if (!reads_.exists(r.uin)) return no_account();
  write_extended(r.uin, r.profile);
  return Done{};
}

Result Writes::operator()(const UpdateAuthorization& r) {
  const auto known = reads_.facts(r.uin, model::DialectId::icq);
  if (!known) return no_account();
  if (r.keep_closed && stays_closed(known->facts.authorization, r.authorization)) return Done{};
  db_.run("UPDATE account SET authorization = ?2 WHERE uin = ?1", r.uin.value, r.authorization);
  return Done{};
}

Result Writes::operator()(const UpdatePassword& r) {
  db_.run("UPDATE profile SET verifier = ?2 WHERE uin = ?1", r.uin.value, r.password_verifier);
  if (db_.changed() == 0) return no_account();
  set_qq_key(r.uin, r.qq_key);
  return Done{};
}

Result Writes::operator()(const UpdateProfile& r) {
  auto parts = reads_.parts(r.uin);
  if (!parts) return no_account();
  write_profile(r.uin, std::move(*parts), r.values);
  if (r.password_verifier.empty()) return Done{};
  return (*this)(UpdatePassword{r.uin, r.password_verifier, r.qq_key});
}

void Writes::set_qq_key(Uin uin, const std::string& key) {
  db_.run("UPDATE qq SET sealed = ?2 WHERE uin = ?1", uin.value, blob_or_null(key));
}

Result Writes::operator()(const SwitchQq& r) {
  if (!reads_.exists(r.uin)) return no_account();
  if (!r.on) {
    db_.run("DELETE FROM qq WHERE uin = ?1", r.uin.value);
    return Done{};
  }
  db_.run("INSERT OR IGNORE INTO qq(uin) VALUES(?1)", r.uin.value);
  if (!r.key.empty()) set_qq_key(r.uin, r.key);
  return Done{};
}

}  // namespace uhoh::storage
