#pragma once

#include "service/presence.hpp"

namespace uhoh::service {

/// Tells whether only those whom a user watches as well are shown where he is.
[[nodiscard]] inline bool is_for_mutual(model::AddressPolicy policy) noexcept {
  return policy == model::AddressPolicy::mutual || policy == model::AddressPolicy::relay;
}

/// The system's own account is always there.
[[nodiscard]] inline model::ContactPresence system_presence() {
  model::ContactPresence contact{.uin = system_uin};
  contact.status.availability = model::Availability::online;
  return contact;
}

/// What decides whether somebody is seen, at one moment.
struct Presence::Sight {
  bool shown = false;   ///< there is a session that watchers know of
  bool invisible = false;
  model::Authorization authorization = model::Authorization::open;
  const UserExtras* extras = nullptr;

  [[nodiscard]] bool lets_see(Uin watcher) const {
    if (!shown) return false;
    if (extras == nullptr) return !invisible && authorization == model::Authorization::open;
    if (authorization != model::Authorization::open && !extras->allowed.contains(watcher)) return false;
    if (extras->invisible.contains(watcher)) return false;
    return !invisible || extras->visible.contains(watcher);
  }
};

}  // namespace uhoh::service
