#include "base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "tests/temporary_folder.h"

namespace {

using base::FormatError;
using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

Json parsed(std::string_view text) {
  return base::parse_json(text, "x.json");
}

std::string refusal(std::string_view text) {
  return error_of<FormatError>([&] { base::parse_json(text, "x.json"); });
}

TEST(Json, ReadsEveryKindOfValue) {
  const Json json = base::parse_json(
      R"( {"z": [1, -2, 18446744073709551615, 2.5e3, true, false, null, "\u00e9\n", {}, []],
           "a": {"b": {"c": "日"}}} )",
      "x.json");
  EXPECT_EQ(json.dump(),
            "{\"z\":[1,-2,18446744073709551615,2500.0,true,false,null,\"\u00e9\\n\",{},[]],"
            "\"a\":{\"b\":{\"c\":\"日\"}}}");
  EXPECT_TRUE(json["z"][0].is_integer());
  EXPECT_FALSE(json["z"][3].is_integer());
  EXPECT_TRUE(json["z"][3].is_number());
  EXPECT_EQ(base::parse_json("7", "x.json"), 7);
  EXPECT_EQ(base::parse_json("[]", "x.json"), Json::array());
}

TEST(Json, WritesWhatItReads) {
  for (const char* text : {"{}", "[[],[[]],{}]", "\"\"", "null", "[{\"a\":[{\"b\":1},2]},3]",
                           "-0.0", "{\"a\":{\"a\":{\"a\":[]}}}", "1e-05", "0.1", "1e+15", "-7"}) {
    EXPECT_EQ(base::parse_json(text, "x.json").dump(), text);
  }
}

TEST(Json, ReadsStringsWithEscapes) {
  EXPECT_EQ(parsed(R"("\"\\\/\b\f\n\r\t")").string(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(parsed(R"("\u0041\u00E9\u65e5\ud83d\ude00x")").string(), "A\u00e9\u65e5\U0001F600x");
  EXPECT_EQ(parsed(R"("\u0000")").string(), std::string(1, '\0'));
  EXPECT_EQ(parsed("\"\x7f\xF4\x8F\xBF\xBF\"").string(), "\x7f\U0010FFFF");
}

TEST(Json, ReadsNumbersExactly) {
  EXPECT_EQ(parsed("9223372036854775807").get<int64_t>(), INT64_MAX);
  EXPECT_EQ(parsed("-9223372036854775808").get<int64_t>(), INT64_MIN);
  EXPECT_EQ(parsed("9223372036854775808").get<uint64_t>(), uint64_t{1} << 63);
  EXPECT_FALSE(parsed("18446744073709551616").is_integer());  // 2^64
  EXPECT_EQ(parsed("18446744073709551616").get<double>(), 0x1p64);
  EXPECT_EQ(parsed("-9223372036854775809").get<double>(), -0x1p63);
  EXPECT_EQ(parsed("0.1").get<double>(), 0.1);
  EXPECT_EQ(parsed("5e-324").get<double>(), 0x1p-1074);
  EXPECT_EQ(parsed("1e-400").get<double>(), 0);
  EXPECT_EQ(parsed("1.7976931348623157E+308").get<double>(), 0x1.fffffffffffffp1023);
  EXPECT_EQ(parsed("9007199254740993.0").get<double>(), 9007199254740992);  // halfway: to even
  EXPECT_TRUE(std::signbit(parsed("-0.0").get<double>()));
}

TEST(Json, WritesStrings) {
  EXPECT_EQ(Json("\"\\/\b\f\n\r\t\x01\x1f\x7f\u00e9").dump(),
            "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\u00e9\"");
  EXPECT_EQ(Json("a\xe3\x81z").dump(-1, Json::NotUtf8::replace), "\"a\uFFFDz\"");
  EXPECT_THROW(Json("\xff").dump(), FormatError);
}

TEST(Json, WritesWithIndentation) {
  const Json json{{"a", {1, 2}}, {"b", Json::object()}, {"c", Json::array()}, {"d", {{"e", 1}}}};
  EXPECT_EQ(json.dump(2),
            "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": [],\n"
            "  \"d\": {\n    \"e\": 1\n  }\n}");
}

TEST(Json, IsBuiltFromLists) {
  EXPECT_EQ(Json({1, "a", nullptr, true}).dump(), R"([1,"a",null,true])");
  EXPECT_EQ(Json({{"a", 1}, {"b", {2.5}}}).dump(), R"({"a":1,"b":[2.5]})");
  EXPECT_EQ(Json({{"a", 1}, {2, "b"}}).dump(), R"([["a",1],[2,"b"]])");
  EXPECT_EQ(Json(std::vector<int>{1, 2}).dump(), "[1,2]");
  Json json;
  json["x"]["y"] = 1;
  json["z"].push_back("first");
  EXPECT_EQ(json.dump(), R"({"x":{"y":1},"z":["first"]})");
  json.erase("x");
  json["z"][0] = Json::object();
  EXPECT_EQ(json.dump(), R"({"z":[{}]})");
}

TEST(Json, GivesValuesOfTheirKindAlone) {
  const Json json = parsed(R"({"n": 300, "r": 1.5, "s": "x", "l": [[1], []], "big": 1e10})");
  EXPECT_EQ(json["n"].get<int>(), 300);
  EXPECT_EQ(json["n"].get<float>(), 300);
  EXPECT_EQ(json["l"].get<std::vector<std::vector<int64_t>>>(),
            (std::vector<std::vector<int64_t>>{{1}, {}}));
  const auto what = [](const auto& read) { return error_of<FormatError>(read); };
  EXPECT_EQ(what([&] { json["n"].get<uint8_t>(); }),
            "a JSON number, expected an integer from 0 to 255");
  EXPECT_THROW(json["r"].get<int>(), FormatError);
  EXPECT_THROW(json["big"].get<int64_t>(), FormatError);
  EXPECT_THROW(parsed("-1").get<uint64_t>(), FormatError);
  EXPECT_THROW(json["s"].get<double>(), FormatError);
  EXPECT_THROW(json["n"].string(), FormatError);
  EXPECT_THROW(json["n"].get<bool>(), FormatError);
  EXPECT_THROW(json["l"][2], FormatError);
  EXPECT_THROW(json["s"].begin(), FormatError);
  EXPECT_EQ(what([&] { json.at("absent"); }), "a JSON object, expected an object with \"absent\"");
  EXPECT_EQ(json.find("absent"), nullptr);
  EXPECT_EQ(parsed("[]").find("a"), nullptr);
}

TEST(Json, ComparesNumbersByValue) {
  EXPECT_EQ(parsed("3.0"), 3);
  EXPECT_NE(parsed("3.5"), 3);
  EXPECT_EQ(parsed("18446744073709551615"), UINT64_MAX);
  EXPECT_NE(Json(1), Json(true));
  EXPECT_NE(Json("1"), Json(1));
}

TEST(Json, KeepsTheOrderOfKeys) {
  const Json json = base::parse_json(R"({"b": 1, "a": 2, "c": 3})", "x.json");
  std::string keys;
  for (const auto& [key, value] : json.items()) keys += key;
  EXPECT_EQ(keys, "bac");
  EXPECT_EQ(json.at("a"), 2);
}

TEST(Json, SkipsAByteOrderMark) {
  EXPECT_EQ(base::parse_json("\xef\xbb\xbf[1]", "x.json"), Json::array({1}));
}

TEST(Json, NamesTheFileAndTheLine) {
  EXPECT_THAT(refusal(""), StartsWith("x.json:1: not valid JSON"));
  EXPECT_THAT(refusal("{\n  \"a\": 1,\n  \"b\" 2\n}\n"), StartsWith("x.json:3: not valid JSON"));
  EXPECT_THAT(refusal("[1,\n\n\n"), StartsWith("x.json:4: not valid JSON"));
  EXPECT_THAT(refusal("{}\n\nx"), StartsWith("x.json:3: not valid JSON"));
}

TEST(Json, SaysWhatIsWrong) {
  EXPECT_EQ(refusal("{\n  \"a\": 1,\n  \"b\" 2\n}\n"), "x.json:3: not valid JSON (unexpected '2')");
  EXPECT_EQ(refusal("{\"a\":}"), "x.json:1: not valid JSON (unexpected '}')");
  EXPECT_EQ(refusal("[\"a\\\"\"]]"), "x.json:1: not valid JSON (unexpected ']')");
  EXPECT_EQ(refusal("[1,]"), "x.json:1: not valid JSON (unexpected ']')");
  EXPECT_EQ(refusal("{} {}"), "x.json:1: not valid JSON (unexpected '{')");
  for (const char* text : {"", "[1, 2", "{\"a\":", "\"abc", "tru"}) {
    EXPECT_EQ(refusal(text), "x.json:1: not valid JSON (it ends too early)") << text;
  }
  EXPECT_EQ(refusal("[\"\\ud800\"]"), "x.json:1: not valid JSON (in the string \"\\ud800\")");
  EXPECT_EQ(refusal("[1e999]"), "x.json:1: not valid JSON (the number 1e999 is too large)");
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* text : {"{} {}", "[1] 2", "[1,]", "{\"a\":1,}", "NaN", "[NaN]", "[Infinity]",
                           "[-Infinity]", "{a: 1}", "'a'", "[01]", "[.5]", "[1.]", "\"\t\"",
                           "// c\n1", "[1e999]", "\"\xff\"", "\"\\ud800\"", "tru"}) {
    EXPECT_THAT(refusal(text), StartsWith("x.json:")) << text;
  }
  EXPECT_THAT(refusal(std::string_view("[1]\0", 4)), StartsWith("x.json:1: not valid JSON"));
}

TEST(Json, SaysWhatIsWrongInWordsOfItsOwn) {
  EXPECT_EQ(refusal("[1,"), "x.json:1: not valid JSON (it ends too early)");
  EXPECT_EQ(refusal("[\"abc"), "x.json:1: not valid JSON (it ends too early)");
  EXPECT_EQ(refusal("[1,\n{a: 1}]"), "x.json:2: not valid JSON (unexpected 'a')");
  EXPECT_EQ(refusal("[\"\xff\"]"), "x.json:1: not valid JSON (not UTF-8)");
  EXPECT_EQ(refusal("[\"a\tb\"]"),
            "x.json:1: not valid JSON (a line feed or another control character in a string)");
  for (const char* text :
       {"", "{", "[1,]", "nul", "\"\\x\"", "[1 2]", "{\"a\" 1}", "\"\\ud800\""}) {
    const std::string message = refusal(text);
    EXPECT_THAT(message,
                testing::Not(testing::AnyOf(HasSubstr("json.exception"), HasSubstr("syntax error"),
                                            HasSubstr("token"))))
        << text;
  }
}

TEST(Json, TakesPythonsNumbersWhereAskedFor) {
  const auto read = [](std::string_view text) {
    return base::parse_json(text, "x.json", base::JsonNumbers::kPython);
  };
  const Json json = read(R"({"a": NaN, "b": [1, -Infinity, 2, Infinity, -3.5], "c": "NaN, \"NaN",
                             "d": {"NaN": NaN}, "e": 4})");
  EXPECT_TRUE(std::isnan(json["a"].get<double>()));
  EXPECT_EQ(json["b"][0], 1);
  EXPECT_EQ(json["b"][1], -std::numeric_limits<double>::infinity());
  EXPECT_EQ(json["b"][2], 2);
  EXPECT_EQ(json["b"][3], std::numeric_limits<double>::infinity());
  EXPECT_EQ(json["b"][4], -3.5);
  EXPECT_EQ(json["c"], "NaN, \"NaN");
  EXPECT_TRUE(std::isnan(json["d"]["NaN"].get<double>()));
  EXPECT_EQ(json["e"], 4);
  EXPECT_TRUE(std::isnan(read("NaN").get<double>()));
  for (const char* text : {"[1NaN]", "[NaN1]", "[NaNNaN]", "[-NaN]", "[+Infinity]", "[nan]",
                           "{NaN: 1}", "[\"a\"NaN]", "[1, NaN"}) {
    EXPECT_THROW(read(text), FormatError) << text;
  }
  // Lines stay where they are.
  EXPECT_THAT(error_of<FormatError>([&] { read("[NaN,\nInfinity,\nx]"); }),
              StartsWith("x.json:3: "));
}

TEST(Json, RefusesADuplicateKey) {
  EXPECT_EQ(refusal(R"({"a": 1, "b": 2, "a": 1})"), "x.json: duplicate key \"a\" in an object");
  EXPECT_EQ(refusal(R"([{"x": {"": 1, "\u0061": 2, "a": 3}}])"),
            "x.json: duplicate key \"a\" in an object");
  EXPECT_EQ(base::parse_json(R"([{"a": {"a": 1}}, {"a": 2}])", "x.json").size(), 2u);
}

TEST(Json, LimitsNesting) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_NO_THROW(base::parse_json(nested(256), "x.json"));
  EXPECT_EQ(refusal(nested(257)), "x.json: JSON is nested more than 256 deep");
  EXPECT_EQ(refusal(nested(10'000)), "x.json: JSON is nested more than 256 deep");
  std::string objects;
  for (int i = 0; i < 10'000; ++i) objects += "{\"a\":";
  EXPECT_EQ(refusal(objects), "x.json: JSON is nested more than 256 deep");
}

/// A vocabulary's worth of keys and more: looking through all of them for each takes minutes.
TEST(Json, TakesManyKeys) {
#ifdef BLIP_SANITIZED
  constexpr int kMany = 30'000;
#else
  constexpr int kMany = 300'000;
#endif
  std::string text = "{";
  for (int i = 0; i < kMany; ++i)
    text += "\"key" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  const Json json = base::parse_json(text + "\"last\":0}", "x.json");
  EXPECT_EQ(json.size(), kMany + 1u);
  EXPECT_EQ(json.items().front().key, "key0");
  EXPECT_EQ(refusal(text + "\"key7\":0}"), "x.json: duplicate key \"key7\" in an object");
}

TEST(Json, ReadsFiles) {
  const TemporaryFolder folder;
  EXPECT_EQ(base::read_json(folder.write("good.json", "{\"a\": 1}"))["a"], 1);
  const auto bad = folder.write("bad.json", "{\n\"a\": }");
  EXPECT_THAT(error_of<FormatError>([&] { base::read_json(bad); }),
              StartsWith(bad.string() + ":2: not valid JSON"));
  EXPECT_THROW(base::read_json(folder / "absent.json"), base::FileError);
}

}  // namespace
