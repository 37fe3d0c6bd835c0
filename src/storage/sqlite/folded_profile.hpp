#pragma once

#include <string>

#include "model/profile.hpp"
#include "text/fold.hpp"

namespace uhoh::storage {

/// A basic profile as search compares it.
struct FoldedProfile {
  explicit FoldedProfile(const model::BasicProfile& p)
      : nick{text::fold(p.nick)},
        first{text::fold(p.first_name)},
        last{text::fold(p.last_name)},
        email{text::normalise_email(p.email)} {}
  std::string nick, first, last, email;
};

}  // namespace uhoh::storage
