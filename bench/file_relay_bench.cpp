// What a file costs that goes through the server, against a plain proxy that reads and writes, in the same
// run.
//
//     bench_file_relay --bin build/release/bin [--bytes 104857600] [--part 65527] [--rounds 5] [--shards 1]
//
// It starts the uhohd of that folder on free ports of the loopback, makes two accounts, logs both in over
// OICQ's TCP, and sends the file from one to the other; then the same frames through the proxy. Each byte
// that arrives is compared.

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "dialect/oicq/client_messages.hpp"
#include "dialect/oicq/frame.hpp"
#include "dialect/oicq/server_messages.hpp"

namespace {

using namespace uhoh;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr Uin sender{10001};
constexpr Uin recipient{10002};

struct Arguments {
  fs::path bin = "build/release/bin";
  std::uint32_t bytes = 100U << 20;
  std::uint32_t part = 65'527;
  unsigned rounds = 5;
  unsigned shards = 1;
};

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error{what}; }

/// Content that repeats only after a megabyte and a bit, so that a piece in the wrong place shows.
class Content {
 public:
  Content() : bytes_(period + largest) {
    Rng rng{7};
    for (std::size_t i = 0; i < period; ++i) bytes_[i] = static_cast<std::uint8_t>(rng.next());
    std::copy_n(bytes_.begin(), largest, bytes_.begin() + period);
  }
  [[nodiscard]] Bytes at(std::uint64_t position, std::size_t size) const {
    return Bytes{bytes_}.subspan(position % period, size);
  }

 private:
  static constexpr std::size_t period = 1'000'003;
  static constexpr std::size_t largest = 65'536;
  std::vector<std::uint8_t> bytes_;
};

// ---- sockets
// -----------------------------------------------------------------------------------------------------

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_{descriptor} {}
  Socket(Socket&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int descriptor() const { return descriptor_; }

  void send(Bytes bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) fail("a connection broke while sending");
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
  }
  /// Reads some bytes; 0 when the peer is done.
  [[nodiscard]] std::size_t receive(MutableBytes into) const {
    const auto got = ::recv(descriptor_, into.data(), into.size(), 0);
    if (got < 0) fail("nothing came for 20 s, or the connection broke");
    return static_cast<std::size_t>(got);
  }

 private:
  int descriptor_;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

Socket connect_to(std::uint16_t port) {
  Socket socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto address = loopback(port);
  const int on = 1;
  const timeval patience{20, 0};
  ::setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail(fmt::format("port {} refuses: {}", port, std::strerror(errno)));
  return socket;
}

// ---- frames
// ------------------------------------------------------------------------------------------------------

/// A connection that speaks frames.
class FrameStream {
 public:
  explicit FrameStream(Socket socket) : socket_{std::move(socket)}, buffer_(std::size_t{1} << 20) {}

  template <class Message>
  void say(const Message& message) const {
    std::vector<std::uint8_t> frame(oicq::frame_size_of(message));
    if (oicq::encode_frame(message, frame) == 0) fail("a frame did not fit");
    socket_.send(frame);
  }
  /// The content of the next frame of one type (others are passed over); valid until the next call.
  [[nodiscard]] Bytes hear(std::uint8_t type) {
    while (true) {
      const auto waiting = Bytes{buffer_}.subspan(first_, end_ - first_);
      const auto size = oicq::frame_size(waiting);
      if (!size) fail("what came is no frame");
      if (*size != 0 && *size <= waiting.size()) {
        const auto frame = waiting.first(*size);
        first_ += *size;
        if (frame[3] == type) return frame.subspan(oicq::header_size);
        continue;
      }
      if (first_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + first_, end_ - first_);
        end_ -= first_;
        first_ = 0;
      }
      const auto got = socket_.receive(MutableBytes{buffer_}.subspan(end_));
      if (got == 0) fail("the connection was closed");
      end_ += got;
    }
  }
  [[nodiscard]] const Socket& socket() const { return socket_; }

 private:
  Socket socket_;
  std::vector<std::uint8_t> buffer_;
  std::size_t first_ = 0;
  std::size_t end_ = 0;
};

/// Sends the whole content as 15 frames.
void send_content(const Socket& socket, const Content& content, const Arguments& arguments) {
  std::vector<std::uint8_t> frame(oicq::max_frame);
  for (std::uint64_t at = 0; at < arguments.bytes;) {
    const auto size = std::min<std::uint64_t>(arguments.part, arguments.bytes - at);
    const oicq::FileContent message{.own = sender, .to = recipient, .part = content.at(at, size)};
    socket.send(Bytes{frame}.first(oicq::encode_frame(message, frame)));
    at += size;
  }
}

/// Takes frames of one type until all of the content has come behind their prefixes; each byte is compared.
void take_content(FrameStream& stream, std::uint8_t type, std::size_t prefix, const Content& content,
                  const Arguments& arguments) {
  for (std::uint64_t at = 0; at < arguments.bytes;) {
    const auto part = stream.hear(type).subspan(prefix);
    if (part.empty() || part.size() > arguments.bytes - at || part.size() > 65'536)
      fail("a part has a wrong size");
    const auto expected = content.at(at, part.size());
    if (std::memcmp(part.data(), expected.data(), part.size()) != 0)
      fail(fmt::format("the bytes from {} on are not those that were sent", at));
    at += part.size();
  }
}

/// Sends and takes the content, and gives the seconds that it took.
double transfer(const Socket& from, FrameStream& to, std::uint8_t type, std::size_t prefix,
                const Content& content, const Arguments& arguments) {
  const auto begin = Clock::now();
  std::string trouble;
  std::thread sending{[&] {
    try {
      send_content(from, content, arguments);
    } catch (const std::exception& error) {
      trouble = error.what();
    }
  }};
  try {
    take_content(to, type, prefix, content, arguments);
  } catch (...) {
    ::shutdown(from.descriptor(), SHUT_RDWR);
    sending.join();
    throw;
  }
  const std::chrono::duration<double> took = Clock::now() - begin;
  sending.join();
  if (!trouble.empty()) fail(trouble);
  return took.count();
}

// ---- the proxy
// ---------------------------------------------------------------------------------------------------

/// A process that reads from one connection and writes to another, 64 KiB at a time.
class Proxy {
 public:
  Proxy() {
    Socket listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    auto address = loopback(0);
    socklen_t length = sizeof address;
    if (::bind(listener.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener.descriptor(), 2) != 0 ||
        ::getsockname(listener.descriptor(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
      fail("the proxy can't listen");
    port_ = ntohs(address.sin_port);
    process_ = ::fork();
    if (process_ == 0) ::_exit(run(listener.descriptor()));
  }
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  ~Proxy() { ::waitpid(process_, nullptr, 0); }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  static int run(int listener) {
    const int from = ::accept(listener, nullptr, nullptr);
    const int to = ::accept(listener, nullptr, nullptr);
    static char buffer[64 << 10];
    while (true) {
      const auto got = ::read(from, buffer, sizeof buffer);
      if (got <= 0) return 0;
      for (ssize_t written = 0; written < got;) {
        const auto more = ::send(to, buffer + written, static_cast<std::size_t>(got - written), MSG_NOSIGNAL);
        if (more <= 0) return 1;
        written += more;
      }
    }
  }

  std::uint16_t port_ = 0;
  pid_t process_ = 0;
};

/// How long a transfer took, and the processor time of the process in the middle.
struct Cost {
  double seconds = 0;
  double processor = 0;
};

double processor_time_of_children() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Cost through_proxy(const Content& content, const Arguments& arguments) {
  const auto before = processor_time_of_children();
  Cost cost;
  {
    const Proxy proxy;
    const auto from = connect_to(proxy.port());
    FrameStream to{connect_to(proxy.port())};
    cost.seconds = transfer(from, to, oicq::FileContent::command, 8, content, arguments);
  }
  cost.processor = processor_time_of_children() - before;
  return cost;
}

// ---- the server
// --------------------------------------------------------------------------------------------------

pid_t start(const fs::path& program, const std::vector<std::string>& arguments, const fs::path& log) {
  std::vector<std::string> line{program.string()};
  line.insert(line.end(), arguments.begin(), arguments.end());
  std::vector<char*> words;
  for (auto& word : line) words.push_back(word.data());
  words.push_back(nullptr);
  const auto process = ::fork();
  if (process != 0) return process;
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  ::dup2(output, 1);
  ::dup2(output, 2);
  ::execv(line[0].c_str(), words.data());
  ::_exit(127);
}

class Server {
 public:
  explicit Server(const Arguments& arguments)
      : directory_{fs::temp_directory_path() / fmt::format("uhoh-file-relay-{}", ::getpid())} {
    fs::create_directory(directory_);
    const auto data = (directory_ / "data").string();
    for (const auto uin : {sender, recipient}) {
      const auto process = start(
          arguments.bin / "uhohctl",
          {"--data-dir", data, "user", "add", "--uin", std::to_string(uin.value), "--password", "secret12"},
          directory_ / "log");
      int status = 0;
      ::waitpid(process, &status, 0);
      if (status != 0) fail(fmt::format("uhohctl user add failed: {}", log()));
    }
    process_ = start(
        arguments.bin / "uhohd",
        {"--data-dir", data, "--set", "icq.udp=", "--set", "oicq.udp=", "--set", "oicq.tcp=127.0.0.1:0",
         "--set", "qq.udp=", "--set", "qq.tcp=", "--set", "web.http=",
         "--set", fmt::format("server.shards={}", arguments.shards), "--set", "files.max_bytes=4095MiB"},
        directory_ / "log");
    const auto ready = directory_ / "data" / "uhohd.ready";
    for (int i = 0; i < 1000 && port_ == 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
      std::ifstream file{ready};
      const std::string text{std::istreambuf_iterator<char>{file}, {}};
      const std::string_view key = "\"oicq.tcp\"";
      auto at = text.find(key);
      if (at == std::string::npos) continue;
      at = text.find(':', text.find(':', at + key.size()) + 1) + 1;
      std::from_chars(text.data() + at, text.data() + text.size(), port_);
    }
    if (port_ == 0) fail(fmt::format("uhohd did not start: {}", log()));
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    if (process_ > 0) {
      ::kill(process_, SIGTERM);
      ::waitpid(process_, nullptr, 0);
    }
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// A figure of /proc/PID/status, in KiB.
  [[nodiscard]] std::size_t memory(const char* name) const {
    std::ifstream status{fmt::format("/proc/{}/status", process_)};
    for (std::string line; std::getline(status, line);)
      if (line.starts_with(name)) return std::stoul(line.substr(line.find(':') + 1));
    return 0;
  }
  /// Seconds of processor time, of all threads.
  [[nodiscard]] double processor_time() const {
    double sum = 0;
    for (const auto& task : fs::directory_iterator{fmt::format("/proc/{}/task", process_)}) {
      std::ifstream file{task.path() / "schedstat"};
      double nanoseconds = 0;
      file >> nanoseconds;
      sum += nanoseconds / 1e9;
    }
    return sum;
  }

 private:
  [[nodiscard]] std::string log() const {
    std::ifstream file{directory_ / "log"};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  fs::path directory_;
  pid_t process_ = 0;
  std::uint16_t port_ = 0;
};

/// Watches the server's memory while something goes on.
class MemoryWatch {
 public:
  explicit MemoryWatch(const Server& server)
      : server_{server}, most_{server.memory("VmRSS")}, watching_{[this] {
          while (!stop_.load()) {
            most_ = std::max(most_, server_.memory("VmRSS"));
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
          }
        }} {}
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;
  ~MemoryWatch() { stop(); }
  std::size_t stop() {
    stop_.store(true);
    if (watching_.joinable()) watching_.join();
    return most_;
  }

 private:
  const Server& server_;
  std::size_t most_;
  std::atomic<bool> stop_{false};
  std::thread watching_;
};

FrameStream log_in(const Server& server, Uin uin) {
  FrameStream stream{connect_to(server.port())};
  stream.say(oicq::LogIn{.number = uin, .password = "secret12"});
  if (stream.hear(oicq::LoggedIn::command).front() != 1) fail("the log-in was refused");
  return stream;
}

Cost through_server(const Server& server, FrameStream& from, FrameStream& to, const Content& content,
                    const Arguments& arguments) {
  from.say(oicq::OfferFile{.own = sender, .to = recipient, .name = "file.bin", .length = arguments.bytes});
  static_cast<void>(to.hear(oicq::FileOffered::command));
  to.say(oicq::AnswerOffer{.own = recipient, .offerer = sender, .allow = 1});
  if (from.hear(oicq::OfferAnswered::command)[4] != 1) fail("the offer was denied");
  const auto before = server.processor_time();
  Cost cost{.seconds = transfer(from.socket(), to, oicq::FilePart::command, 4, content, arguments)};
  cost.processor = server.processor_time() - before;
  return cost;
}

double median(std::vector<double> all) {
  std::ranges::sort(all);
  return all[all.size() / 2];
}

Arguments parse(int count, char** words) {
  Arguments arguments;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = words[i];
    if (name == "--bin")
      arguments.bin = words[i + 1];
    else if (name == "--bytes")
      arguments.bytes = static_cast<std::uint32_t>(std::stoul(words[i + 1]));
    else if (name == "--part")
      arguments.part = static_cast<std::uint32_t>(std::stoul(words[i + 1]));
    else if (name == "--rounds")
      arguments.rounds = static_cast<unsigned>(std::stoul(words[i + 1]));
    else if (name == "--shards")
      arguments.shards = static_cast<unsigned>(std::stoul(words[i + 1]));
    else
      fail(fmt::format("{} is no option", name));
  }
  if (arguments.part == 0 || arguments.part > 65'527) fail("--part must be 1 to 65527");
  if (arguments.rounds == 0) fail("--rounds must be 1 or more");
  return arguments;
}

void measure(const Arguments& arguments) {
  const Content content;
  const Server server{arguments};
  auto from = log_in(server, sender);
  auto to = log_in(server, recipient);
  const auto before = server.memory("VmRSS");
  const auto mebibytes = arguments.bytes / 1048576.0;
  fmt::print("{:.0f} MiB in parts of {}, {} shard{}\n", mebibytes, arguments.part, arguments.shards,
             arguments.shards == 1 ? "" : "s");
  std::vector<double> ratios, processor_ratios;
  std::size_t most = 0;
  for (unsigned round = 1; round <= arguments.rounds; ++round) {
    const auto proxy = through_proxy(content, arguments);
    MemoryWatch watch{server};
    const auto relay = through_server(server, from, to, content, arguments);
    most = std::max(most, watch.stop());
    ratios.push_back(relay.seconds / proxy.seconds);
    processor_ratios.push_back(relay.processor / proxy.processor);
    fmt::print(
        "round {}: proxy {:5.0f} MiB/s, {:4.0f} ms of processor; relay {:5.0f} MiB/s, {:4.0f} ms; ratios "
        "{:.2f}, {:.2f}\n",
        round, mebibytes / proxy.seconds, proxy.processor * 1000, mebibytes / relay.seconds,
        relay.processor * 1000, ratios.back(), processor_ratios.back());
  }
  fmt::print("median ratios: time {:.2f} (budget 2.00), processor {:.2f}; every byte as it was sent\n",
             median(ratios), median(processor_ratios));
  fmt::print("server's memory: {} KiB before, at most {} KiB meanwhile, {} KiB after\n", before, most,
             server.memory("VmRSS"));
}

}  // namespace

int main(int count, char** words) {
  try {
    measure(parse(count, words));
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_file_relay: {}\n", error.what());
    return 1;
  }
}
