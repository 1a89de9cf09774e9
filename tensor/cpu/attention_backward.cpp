// The gradients of attention (FlashAttention-2). Some hundred query rows at a time meet the keys
// some at a time: their probabilities and gradients of scores are computed and go into the three
// sums at once, so that nothing of the size of all scores is ever stored. A thread has a
// head and a sequence of keys for itself, with all queries that look at them.
#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/parallel.h"
#include "tensor/cpu/attention_rows.h"
#include "tensor/cpu/isa.h"

namespace tensor::cpu {
namespace {

/// Query rows and keys that are at work together: their copies and tiles shall stay in the second
/// cache, and sums pass through the registers once for all of them.
constexpr int64_t kMaxRows = 112, kMaxKeys = 64;

/// Memory for floats that nobody else sees.
struct Buffer {
  Tensor memory;
  float* data = nullptr;

  void allocate(int64_t floats) {
    memory = Tensor::empty({floats});
    data = memory.data<float>();
  }
  void clear() const { std::fill_n(data, memory.elements(), 0.0f); }
};

/// A gradient of q, k or v.
struct Target {
  explicit Target(const HeadGradient& gradient)
      : layout(gradient), sum(gradient.gradient.sum), add(gradient.gradient.add) {
    if (sum.defined()) data = sum.data<float>();
  }
  const HeadGradient& layout;
  Tensor sum;
  float* data = nullptr;  // null: not wanted
  bool add;
};

/// The arguments of a call, and the loops that serve it.
struct Call {
  Target dq, dk, dv;
  const float* dout;
  const float* out;
  const float* logsumexp;
  const HeadRows& q;
  const HeadRows& k;
  const HeadRows& v;
  const AttentionShape& shape;
  AttentionRows rows{shape};
  const AttentionLoops& loops = isa().attention;

  bool want_scores() const { return dq.data || dk.data; }  // else dv alone
  /// Sets or adds one row of a head.
  void write(const Target& target, int64_t element, const float* from, float factor) const {
    if (target.add) {
      loops.scale_add(target.data + element, from, factor, shape.head_dim);
    } else {
      loops.scale(target.data + element, from, factor, shape.head_dim);
    }
  }
};

/// One head of one group, with the memory for it.
class Head {
 public:
  explicit Head(const Call& call);
  void differentiate(const AttentionGroup& group, int64_t head);

 private:
  struct Row {
    const float* query;
    const float* dout;
    int64_t dq;  // its element
    float logsumexp;
    float delta;  // dout . out
    int64_t visible;
  };

  void add_rows(std::span<const Row> rows);
  void copy(const Buffer& to, int64_t row, const float* from, float factor) const;
  void meet_keys(int64_t first, int64_t count);
  void differentiate_scores(int64_t tiles);
  void add_to_keys(const Buffer& sums, int64_t first, int64_t keys, const float* tile,
                   const Buffer& rows) const;
  void add_to_queries() const;
  void write_keys(const Target& target, const Buffer& sums) const;

  const Call& call_;
  const AttentionLoops& loops_;
  const int64_t head_dim_, columns_, max_rows_;
  int64_t head_ = 0, key_sequence_ = 0;
  const float* keys_ = nullptr;
  const float* values_ = nullptr;

  // Of the rows at work, in blocks of loops_.max_rows:
  int64_t count_ = 0;
  std::array<float, kMaxRows> logsumexp_{}, delta_{};
  std::array<int64_t, kMaxRows> visible_{};
  std::array<int64_t, kMaxRows> visible_here_{};  // of the keys, or the panel, at hand
  Buffer queries_, douts_;                        // [rows][columns], queries times scale
  Buffer packed_queries_, packed_douts_;          // [blocks][head_dim][query_stride]
  Buffer dq_;                                     // [rows][columns]
  Buffer probabilities_, dscores_;                // [panels][rows][panel_keys]
  Buffer key_panel_, value_panel_;                // [head_dim][panel_keys]
  Buffer key_rows_;                               // [keys at work][columns]
  Buffer dk_, dv_;                                // [all keys][columns]
};

int64_t round_up(int64_t value, int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

Head::Head(const Call& call)
    : call_(call),
      loops_(call.loops),
      head_dim_(call.shape.head_dim),
      columns_(round_up(head_dim_, loops_.panel_keys)),
      max_rows_(kMaxRows / loops_.max_rows * loops_.max_rows) {
  const int64_t packed = max_rows_ / loops_.max_rows * head_dim_ * loops_.query_stride;
  const int64_t keys = round_up(call.shape.keys, loops_.panel_keys);
  packed_queries_.allocate(packed);
  douts_.allocate(max_rows_ * columns_);
  key_panel_.allocate(head_dim_ * loops_.panel_keys);
  probabilities_.allocate(max_rows_ * kMaxKeys);
  if (call.dv.data) dv_.allocate(keys * columns_);
  if (call.dk.data) {
    queries_.allocate(max_rows_ * columns_);
    dk_.allocate(keys * columns_);
  }
  if (call.dq.data) {
    key_rows_.allocate(kMaxKeys * columns_);
    dq_.allocate(max_rows_ * columns_);
  }
  if (call.want_scores()) {
    packed_douts_.allocate(packed);
    value_panel_.allocate(head_dim_ * loops_.panel_keys);
    dscores_.allocate(max_rows_ * kMaxKeys);
  }
}

void Head::differentiate(const AttentionGroup& group, int64_t head) {
  const AttentionShape& shape = call_.shape;
  head_ = head;
  key_sequence_ = group.key_sequence;
  keys_ = call_.k.tensor.data<float>() + call_.rows.key_element(call_.k, key_sequence_) +
          head * head_dim_;
  values_ = call_.v.tensor.data<float>() + call_.rows.key_element(call_.v, key_sequence_) +
            head * head_dim_;
  if (call_.dk.data) dk_.clear();
  if (call_.dv.data) dv_.clear();

  std::array<Row, kMaxRows> rows;
  int64_t filled = 0;
  const auto flush = [&] {
    if (filled) add_rows({rows.data(), static_cast<std::size_t>(filled)});
    filled = 0;
  };
  for (const int64_t s : group.sequences) {
    const float* queries = call_.q.tensor.data<float>() + call_.rows.query_element(call_.q, s);
    const int64_t dq = call_.rows.query_element(call_.dq.layout, s);
    const int64_t first = call_.rows.first_query(s), count = call_.rows.queries(s);
    for (int64_t t = 0; t < count; ++t) {
      const int64_t place = ((first + t) * shape.heads + head) * head_dim_;
      rows[static_cast<std::size_t>(filled++)] = {
          .query = queries + t * call_.q.row_stride + head * head_dim_,
          .dout = call_.dout + place,
          .dq = dq + t * call_.dq.layout.row_stride + head * head_dim_,
          .logsumexp = call_.logsumexp[(s * shape.heads + head) * shape.queries + t],
          .delta = loops_.dot(call_.dout + place, call_.out + place, head_dim_),
          .visible = call_.rows.visible(s, key_sequence_, t)};
      if (filled == max_rows_) flush();
    }
  }
  flush();
  if (call_.dk.data) write_keys(call_.dk, dk_);
  if (call_.dv.data) write_keys(call_.dv, dv_);
}

/// Row `row` of a copy, its columns filled up with zeros.
void Head::copy(const Buffer& to, int64_t row, const float* from, float factor) const {
  float* place = to.data + row * columns_;
  loops_.scale(place, from, factor, head_dim_);
  std::fill(place + head_dim_, place + columns_, 0.0f);
}

/// Adds what some rows contribute to the gradients of keys and values, and writes theirs.
void Head::add_rows(std::span<const Row> rows) {
  count_ = static_cast<int64_t>(rows.size());
  std::array<const float*, kMaxRows> queries{}, douts{};
  int64_t most = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Row& row = rows[r];
    queries[r] = row.query;
    douts[r] = row.dout;
    logsumexp_[r] = row.logsumexp;
    delta_[r] = row.delta;
    visible_[r] = row.visible;
    most = std::max(most, row.visible);
    copy(douts_, static_cast<int64_t>(r), row.dout, 1);
    if (call_.dk.data) copy(queries_, static_cast<int64_t>(r), row.query, call_.shape.scale);
  }
  for (int64_t first = 0; first < count_; first += loops_.max_rows) {
    const int64_t block = std::min(loops_.max_rows, count_ - first);
    const int64_t place = first / loops_.max_rows * head_dim_ * loops_.query_stride;
    loops_.pack_queries(packed_queries_.data + place, queries.data() + first, block, head_dim_,
                        call_.shape.scale);
    if (!call_.want_scores()) continue;
    loops_.pack_queries(packed_douts_.data + place, douts.data() + first, block, head_dim_, 1);
  }
  if (call_.dq.data) dq_.clear();
  for (int64_t first = 0; first < most; first += kMaxKeys) {
    meet_keys(first, std::min(kMaxKeys, most - first));
  }
  for (std::size_t r = 0; call_.dq.data && r < rows.size(); ++r) {
    call_.write(call_.dq, rows[r].dq, dq_.data + static_cast<int64_t>(r) * columns_,
                call_.shape.scale);
  }
}

/// The rows at work meet the keys [first, first + count).
void Head::meet_keys(int64_t first, int64_t count) {
  const auto see = [&](int64_t begin, int64_t keys) {
    for (std::size_t r = 0; r < static_cast<std::size_t>(count_); ++r) {
      visible_here_[r] = std::clamp<int64_t>(visible_[r] - begin, 0, keys);
    }
  };
  for (int64_t begin = 0; begin < count; begin += loops_.panel_keys) {
    const int64_t keys = std::min(loops_.panel_keys, count - begin);
    loops_.pack_keys(key_panel_.data, keys_ + (first + begin) * call_.k.row_stride,
                     call_.k.row_stride, keys, head_dim_);
    if (call_.want_scores()) {
      loops_.pack_keys(value_panel_.data, values_ + (first + begin) * call_.v.row_stride,
                       call_.v.row_stride, keys, head_dim_);
    }
    see(first + begin, keys);
    const int64_t tiles = begin * max_rows_;
    differentiate_scores(tiles);
    if (call_.dv.data) {
      add_to_keys(dv_, first + begin, keys, probabilities_.data + tiles, douts_);
    }
    if (call_.dk.data) add_to_keys(dk_, first + begin, keys, dscores_.data + tiles, queries_);
  }
  if (!call_.dq.data) return;
  for (int64_t key = 0; key < count; ++key) {
    copy(key_rows_, key, keys_ + (first + key) * call_.k.row_stride, 1);
  }
  see(first, count);
  add_to_queries();
}

/// Probabilities and gradients of scores of the panel at hand, in the tiles that begin at `tiles`.
void Head::differentiate_scores(int64_t tiles) {
  for (int64_t row = 0; row < count_; row += loops_.max_rows) {
    const int64_t rows = std::min(loops_.max_rows, count_ - row);
    const int64_t* visible = visible_here_.data() + row;
    if (*std::max_element(visible, visible + rows) == 0) continue;
    const int64_t padded = loops_.padded_rows(rows);
    const int64_t packed = row / loops_.max_rows * head_dim_ * loops_.query_stride;
    const int64_t tile = tiles + row * loops_.panel_keys;
    float* products = nullptr;
    loops_.scores(probabilities_.data + tile, packed_queries_.data + packed, key_panel_.data,
                  padded, head_dim_);
    if (call_.want_scores()) {
      products = dscores_.data + tile;
      loops_.scores(products, packed_douts_.data + packed, value_panel_.data, padded, head_dim_);
    }
    loops_.differentiate(probabilities_.data + tile, products, rows, logsumexp_.data() + row,
                         delta_.data() + row, visible);
  }
}

/// sums[first + key] += sum of tile[row, key] * rows[row] over the rows that see the key. One that
/// does not see it must not touch it, not even with weight zero (it may be infinite or NaN).
void Head::add_to_keys(const Buffer& sums, int64_t first, int64_t keys, const float* tile,
                       const Buffer& rows) const {
  const auto visible = [&](int64_t row) { return visible_here_[static_cast<std::size_t>(row)]; };
  for (int64_t key = 0; key < keys; key += loops_.key_group) {
    float* to = sums.data + (first + key) * columns_;
    const int64_t end = std::min(keys, key + loops_.key_group);
    for (int64_t row = 0; row < count_;) {
      const int64_t begin = row++;
      if (visible(begin) >= end) {
        while (row < count_ && visible(row) >= end) ++row;
        loops_.add_rows(to, tile + key, rows.data, begin, row, loops_.key_group, columns_);
      } else {
        for (int64_t k = key; k < visible(begin); ++k) {
          loops_.add_rows(to + (k - key) * columns_, tile + k, rows.data, begin, row, 1, columns_);
        }
      }
    }
  }
}

/// The sums of dq += gradients of scores times keys, in each block first those that all see.
void Head::add_to_queries() const {
  for (int64_t first = 0; first < count_; first += loops_.max_rows) {
    const int64_t rows = std::min(loops_.max_rows, count_ - first);
    const int64_t padded = loops_.padded_rows(rows);
    const int64_t* visible = visible_here_.data() + first;
    const int64_t least = *std::min_element(visible, visible + rows);
    const float* tiles = dscores_.data + first * loops_.panel_keys;
    float* sums = dq_.data + first * columns_;
    loops_.add_values(sums, tiles, max_rows_, key_rows_.data, columns_, padded, 0, least, columns_);
    for (int64_t r = 0; r < rows; ++r) {
      if (visible[r] == least) continue;
      loops_.add_values(sums + r * columns_, tiles + r * loops_.panel_keys, max_rows_,
                        key_rows_.data, columns_, 1, least, visible[r], columns_);
    }
  }
}

/// All rows of the sequence of keys: those beyond its length have sums of zero.
void Head::write_keys(const Target& target, const Buffer& sums) const {
  const int64_t start = call_.rows.key_element(target.layout, key_sequence_) + head_ * head_dim_;
  for (int64_t key = 0; key < call_.rows.keys(key_sequence_); ++key) {
    call_.write(target, start + key * target.layout.row_stride, sums.data + key * columns_, 1);
  }
}

}  // namespace

void attention_backward(const HeadGradient& dq, const HeadGradient& dk, const HeadGradient& dv,
                        const Tensor& dout, const Tensor& out, const Tensor& logsumexp,
                        const HeadRows& q, const HeadRows& k, const HeadRows& v,
                        const AttentionShape& shape) {
  const Call call{.dq = Target(dq),
                  .dk = Target(dk),
                  .dv = Target(dv),
                  .dout = dout.data<float>(),
                  .out = out.data<float>(),
                  .logsumexp = logsumexp.data<float>(),
                  .q = q,
                  .k = k,
                  .v = v,
                  .shape = shape};
  if (!call.dq.data && !call.dk.data && !call.dv.data) return;
  const AttentionGroups groups(shape);
  const int64_t max_rows = std::max<int64_t>(1, groups.max_rows());
  // Heads of few scores go to a thread several at a time.
  const int64_t grain =
      std::max<int64_t>(1, 16384 / std::max<int64_t>(1, max_rows * shape.keys * shape.head_dim));
  const int64_t units = groups.size() * shape.heads;
  base::parallel_for(units, grain, [&](int64_t begin, int64_t end) {
    Head head(call);
    for (int64_t unit = begin; unit < end; ++unit) {
      head.differentiate(groups[unit / shape.heads], unit % shape.heads);
    }
  });
}

}  // namespace tensor::cpu
