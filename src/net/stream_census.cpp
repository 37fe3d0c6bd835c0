#include "net/stream_census.hpp"

#include <algorithm>
#include <utility>

namespace uhoh::net {
namespace {

// Who has one IPv6 address has all of its /64.
IpAddress network_of(const IpAddress& address) noexcept {
  if (address.is_v4()) return address;
  auto octets = address.octets();
  std::fill(octets.begin() + 8, octets.end(), std::uint8_t{0});
  return IpAddress::from_octets(octets);
}

}  // namespace

StreamCensus::Seat::Seat(Seat&& other) noexcept
    : census_{std::exchange(other.census_, nullptr)}, network_{other.network_} {}

StreamCensus::Seat& StreamCensus::Seat::operator=(Seat&& other) noexcept {
  std::swap(census_, other.census_);
  std::swap(network_, other.network_);
  return *this;
}

StreamCensus::Seat::~Seat() {
  if (census_ != nullptr) census_->leave(network_);
}

std::expected<StreamCensus::Seat, NoSeat> StreamCensus::take_seat(const IpAddress& address) {
  const auto network = network_of(address);
  const std::lock_guard lock{mutex_};
  if (in_all_ >= limits_.in_all) return std::unexpected(NoSeat::all_full);
  auto& here = by_network_[network];
  if (here >= limits_.per_address) return std::unexpected(NoSeat::address_full);
  ++here;
  ++in_all_;
  return Seat{*this, network};
}

std::uint32_t StreamCensus::size() const {
  const std::lock_guard lock{mutex_};
  return in_all_;
}

void StreamCensus::leave(const IpAddress& network) noexcept {
  const std::lock_guard lock{mutex_};
  --in_all_;
  const auto found = by_network_.find(network);
  if (found != by_network_.end() && --found->second == 0) by_network_.erase(found);
}

}  // namespace uhoh::net
