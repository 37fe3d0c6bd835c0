#include "service/profiles.hpp"

#include <algorithm>
#include <memory>

#include "crypto/sealed.hpp"
#include "service/asking.hpp"
#include "service/profile_values.hpp"

namespace uhoh::service {

void Profiles::show(const model::GetProfile& command, const model::RequestContext& context) {
  ask_store_once(shard_, context.request, storage::ReadProfile{command.uin},
                 [this, context, command](storage::Result&& result) {
                   shard_.port.reply(context.request, model::ProfileShown{command.query, command.uin,
                                                                          answer<model::Profile>(result)});
                 });
}

void Profiles::update(const model::UpdateProfile& command, const model::RequestContext& context) {
  const auto uin = shard_.users.at(context.session).uin;
  auto values = profile_values(command.changes);
  if (!values) {
    shard_.port.acknowledge(context.request);
    return shard_.port.reply(context.request, model::ProfileUpdated{command.query, command.form, false});
  }
  storage::UpdateProfile request{.uin = uin, .values = std::move(*values)};
  const model::UpdateProfile form{.query = command.query, .form = command.form};
  if (command.password.empty()) return commit(std::move(request), form, context, {});
  if (!accounts_.may_set_password(command.password, context)) {
    shard_.port.acknowledge(context.request);
    return shard_.port.reply(context.request, model::ProfileUpdated{command.query, command.form, false});
  }
  auto kept = std::make_shared<storage::UpdateProfile>(std::move(request));
  auto password = std::make_shared<std::string>(as_chars(command.password));
  const bool submitted = accounts_.make_verifier(*password, [this, kept, password, form,
                                                             context](std::string&& verifier) {
    if (verifier.empty()) {
      crypto::wipe(*password);
      return shard_.port.drop(context.request);
    }
    kept->password_verifier = std::move(verifier);
    kept->qq_key = sealed_qq_key(shard_.secrets, *password);
    commit(std::move(*kept), form, context, std::move(*password));
  });
  if (submitted) return;
  crypto::wipe(*password);
  shard_.port.drop(context.request);
}

void Profiles::commit(storage::UpdateProfile&& request, const model::UpdateProfile& command,
                      const model::RequestContext& context, std::string&& password) {
  const auto uin = request.uin;
  const auto authorization = authorization_in(request.values);
  const auto secret = std::make_shared<std::string>(std::move(password));
  ask_store_once(shard_, context.request, std::move(request),
                 [this, uin, context, query = command.query, form = command.form, authorization,
                  secret](storage::Result&& result) {
                   shard_.port.reply(context.request, model::ProfileUpdated{query, form, result.has_value()});
                   if (!result) return;
                   if (authorization) directory_.change_authorization(context.session, *authorization);
                   if (!secret->empty()) accounts_.password_was_changed(uin, *secret);
                   crypto::wipe(*secret);
                 });
}

}  // namespace uhoh::service
