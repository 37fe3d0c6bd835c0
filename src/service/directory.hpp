#pragma once

#include <vector>

#include "service/presence.hpp"
#include "service/shard_context.hpp"

namespace uhoh::service {

/// Profiles as ICQ has them, search by details, who is there at random.
class Directory {
 public:
  Directory(ShardContext& shard, Presence& presence) : shard_{shard}, presence_{presence} {}

  void find_by_number(const model::FindByNumber& command, const model::RequestContext& context);
  void find_by_details(const model::FindByDetails& command, const model::RequestContext& context);
  void show_basic(const model::GetBasicProfile& command, const model::RequestContext& context);
  void show_extended(const model::GetExtendedProfile& command, const model::RequestContext& context);
  void update_basic(const model::UpdateBasicProfile& command, const model::RequestContext& context);
  void update_extended(const model::UpdateExtendedProfile& command, const model::RequestContext& context);
  void set_authorization(const model::SetAuthorization& command, const model::RequestContext& context);
  void set_random_group(const model::SetRandomGroup& command, const model::RequestContext& context);
  void find_random(const model::FindRandom& command, const model::RequestContext& context);
  void query(const model::QueryDirectory& command, const model::RequestContext& context);

  /// An account's authorization was committed: who may not see the user any more, or now may, is told.
  void change_authorization(model::SessionRef session, model::Authorization authorization);

  void on_session_end(User& user);
  void on_mail(bus::FindRandom mail);
  void on_mail(const bus::RandomFound& mail);

 private:
  static constexpr std::size_t random_groups = 256;

  void send_results(const model::RequestContext& context, std::uint16_t query, const storage::Found& found);
  void weaken_no_closed(model::SessionRef session, model::Authorization authorization);
  void report(const model::RequestContext& context, model::UpdateForm form, std::uint16_t query,
              const storage::Result& result);

  ShardContext& shard_;
  Presence& presence_;
  std::vector<std::vector<Uin>> groups_ = std::vector<std::vector<Uin>>(random_groups);
};

}  // namespace uhoh::service
