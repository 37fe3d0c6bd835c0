#pragma once

#include <memory>
#include <string>

#include "service/accounts.hpp"
#include "service/directory.hpp"
#include "service/shard_context.hpp"

namespace uhoh::service {

/// Whole profiles: every field that some dialect knows.
class Profiles {
 public:
  Profiles(ShardContext& shard, Accounts& accounts, Directory& directory)
      : shard_{shard}, accounts_{accounts}, directory_{directory} {}

  void show(const model::GetProfile& command, const model::RequestContext& context);
  void update(const model::UpdateProfile& command, const model::RequestContext& context);

 private:
  /// What is committed together with a new password.
  struct Wish {
    storage::UpdateProfile request;
    model::UpdateProfile form;
    std::string password;
  };
  void refuse(const model::UpdateProfile& form, const model::RequestContext& context);
  void set_password(std::shared_ptr<Wish> wish, const model::RequestContext& context);
  void commit(storage::UpdateProfile&& request, const model::UpdateProfile& command,
              const model::RequestContext& context, std::string&& password);

  ShardContext& shard_;
  Accounts& accounts_;
  Directory& directory_;
};

}  // namespace uhoh::service
