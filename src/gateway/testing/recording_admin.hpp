#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "gateway/time_text.hpp"
#include "model/admin.hpp"

namespace uhoh::gateway {

using model::AdminError;
using model::AdminResult;

/// Remembers what it was asked, and answers as it is told.
class RecordingAdmin final : public model::AdminPort {
 public:
  std::string asked;
  std::optional<AdminError> refusal;
  std::optional<AdminError> confirmation_refusal;  ///< of confirm_qr() alone
  model::NewAccount created;                       ///< the last that was made

  AdminResult<Uin> create_account(const model::NewAccount& a) override {
    created = a;
    return answer("create " + std::to_string(a.uin.value) + " " + a.password + " " + a.profile.nick, Uin{10001});
  }
  AdminResult<model::AccountRangeMade> create_range(const model::NewAccountRange& r) override {
    return answer("range " + std::to_string(r.first.value) + " " + std::to_string(r.count),
                  model::AccountRangeMade{r.count, 0});
  }
  AdminResult<model::AccountPage> list_accounts(Uin after, std::size_t limit) override {
    model::AccountPage page;
    page.accounts.push_back({Uin{10002}, {.nick = "<b>\"Ann\""}});
    return answer("list " + std::to_string(after.value) + " " + std::to_string(limit), page);
  }
  AdminResult<model::AccountDetails> read_account(Uin uin) override {
    model::AccountDetails details;
    details.uin = uin;
    return answer("read " + std::to_string(uin.value), details);
  }
  AdminResult<void> change_account(Uin uin, const model::AccountChange& c) override {
    return answer("change " + std::to_string(uin.value) + (c.nick ? " nick" : "") + (c.authorization ? " auth" : "") +
                  (c.address_policy ? " policy" : "") + (c.icq_charset ? " charset" : ""));
  }
  AdminResult<void> set_password(Uin uin, std::string_view p) override {
    return answer("password " + std::to_string(uin.value) + " " + std::string{p});
  }
  AdminResult<void> suspend(Uin uin, WallTime until, std::string_view reason) override {
    return answer("suspend " + std::to_string(uin.value) + " " + format_time(until) + " " + std::string{reason});
  }
  AdminResult<void> resume(Uin uin) override { return answer("resume " + std::to_string(uin.value)); }
  AdminResult<void> delete_account(Uin uin) override { return answer("delete " + std::to_string(uin.value)); }
  AdminResult<void> add_friend(Uin a, Uin b) override {
    return answer("friend " + std::to_string(a.value) + " " + std::to_string(b.value));
  }
  AdminResult<model::RoomListPage> list_rooms(Uin after, std::size_t limit) override {
    model::RoomListPage page;
    page.rooms.push_back({Uin{2'000'000'000}, "Tea", Uin{10001}, 3});
    return answer("rooms " + std::to_string(after.value) + " " + std::to_string(limit), page);
  }
  AdminResult<model::Room> read_room(Uin room) override {
    return answer("room " + std::to_string(room.value), model::Room{.number = room, .members = {{Uin{10001}}}});
  }
  AdminResult<model::RoomMade> create_room(const model::NewRoom& room) override {
    return answer("make room " + room.profile.name + " " + std::to_string(room.owner.value) + " " +
                      std::to_string(room.members.size()),
                  model::RoomMade{Uin{2'000'000'000}, {}});
  }
  AdminResult<void> dismiss_room(Uin room) override { return answer("dismiss " + std::to_string(room.value)); }
  AdminResult<model::SessionPage> list_sessions(std::uint64_t after, std::size_t limit) override {
    model::SessionPage page;
    page.sessions.push_back({.uin = Uin{10001}, .peer = {IpAddress::v4(0x7F000001), 1024}});
    return answer("sessions " + std::to_string(after) + " " + std::to_string(limit), page);
  }
  AdminResult<void> kick(Uin uin) override { return answer("kick " + std::to_string(uin.value)); }
  AdminResult<model::BroadcastDone> broadcast(std::string_view text) override {
    return answer("broadcast " + std::string{text}, model::BroadcastDone{3, 1});
  }
  AdminResult<std::vector<model::QrLogInRow>> list_qr() override {
    return answer("qr", std::vector<model::QrLogInRow>{{"ABCDEFGH", {IpAddress::v4(0x7F000001), 1024}, "QQ", {}}});
  }
  AdminResult<void> confirm_qr(std::string_view code, Uin uin) override {
    if (confirmation_refusal) return std::unexpected(*confirmation_refusal);
    return answer("qr " + std::string{code} + " " + std::to_string(uin.value));
  }
  AdminResult<std::string> add_ban(const model::BanRow& ban) override { return answer("ban " + ban.cidr, ban.cidr); }
  AdminResult<void> remove_ban(std::string_view cidr) override { return answer("unban " + std::string{cidr}); }
  AdminResult<std::vector<model::BanRow>> list_bans() override {
    return answer("bans", std::vector<model::BanRow>{{"192.0.2.0/24", "spam", {}}});
  }
  AdminResult<void> backup(std::string_view file) override { return answer("backup " + std::string{file}); }
  AdminResult<std::vector<model::PacketRow>> packets(const model::PacketQuery& q) override {
    return answer("packets " + std::to_string(q.uin.value), std::vector<model::PacketRow>{{.number = 7, .text = "hello"}});
  }
  AdminResult<std::string> registration_mode() override { return answer("registration", std::string{"open"}); }
  AdminResult<void> set_registration_mode(std::string_view mode) override { return answer("register " + std::string{mode}); }
  AdminResult<model::StoreCheck> check_store() override { return answer("check", model::StoreCheck{.sound = true}); }
  AdminResult<model::ServerStatus> status() override {
    if (asked == "throw") throw std::runtime_error{"broken"};
    return answer("status", model::ServerStatus{.version = "1"});
  }
  AdminResult<std::vector<MetricValue>> metrics() override {
    return answer("metrics", std::vector<MetricValue>{{.name = "uhoh_x_total", .help = "X", .value = 2}});
  }

 private:
  template <class T>
  AdminResult<T> answer(std::string what, T value) {
    asked = std::move(what);
    if (refusal) return std::unexpected(*refusal);
    return value;
  }
  AdminResult<void> answer(std::string what) {
    asked = std::move(what);
    if (refusal) return std::unexpected(*refusal);
    return {};
  }
};

}  // namespace uhoh::gateway
