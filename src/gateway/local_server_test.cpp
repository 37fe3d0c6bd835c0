#include "gateway/local_server.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "base/testing/temporary_directory.hpp"
#include "gateway/local_client.hpp"
#include "gateway/testing/recording_admin.hpp"

namespace uhoh::gateway {
namespace {

std::atomic<unsigned> slow_calls{0};

ApiResponse echo(const Call& call) { return {.body = std::string{call.body}}; }
ApiResponse slow(const Call&) {
  ++slow_calls;
  std::this_thread::yield();
  return {.body = "slow"};
}

constexpr Route routes[] = {{Method::post, "/echo", Role::local, echo, "Gives back the body."},
                            {Method::get, "/slow", Role::local, slow, "Takes its time."}};

struct OnASocket : testing::Test {
  TemporaryDirectory directory;
  LocalServer::Options options{.socket = directory.file("uhohd.sock")};
  RouteTable table{routes};
  RecordingAdmin admin;

  std::unique_ptr<LocalServer> start() {
    auto server = LocalServer::start(options, table, admin);
    EXPECT_TRUE(server) << server.error();
    return server ? std::move(*server) : nullptr;
  }
};

TEST_F(OnASocket, AnswersSeveralRequestsOnOneConnection) {
  const auto server = start();
  auto client = LocalClient::connect(options.socket);
  ASSERT_TRUE(client);
  for (const auto& body : {std::string{"one"}, std::string(200'000, 'x'), std::string{}}) {
    const auto answer = client->call(Method::post, "/echo", body);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 200U);
    EXPECT_EQ(answer->body, body);
  }
  EXPECT_EQ(client->call(Method::get, "/nothing", "")->status, 404U);
}

TEST_F(OnASocket, IsForItsOwnerAlone) {
  const auto server = start();
  struct ::stat found {};
  ASSERT_EQ(::stat(options.socket.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

TEST_F(OnASocket, RefusesBodiesThatAreTooLarge) {
  options.max_body_bytes = 1000;
  const auto server = start();
  auto client = LocalClient::connect(options.socket);
  ASSERT_TRUE(client);
  const auto answer = client->call(Method::post, "/echo", std::string(1001, 'x'));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413U);
}

TEST_F(OnASocket, TellsTheRefusalToOneWhoIsStillSending) {
  options.max_body_bytes = 1000;
  const auto server = start();
  auto client = LocalClient::connect(options.socket);
  ASSERT_TRUE(client);
  const auto answer = client->call(Method::post, "/echo", std::string(8U << 20, 'x'));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413U);
}

TEST_F(OnASocket, TakesThePlaceOfASocketThatACrashLeft) {
  std::ofstream{options.socket} << "left behind";
  { const auto server = start(); }
  EXPECT_FALSE(std::filesystem::exists(options.socket)) << "and removes its own";
  const auto nobody = LocalClient::connect(options.socket);
  ASSERT_FALSE(nobody);
  EXPECT_TRUE(nobody.error().nobody_listens);
}

TEST_F(OnASocket, BindsWherePathsAreLongerThanTheKernelTakes) {
  const auto deep = std::filesystem::path{directory.path()} / std::string(120, 'd');
  std::filesystem::create_directory(deep);
  options.socket = deep / "uhohd.sock";
  const auto server = start();
  auto client = LocalClient::connect(options.socket);
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_EQ(client->call(Method::post, "/echo", "far")->body, "far");
}

TEST_F(OnASocket, ServesManyAtOnceAndStopsInTheMiddle) {
  auto server = start();
  std::atomic<unsigned> answered{0};
  std::vector<std::jthread> clients;
  slow_calls = 0;
  for (unsigned i = 0; i < 8; ++i)
    clients.emplace_back([&] {
      auto client = LocalClient::connect(options.socket);
      while (client) {
        const auto answer = client->call(Method::get, "/slow", "");
        if (!answer) return;  // stopped
        ++answered;
      }
    });
  while (answered < 100) std::this_thread::yield();
  server.reset();
  clients.clear();
  EXPECT_GE(slow_calls, answered.load());
}

}  // namespace
}  // namespace uhoh::gateway
