// Attention without the matrix of scores. A block of query rows of one head meets all its keys:
// scores, exponentials and weighted values stay in the nearest caches. Keys are transposed into
// panels when the first block needs them, and stay there for the blocks that follow; values are
// copied close together likewise. Query sequences that share their keys form one run of rows.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "base/parallel.h"
#include "tensor/backend.h"
#include "tensor/cpu/attention_rows.h"
#include "tensor/cpu/isa.h"

namespace tensor::cpu {
namespace {

int64_t round_up(int64_t value, int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

constexpr int64_t kMaxBlockRows = 16;

/// The arguments of a call, and the loops that serve it.
struct Call {
  float* out;
  float* probabilities;  // null: not wanted
  float* logsumexp;      // null: not wanted
  HeadRows q, k, v;
  const AttentionShape& shape;
  AttentionRows rows{shape};
  const AttentionLoops& loops = isa().attention;
};

/// One head of one group, with the memory for it.
class Head {
 public:
  explicit Head(const Call& call, int64_t max_rows);
  void attend(const AttentionGroup& group, int64_t head);

 private:
  /// A query row of the block at hand.
  struct Row {
    const float* query;
    float* out;
    float* probabilities;
    float* logsumexp;
    int64_t visible;
  };
  /// Where a row's exponentials came from: they are exp(score - largest).
  struct Softmax {
    float sum = 0;
    float largest = 0;
  };

  void attend_block(std::span<const Row> rows);
  void write(std::span<const Row> rows, std::span<const Softmax> softmax);
  void follow_even_table();
  const float* panel(int64_t index);
  void pack_values(int64_t end);
  /// Where key t of the group lies among the rows of keys or values.
  int64_t place(int64_t t) const { return table_ ? table_[t] : t; }
  std::size_t head_bytes() const { return static_cast<std::size_t>(head_dim_) * sizeof(float); }

  const Call& call_;
  const AttentionLoops& loops_;
  int64_t head_dim_, columns_, panel_size_;
  bool keep_panels_ = false, copy_values_ = false;
  const float* keys_ = nullptr;
  const float* values_ = nullptr;
  int64_t key_stride_ = 0, value_stride_ = 0;
  const int32_t* table_ = nullptr;  // null: keys and values lie in order
  int64_t length_ = 0, panels_ready_ = 0, values_ready_ = 0;
  Tensor panels_, gathered_keys_, packed_values_, tiles_, queries_, sums_;
};

Head::Head(const Call& call, int64_t max_rows)
    : call_(call),
      loops_(call.loops),
      head_dim_(call.shape.head_dim),
      columns_(round_up(head_dim_, loops_.panel_keys)),
      panel_size_(head_dim_ * loops_.panel_keys) {
  // A single block of rows meets each key once, so that one panel at a time is enough.
  keep_panels_ = max_rows > loops_.max_rows;
  const bool scattered = call.shape.key_table.defined();
  copy_values_ = keep_panels_ || columns_ != head_dim_;
  const int64_t keys = round_up(call.shape.keys, loops_.panel_keys);
  panels_ = Tensor::empty({keep_panels_ ? keys * head_dim_ : panel_size_});
  if (scattered) gathered_keys_ = Tensor::empty({panel_size_});
  if (copy_values_ || scattered) packed_values_ = Tensor::empty({keys * columns_});
  tiles_ = Tensor::empty({loops_.max_rows * keys});
  queries_ = Tensor::empty({head_dim_ * loops_.query_stride});
  sums_ = Tensor::empty({loops_.max_rows * columns_});
}

void Head::attend(const AttentionGroup& group, int64_t head) {
  const AttentionShape& shape = call_.shape;
  keys_ = call_.k.tensor.data<float>() + call_.rows.key_element(call_.k, group.key_sequence) +
          head * head_dim_;
  values_ = call_.v.tensor.data<float>() + call_.rows.key_element(call_.v, group.key_sequence) +
            head * head_dim_;
  key_stride_ = call_.k.row_stride;
  value_stride_ = call_.v.row_stride;
  length_ = call_.rows.length(group.key_sequence);
  table_ = call_.rows.key_table(group.key_sequence);
  if (table_ && length_ > 0) follow_even_table();
  panels_ready_ = values_ready_ = 0;

  std::array<Row, kMaxBlockRows> block;
  int64_t filled = 0;
  for (const int64_t s : group.sequences) {
    const float* queries = call_.q.tensor.data<float>() + call_.rows.query_element(call_.q, s);
    const int64_t first = call_.rows.first_query(s), count = call_.rows.queries(s);
    for (int64_t t = 0; t < count; ++t) {
      const int64_t place = (s * shape.heads + head) * shape.queries + t;
      block[static_cast<std::size_t>(filled++)] = {
          .query = queries + t * call_.q.row_stride + head * head_dim_,
          .out = call_.out + ((first + t) * shape.heads + head) * head_dim_,
          .probabilities = call_.probabilities ? call_.probabilities + place * shape.keys : nullptr,
          .logsumexp = call_.logsumexp ? call_.logsumexp + place : nullptr,
          .visible = call_.rows.visible(s, group.key_sequence, t)};
      if (filled < loops_.max_rows) continue;
      attend_block({block.data(), static_cast<std::size_t>(filled)});
      filled = 0;
    }
  }
  if (filled) attend_block({block.data(), static_cast<std::size_t>(filled)});
}

void Head::attend_block(std::span<const Row> rows) {
  const auto count = static_cast<int64_t>(rows.size());
  const int64_t padded = loops_.padded_rows(count);
  std::array<const float*, kMaxBlockRows> query_rows{};
  int64_t least = length_, most = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    query_rows[r] = rows[r].query;
    least = std::min(least, rows[r].visible);
    most = std::max(most, rows[r].visible);
  }
  float* queries = queries_.data<float>();
  loops_.pack_queries(queries, query_rows.data(), count, head_dim_, call_.shape.scale);

  float* tiles = tiles_.data<float>();
  for (int64_t p = 0; p * loops_.panel_keys < most; ++p) {
    loops_.scores(tiles + p * padded * loops_.panel_keys, queries, panel(p), padded, head_dim_);
  }
  std::array<Softmax, kMaxBlockRows> softmax{};
  for (int64_t r = 0; r < count; ++r) {
    const int64_t visible = rows[static_cast<std::size_t>(r)].visible;
    if (visible == 0) continue;
    Softmax& row = softmax[static_cast<std::size_t>(r)];
    row.sum = loops_.exponentials(&row.largest, tiles, padded, r, visible);
  }

  // The keys that all rows see, then the rest row by row: a key that a row does not see must not
  // touch it, not even with weight zero (its value may be infinite or NaN).
  const bool copied = copy_values_ || table_;
  if (copied) pack_values(most);
  const float* values = copied ? packed_values_.data<float>() : values_;
  const int64_t stride = copied ? columns_ : value_stride_;
  float* sums = sums_.data<float>();
  std::memset(sums, 0, static_cast<std::size_t>(padded * columns_) * sizeof(float));
  loops_.add_values(sums, tiles, padded, values, stride, padded, 0, least, columns_);
  for (int64_t r = 0; r < count; ++r) {
    const int64_t visible = rows[static_cast<std::size_t>(r)].visible;
    if (visible == least) continue;
    loops_.add_values(sums + r * columns_, tiles + r * loops_.panel_keys, padded, values, stride, 1,
                      least, visible, columns_);
  }
  write(rows, softmax);
}

void Head::write(std::span<const Row> rows, std::span<const Softmax> softmax) {
  const int64_t step = loops_.padded_rows(static_cast<int64_t>(rows.size())) * loops_.panel_keys;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Row& row = rows[r];
    const float factor = row.visible > 0 ? 1 / softmax[r].sum : 0;
    const float* sums = sums_.data<float>() + static_cast<int64_t>(r) * columns_;
    loops_.scale(row.out, sums, factor, head_dim_);
    if (row.logsumexp) {
      *row.logsumexp = row.visible > 0 ? softmax[r].largest + std::log(softmax[r].sum)
                                       : -std::numeric_limits<float>::infinity();
    }
    if (!row.probabilities) continue;
    const float* tile = tiles_.data<float>() + static_cast<int64_t>(r) * loops_.panel_keys;
    for (int64_t key = 0; key < row.visible; key += loops_.panel_keys, tile += step) {
      loops_.scale(row.probabilities + key, tile, factor,
                   std::min(loops_.panel_keys, row.visible - key));
    }
    std::fill(row.probabilities + row.visible, row.probabilities + call_.shape.keys, 0.0f);
  }
}

/// Rows that a table names at even distances, as those of greedy decoding are, need no table.
void Head::follow_even_table() {
  const int64_t first = table_[0], step = length_ > 1 ? table_[1] - first : 1;
  for (int64_t t = 1; t < length_; ++t) {
    if (table_[t] != first + t * step) return;
  }
  keys_ += first * key_stride_;
  values_ += first * value_stride_;
  key_stride_ *= step;
  value_stride_ *= step;
  table_ = nullptr;
}

/// The panel of keys [index * panel_keys, ...), transposed at first use. Uses come in order.
const float* Head::panel(int64_t index) {
  float* panel = panels_.data<float>() + (keep_panels_ ? index * panel_size_ : 0);
  if (keep_panels_ && index < panels_ready_) return panel;
  const int64_t first = index * loops_.panel_keys;
  const int64_t count = std::min(loops_.panel_keys, length_ - first);
  const float* keys = keys_ + first * key_stride_;
  int64_t stride = key_stride_;
  if (table_) {
    float* gathered = gathered_keys_.data<float>();
    for (int64_t t = 0; t < count; ++t) {
      std::memcpy(gathered + t * head_dim_, keys_ + place(first + t) * stride, head_bytes());
    }
    keys = gathered;
    stride = head_dim_;
  }
  loops_.pack_keys(panel, keys, stride, count, head_dim_);
  panels_ready_ = index + 1;
  return panel;
}

/// Copies the values of keys up to `end`, filling up rows with zeros.
void Head::pack_values(int64_t end) {
  float* to = packed_values_.data<float>();
  for (; values_ready_ < end; ++values_ready_) {
    float* row = to + values_ready_ * columns_;
    std::memcpy(row, values_ + place(values_ready_) * value_stride_, head_bytes());
    std::fill(row + head_dim_, row + columns_, 0.0f);
  }
}

void attention_forward(Tensor& out, Tensor& probabilities, Tensor& logsumexp, const HeadRows& q,
                       const HeadRows& k, const HeadRows& v, const AttentionShape& shape) {
  if (out.elements() == 0) return;
  const Call call{.out = out.data<float>(),
                  .probabilities = probabilities.defined() ? probabilities.data<float>() : nullptr,
                  .logsumexp = logsumexp.defined() ? logsumexp.data<float>() : nullptr,
                  .q = q,
                  .k = k,
                  .v = v,
                  .shape = shape};
  const AttentionGroups groups(shape);
  const int64_t max_rows = groups.max_rows();
  // Heads of few scores go to a thread several at a time.
  const int64_t grain =
      std::max<int64_t>(1, 32768 / std::max<int64_t>(1, max_rows * shape.keys * shape.head_dim));
  const int64_t units = groups.size() * shape.heads;
  base::parallel_for(units, grain, [&](int64_t begin, int64_t end) {
    Head head(call, max_rows);
    for (int64_t unit = begin; unit < end; ++unit) {
      head.attend(groups[unit / shape.heads], unit % shape.heads);
    }
  });
}

}  // namespace

AttentionGroups::AttentionGroups(const AttentionShape& shape)
    : sequences_(Tensor::empty({shape.sequences}, DType::i32)),
      ends_(Tensor::zeros({count_key_sequences(shape)}, DType::i32)),
      rows_(Tensor::zeros(ends_.shape(), DType::i64)) {
  // Counting sort: how many there are of each group, where those of a group begin, and each goes
  // behind those of its group that came before it.
  const AttentionRows rows(shape);
  int32_t* const sorted = sequences_.data<int32_t>();
  int32_t* const end = ends_.data<int32_t>();
  int64_t* const of_group = rows_.data<int64_t>();
  for (int64_t s = 0; s < shape.sequences; ++s) {
    ++end[rows.key_sequence(s)];
    of_group[rows.key_sequence(s)] += rows.queries(s);
  }
  std::exclusive_scan(end, end + size(), end, 0);
  for (int64_t s = 0; s < shape.sequences; ++s) {
    sorted[end[rows.key_sequence(s)]++] = static_cast<int32_t>(s);
  }
}

AttentionGroup AttentionGroups::operator[](int64_t key_sequence) const {
  const auto g = static_cast<std::size_t>(key_sequence);
  const std::span<const int32_t> ends = ends_.span<int32_t>();
  const auto begin = static_cast<std::size_t>(g ? ends[g - 1] : 0);
  const auto end = static_cast<std::size_t>(ends[g]);
  return {.key_sequence = key_sequence,
          .sequences = sequences_.span<int32_t>().subspan(begin, end - begin),
          .rows = rows_.span<int64_t>()[g]};
}

int64_t AttentionGroups::max_rows() const {
  const std::span<const int64_t> rows = rows_.span<int64_t>();
  return rows.empty() ? 0 : *std::max_element(rows.begin(), rows.end());
}

constinit const AttentionKernels attention{.attention_forward = attention_forward,
                                           .attention_backward = attention_backward};

}  // namespace tensor::cpu
