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

void Profiles::refuse(const model::UpdateProfile& form, const model::RequestContext& context) {
  shard_.port.acknowledge(context.request);
  shard_.port.reply(context.request, model::ProfileUpdated{form.query, form.form, false});
}

void Profiles::update(const model::UpdateProfile& command, const model::RequestContext& context) {
  const auto uin = shard_.users.at(context.session).uin;
  auto values = profile_values(command.changes);
  if (!values) return refuse(command, context);
  storage::UpdateProfile request{.uin = uin, .values = std::move(*values)};
  const model::UpdateProfile form{.query = command.query, .form = command.form};
  if (command.password.empty()) return commit(std::move(request), form, context, {});
  if (!accounts_.may_set_password(command.password, context)) return refuse(form, context);
  auto wish = std::make_shared<Wish>(std::move(request), form, std::string{as_chars(command.password)});
  if (!command.old_password) return set_password(std::move(wish), context);
  accounts_.check_password(uin, std::string{as_chars(*command.old_password)}, context.peer.address,
                           [this, wish, context](PasswordVerdict verdict) {
                             if (verdict == PasswordVerdict::right) return set_password(wish, context);
                             crypto::wipe(wish->password);
                             if (verdict == PasswordVerdict::wrong) return refuse(wish->form, context);
                             shard_.port.drop(context.request);
                           });
}

void Profiles::set_password(std::shared_ptr<Wish> wish, const model::RequestContext& context) {
  const bool submitted = accounts_.make_verifier(wish->password, [this, wish, context](std::string&& verifier) {
    if (verifier.empty()) {
      crypto::wipe(wish->password);
      return shard_.port.drop(context.request);
    }
    wish->request.password_verifier = std::move(verifier);
    wish->request.qq_key = sealed_qq_key(shard_.secrets, wish->password);
    commit(std::move(wish->request), wish->form, context, std::move(wish->password));
  });
  if (submitted) return;
  crypto::wipe(wish->password);
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
