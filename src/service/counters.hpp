#pragma once

#include "base/counters.hpp"

namespace uhoh::service {

/// What the services of one shard count.
struct Counters {
  Counter logins;
  Counter logins_refused;       ///< wrong password or number
  Counter logins_throttled;
  Counter logins_put_off;       ///< pool, store or table full
  Counter registrations;
  Counter registrations_refused;
  Counter messages_live;        ///< acknowledged by the recipient before they were kept
  Counter messages_kept;
  Counter messages_repeated;    ///< recognised by the store
  Counter messages_refused;     ///< no such account, inbox full, flood
  Counter messages_put_off;     ///< left unacknowledged: a queue was full, or the sender too fast
  Counter messages_delivered_kept;
  Counter shown_unconfirmed;    ///< shown, but the session ended without an acknowledgement (promise 2 b)
  Counter presence_sent;
  Counter presence_merged;
  Counter contacts_refused;     ///< over the limit of a list
  Counter store_unavailable;
  Counter password_changes_refused;
  Counter group_messages;       ///< messages to groups of friends, each recipient counted
  Counter room_messages_kept;   ///< each once, however many read it
  Counter room_messages_delivered;  ///< acknowledged by a member
  Counter searches;             ///< with a condition
  Counter searches_put_off;     ///< too many waited
  Counter mail_lost;            ///< a mailbox was full
  Counter peer_packets_passed;  ///< handed from client to client
  Counter files_offered;
  Counter files_refused;        ///< nothing of it went through: quota, nobody there, declined
  Counter files_put_off;        ///< accepted while too many were under way
  Counter files_completed;
  Counter files_broken_off;
  Counter file_bytes;           ///< of content, as it came in
  Counter monitorings_begun;
  Counter monitorings_refused;
  Counter messages_copied;      ///< to those who monitor
  Counter copies_dropped;       ///< a monitor's queue was full
  Counter file_pauses;          ///< a sender was not read, since his recipient was slower
};

}  // namespace uhoh::service
