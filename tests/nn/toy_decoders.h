// Language models small enough to read, for the tests of decoding.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <span>
#include <vector>

#include "nn/search.h"

using Prompts = std::vector<std::vector<int64_t>>;
using Results = std::vector<std::vector<nn::GeneratedSequence>>;

/// The logits of make_search_fixture.py's Toy. Keeps a hash of each row's tokens, so that a row
/// that took another's place shows in all logits.
class HashDecoder : public nn::Decoder {
 public:
  static constexpr int64_t kEos = 2;
  struct Model {
    int64_t vocab_size = 24;
    uint32_t seed = 0;
    float eos_bonus = 0;
  };
  explicit HashDecoder(const Model& model, int64_t max_length = 512)
      : model_(model), max_length_(max_length) {}

  /// An embedding is one number, the id of a token.
  tensor::Tensor prefill(std::span<const std::vector<int64_t>> prompts,
                         const tensor::Tensor& prefix) override {
    rows_.clear();
    const int64_t length = prefix.defined() ? prefix.dim(1) : 0;
    for (std::size_t p = 0; p < prompts.size(); ++p) {
      Row row{model_.seed, 0};
      for (int64_t t = 0; t < length; ++t) {
        const auto place = static_cast<int64_t>(p) * length + t;
        row = after(row, static_cast<int64_t>(prefix.data<float>()[place]));
      }
      for (const int64_t id : prompts[p]) row = after(row, id);
      rows_.push_back(row);
    }
    return logits();
  }
  tensor::Tensor step(std::span<const int64_t> ids, std::span<const int32_t> parents) override {
    std::vector<Row> rows;
    for (std::size_t r = 0; r < ids.size(); ++r) {
      rows.push_back(after(rows_.at(static_cast<std::size_t>(parents[r])), ids[r]));
    }
    rows_ = std::move(rows);
    rows_of_steps.push_back(std::ssize(rows_));
    return logits();
  }
  int64_t max_length() const override { return max_length_; }

  std::vector<int64_t> rows_of_steps;  ///< how many rows each step was asked for

 private:
  struct Row {
    uint32_t history, last;
  };

  static uint32_t hash(uint32_t x) {
    x = (x ^ (x >> 16)) * 0x85EBCA6Bu;
    x = (x ^ (x >> 13)) * 0xC2B2AE35u;
    return x ^ (x >> 16);
  }
  Row after(const Row& row, int64_t id) const {
    const auto word = static_cast<uint32_t>(id + 1);
    return {hash(row.history ^ word), hash(model_.seed ^ word)};
  }
  tensor::Tensor logits() const {
    tensor::Tensor result = tensor::Tensor::empty({std::ssize(rows_), model_.vocab_size});
    float* to = result.data<float>();
    for (const Row& row : rows_) {
      for (int64_t token = 0; token < model_.vocab_size; ++token) {
        const auto word = static_cast<uint32_t>(token + 1000);
        const int64_t last = hash(row.last ^ word) >> 12, history = hash(row.history ^ word) >> 12;
        *to = static_cast<float>(3 * last + history - (int64_t{1} << 21)) * 0x1p-19f;
        if (token == kEos) *to += model_.eos_bonus;
        ++to;
      }
    }
    return result;
  }

  Model model_;
  int64_t max_length_;
  std::vector<Row> rows_;
};

/// Logits that a function of (step, row) gives.
class ScriptedDecoder : public nn::Decoder {
 public:
  using Script = std::function<std::vector<float>(int64_t step, int64_t row)>;
  explicit ScriptedDecoder(Script script) : script_(std::move(script)) {}
  tensor::Tensor prefill(std::span<const std::vector<int64_t>> prompts,
                         const tensor::Tensor&) override {
    return logits(std::ssize(prompts));
  }
  tensor::Tensor step(std::span<const int64_t> ids, std::span<const int32_t>) override {
    return logits(std::ssize(ids));
  }
  int64_t max_length() const override { return 64; }

 private:
  tensor::Tensor logits(int64_t rows) {
    std::vector<float> all;
    for (int64_t row = 0; row < rows; ++row) {
      const std::vector<float> values = script_(step_, row);
      all.insert(all.end(), values.begin(), values.end());
    }
    ++step_;
    return tensor::Tensor::from({rows, std::ssize(all) / rows}, all);
  }
  Script script_;
  int64_t step_ = 0;
};

inline Results decode(const HashDecoder::Model& model, const Prompts& prompts,
                      const nn::GenerationOptions& options, std::span<const uint64_t> streams = {},
                      const tensor::Tensor& prefix = {}) {
  HashDecoder decoder(model);
  return nn::generate(decoder, prompts, options, streams, prefix);
}

/// Bit for bit.
inline void expect_same(const std::vector<nn::GeneratedSequence>& a,
                        const std::vector<nn::GeneratedSequence>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].ids, b[i].ids);
    EXPECT_EQ(a[i].prompt_length, b[i].prompt_length);
    EXPECT_EQ(a[i].token_logprobs, b[i].token_logprobs);
    EXPECT_EQ(a[i].score, b[i].score);
    EXPECT_EQ(a[i].finished, b[i].finished);
  }
}
