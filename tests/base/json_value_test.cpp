#include "base/json_value.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/temporary_folder.h"

namespace {

using base::FormatError;
using base::Json;
using base::JsonValue;

const std::string kName = "x.json";

class JsonValues : public testing::Test {
 protected:
  const Json document_ = base::parse_json(
      R"({"model": {"type": "BPE", "sizes": [1, 2.5, -3], "none": null, "on": true},
          "nan": NaN, "long": "0123456789012345678901234567890123456789012345678901234567890"})",
      kName, base::JsonNumbers::kPython);
  const JsonValue root_{document_, kName};
  const JsonValue model_ = root_.at("model");

  template <class Read>
  std::string refusal(const Read& read) {
    return error_of<FormatError>(read);
  }
};

TEST_F(JsonValues, AreReadByKindAndRange) {
  EXPECT_EQ(model_.at("type").string(), "BPE");
  const auto sizes = model_.at("sizes").elements(3);
  EXPECT_EQ(sizes[0].integer(1, 1), 1);
  EXPECT_EQ(sizes[1].number(0, 3), 2.5);
  EXPECT_EQ(sizes[2].integer(-3, 0), -3);
  EXPECT_EQ(sizes[0].token_id(), 1);
  EXPECT_TRUE(model_.at("on").boolean());
  ASSERT_EQ(model_.members().size(), 4);
  EXPECT_EQ(model_.members()[1].first, "sizes");
  EXPECT_EQ(&model_.members()[1].second.json(), &document_["model"]["sizes"]);
}

TEST_F(JsonValues, KeepTheDefaultOfWhatIsAbsentOrNull) {
  EXPECT_FALSE(model_.find("absent"));
  EXPECT_FALSE(model_.find("none"));
  int64_t count = 7;
  float factor = 0.5f;
  bool on = false;
  model_.integer("none", count, 0, 1);
  model_.number("absent", factor, 0, 1);
  model_.boolean("on", on);
  EXPECT_EQ(count, 7);
  EXPECT_EQ(factor, 0.5f);
  EXPECT_TRUE(on);
  EXPECT_TRUE(model_.flag("absent", true));
  EXPECT_NO_THROW(model_.expect("none", 1));
}

TEST_F(JsonValues, SayWhereTheyAreAndWhatWasExpected) {
  EXPECT_EQ(refusal([&] { model_.expect("type", "WordPiece"); }),
            "x.json: model.type is \"BPE\", expected \"WordPiece\"");
  const JsonValue sizes = model_.at("sizes");
  EXPECT_EQ(refusal([&] { sizes.elements()[1].integer(0, 9); }),
            "x.json: model.sizes[1] is 2.5, expected an integer from 0 to 9");
  EXPECT_EQ(refusal([&] { sizes.elements()[2].token_id(); }),
            "x.json: model.sizes[2] is -3, expected a token id");
  EXPECT_EQ(refusal([&] { sizes.elements()[0].number(2, 3); }),
            "x.json: model.sizes[0] is 1, expected a number from 2 to 3");
  EXPECT_EQ(refusal([&] { sizes.elements(2); }),
            "x.json: model.sizes is [1,2.5,-3], expected a list of 2");
  EXPECT_EQ(refusal([&] { sizes.find("a"); }),
            "x.json: model.sizes is [1,2.5,-3], expected an object");
  EXPECT_EQ(refusal([&] { model_.at("type").boolean(); }),
            "x.json: model.type is \"BPE\", expected true or false");
  EXPECT_EQ(refusal([&] { root_.at("long").token_id(); }),
            "x.json: long is a JSON string, expected a token id");
  EXPECT_EQ(refusal([&] { root_.string(); }), "x.json is a JSON object, expected a string");
  EXPECT_EQ(refusal([&] { sizes.fail("too few"); }), "x.json: model.sizes: too few");
}

TEST_F(JsonValues, NameWhatIsMissing) {
  EXPECT_EQ(refusal([&] { root_.at("absent"); }), "x.json: absent is missing");
  EXPECT_EQ(refusal([&] { model_.at("none"); }), "x.json: model.none is missing");
}

TEST_F(JsonValues, TakeNoNanForANumber) {
  EXPECT_EQ(refusal([&] { root_.at("nan").number(-1e300, 1e300); }),
            "x.json: nan is null, expected a number from -1e+300 to 1e+300");
  EXPECT_EQ(refusal([&] { root_.at("nan").number(); }), "x.json: nan is null, expected a number");
}

}  // namespace
