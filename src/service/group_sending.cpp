#include "service/group_sending.hpp"

#include <algorithm>

#include "service/asking.hpp"
#include "service/group_message_name.hpp"

namespace uhoh::service {
namespace {

/// What a message costs a sender in flood control, as in every dialect's table.
constexpr std::uint16_t message_cost = 3;
constexpr Duration slow_down = std::chrono::milliseconds{250};
}  // namespace

void GroupSending::send(const model::SendToGroup& command, const model::RequestContext& context) {
  const auto& user = shard_.users.at(context.session);
  bool busy = false;
  jobs_.for_each([&](SlabRef, const Job& job) { busy = busy || job.context.session == context.session; });
  if (busy) return shard_.port.drop(context.request);
  Job job{.context = context,
          .from = user.uin,
          .login = shard_.port.facts(context.session)->login,
          .text = std::string{as_chars(command.text.bytes)},
          .charset = command.text.charset,
          .accepted = shard_.now.wall};
  const auto unknown = [this, context] {
    shard_.port.acknowledge(context.request);
    shard_.port.reply(context.request, model::SystemNotice{"You have no such group: nothing was sent."});
  };
  if (command.group > 255) return unknown();
  ask_store(shard_, context.request,
            storage::ReadFriendNumbers{user.uin, static_cast<std::uint8_t>(command.group)},
            [this, unknown, job = std::move(job)](storage::Result&& result) mutable {
              auto* members = answer<storage::Uins>(result);
              if (members == nullptr) return unknown();
              job.members = std::move(members->members);
              begin(std::move(job));
            });
}

void GroupSending::begin(Job&& job) {
  const auto context = job.context;
  std::erase_if(job.members, [&](Uin member) { return member == job.from || member == system_uin; });
  const auto ref = jobs_.insert(std::move(job));
  if (!ref) return shard_.port.drop(context.request);
  advance(ref);
}

void GroupSending::advance(SlabRef ref) {
  auto& job = *jobs_.get(ref);
  const auto* facts = shard_.port.facts(job.context.session);
  if (facts == nullptr || facts->login != job.login) job.failed = true;
  while (!job.failed && job.next < job.members.size() && job.on_their_way < window) {
    // The first one was counted with the request.
    if (job.next > 0 && !shard_.port.charge(job.context.session, message_cost)) {
      if (job.on_their_way == 0) slowed_.push_back({shard_.now.steady + slow_down, ref});
      return;
    }
    ++job.on_their_way;
    const auto to = job.members[job.next++];
    ++shard_.counters.group_messages;
    messaging_.route({.from = job.from,
                      .to = to,
                      .charset = job.charset,
                      .key = job.context.key,
                      .accepted = job.accepted,
                      .origin = shard_.self,
                      .request = group_message_name(ref),
                      .check_store = true,
                      .text = bus::InlineBytes{as_bytes(job.text)}});
  }
  if (job.on_their_way == 0) finish(ref);
}

bool GroupSending::take(const bus::MessageDone& mail) {
  if (!is_group_message(mail.request)) return false;
  const auto ref = group_of(mail.request);
  auto* job = jobs_.get(ref);
  if (job == nullptr) return true;
  --job->on_their_way;
  if (mail.outcome == bus::MessageOutcome::not_taken) job->failed = true;
  if (mail.outcome == bus::MessageOutcome::inbox_full) ++job->inboxes_full;
  advance(ref);
  return true;
}

void GroupSending::finish(SlabRef ref) {
  const auto job = std::move(*jobs_.get(ref));
  jobs_.erase(ref);
  if (job.failed) return shard_.port.drop(job.context.request);
  shard_.port.acknowledge(job.context.request);
  if (job.inboxes_full == 0) return;
  const auto text = "Your message was not kept for " + std::to_string(job.inboxes_full) +
                    " of your friends: their inboxes are full.";
  shard_.port.reply(job.context.request, model::SystemNotice{text});
}

void GroupSending::on_time() {
  while (!slowed_.empty() && slowed_.front().at <= shard_.now.steady) {
    const auto ref = slowed_.front().job;
    slowed_.erase(slowed_.begin());
    if (jobs_.get(ref) != nullptr) advance(ref);
  }
}

}  // namespace uhoh::service
