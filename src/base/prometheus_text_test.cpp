#include "base/prometheus_text.hpp"

#include <gtest/gtest.h>

namespace uhoh {
namespace {

TEST(Counter, Counts) {
  Counter counter;
  ++counter;
  counter += 4;
  EXPECT_EQ(counter.value(), 5u);
}

TEST(Metrics, AreSummedByNameAndLabel) {
  std::vector<MetricValue> sum;
  const std::vector<MetricValue> shard{
      {"uhoh_net_datagrams_total", "Datagrams received.", 2, MetricKind::counter, "dialect=\"icq\""},
      {"uhoh_net_datagrams_total", "Datagrams received.", 3, MetricKind::counter, "dialect=\"qq\""}};
  add_metrics(sum, shard);
  add_metrics(sum, shard);
  ASSERT_EQ(sum.size(), 2u);
  EXPECT_EQ(sum[0].value, 4);
  EXPECT_EQ(sum[1].value, 6);
}

TEST(PrometheusText, NamesEachMetricOnce) {
  const std::vector<MetricValue> metrics{
      {"uhoh_a_things_total", "Things\nof a \\ kind.", 12345678901, MetricKind::counter, "dialect=\"icq\""},
      {"uhoh_b_load_ratio", "Load.", 0.25, MetricKind::gauge, {}},
      {"uhoh_a_things_total", "Things\nof a \\ kind.", 0, MetricKind::counter, "dialect=\"qq\""}};
  std::string text;
  append_prometheus_text(text, metrics);
  EXPECT_EQ(text,
            "# HELP uhoh_a_things_total Things\\nof a \\\\ kind.\n"
            "# TYPE uhoh_a_things_total counter\n"
            "uhoh_a_things_total{dialect=\"icq\"} 12345678901\n"
            "uhoh_a_things_total{dialect=\"qq\"} 0\n"
            "# HELP uhoh_b_load_ratio Load.\n"
            "# TYPE uhoh_b_load_ratio gauge\n"
            "uhoh_b_load_ratio 0.25\n");
}

}  // namespace
}  // namespace uhoh
