#pragma once

#include "storage/sqlite/connection.hpp"

namespace uhoh::storage {

/// Holds one state of the database over several statements, unless a group does so already.
class Snapshot {
 public:
  explicit Snapshot(Connection& db) : db_{db}, own_{!db.in_transaction()} {
    if (own_) db_.run("BEGIN");
  }
  ~Snapshot() {
    if (own_ && db_.in_transaction()) db_.run("COMMIT");
  }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Connection& db_;
  bool own_;
};

}  // namespace uhoh::storage
