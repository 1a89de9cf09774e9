#include "report/graph_svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(GraphSvg, TicksWhatIsMatched) {
  const Graph graph{.objects = {{.name = {"dog", true}, .attributes = {{"brown", false}}},
                                {.name = {"a & b", false}, .attributes = {}}},
                    .relations = {{.subject = 0, .object = 1, .name = {"on", true}}}};
  const std::string svg = graph_svg(graph);
  EXPECT_THAT(svg, HasSubstr("✓ dog"));
  EXPECT_THAT(svg, HasSubstr("✓ on"));
  EXPECT_THAT(svg, HasSubstr(">brown<"));
  EXPECT_THAT(svg, HasSubstr(">a &amp; b<"));
  EXPECT_THAT(svg, HasSubstr("<g class=\"relation hit\">"));
}

TEST(GraphSvg, LeavesOutObjectsBeyondSixtyWithTheirRelations) {
  Graph graph;
  for (int i = 0; i < 70; ++i) {
    graph.objects.push_back({.name = {"thing" + std::to_string(i), false}, .attributes = {}});
  }
  graph.relations.push_back({.subject = 0, .object = 69, .name = {"beside", false}});
  const std::string svg = graph_svg(graph);
  EXPECT_THAT(svg, HasSubstr(">thing59<"));
  EXPECT_THAT(svg, Not(HasSubstr(">thing60<")));
  EXPECT_THAT(svg, Not(HasSubstr("beside")));
}

}  // namespace
}  // namespace report
