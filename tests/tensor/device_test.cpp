// A second device, made of a table: its memory is the host's, counted, and it has no kernels but
// one. What it shows is who calls whom.
#include "tensor/device.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "tensor/allocator.h"
#include "tensor/backend.h"
#include "tests/errors.h"

namespace {

using base::DeviceError;
using tensor::Backend;
using tensor::Device;
using tensor::DType;
using tensor::Tensor;

constexpr Device kFake = Device::cuda(13);

int blocks_out = 0, copies = 0, waits = 0, casts = 0;

void* allocate(Device device, std::size_t bytes) {
  EXPECT_EQ(device, kFake);
  ++blocks_out;
  return std::aligned_alloc(64, bytes);
}
void free_block(Device device, void* block) {
  EXPECT_EQ(device, kFake);
  --blocks_out;
  std::free(block);
}
void copy(void* to, Device to_device, const void* from, Device from_device, std::size_t bytes) {
  EXPECT_TRUE(to_device == kFake || from_device == kFake);
  ++copies;
  std::memcpy(to, from, bytes);
}
void fill(Device device, void* to, std::byte value, std::size_t bytes) {
  EXPECT_EQ(device, kFake);
  std::memset(to, std::to_integer<int>(value), bytes);
}
void wait_for(Device device) {
  EXPECT_EQ(device, kFake);
  ++waits;
}
void cast(Tensor&, const Tensor&) {
  ++casts;
}

constexpr tensor::AttentionKernels kNoAttention{};
constexpr tensor::CopyKernels kCopy = [] {
  tensor::CopyKernels row{};
  row.cast_forward = cast;
  return row;
}();
constexpr tensor::CrossEntropyKernels kNoCrossEntropy{};
constexpr tensor::DropoutKernels kNoDropout{};
constexpr tensor::ElementwiseKernels kNoElementwise{};
constexpr tensor::EmbeddingKernels kNoEmbedding{};
constexpr tensor::MatmulKernels kNoMatmul{};
constexpr tensor::MemoryKernels kMemory{
    .allocate = allocate, .free = free_block, .copy = copy, .fill = fill, .wait = wait_for};
constexpr tensor::NormKernels kNoNorm{};
constexpr tensor::OptimizerKernels kNoOptimizer{};
constexpr tensor::PatchKernels kNoPatch{};
constexpr tensor::ReduceKernels kNoReduce{};
constexpr tensor::SampleKernels kNoSample{};
constexpr tensor::SoftmaxKernels kNoSoftmax{};
constexpr Backend kTable{.name = "fake",
                         .attention = kNoAttention,
                         .copy = kCopy,
                         .cross_entropy = kNoCrossEntropy,
                         .dropout = kNoDropout,
                         .elementwise = kNoElementwise,
                         .embedding = kNoEmbedding,
                         .matmul = kNoMatmul,
                         .memory = kMemory,
                         .norm = kNoNorm,
                         .optimizer = kNoOptimizer,
                         .patch = kNoPatch,
                         .reduce = kNoReduce,
                         .sample = kNoSample,
                         .softmax = kNoSoftmax};

class FakeDevice : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    [[maybe_unused]] static const bool added = [] {  // once, however often the tests are repeated
      EXPECT_EQ(error_of<DeviceError>([] { Tensor::empty({1}, DType::f32, kFake); }),
                "there is no device cuda:13");
      tensor::add_device(kFake, kTable);
      return true;
    }();
  }
  void SetUp() override {
    tensor::allocator(kFake).trim();
    EXPECT_EQ(blocks_out, 0);
    copies = waits = casts = 0;
  }
};

TEST(Device, HasANameAndEquality) {
  EXPECT_EQ(Device::cpu().str(), "cpu");
  EXPECT_EQ(Device::cuda().str(), "cuda:0");
  EXPECT_EQ(Device::cuda(3).str(), "cuda:3");
  EXPECT_EQ(Device{}, Device::cpu());
  EXPECT_NE(Device::cuda(), Device::cpu());
  EXPECT_NE(Device::cuda(0), Device::cuda(1));
  EXPECT_TRUE(Device::cpu().is_host());
  EXPECT_FALSE(Device::cuda().is_host());
}

TEST(Device, ThatIsNotThereIsAnError) {
  for (const Device device : {Device::cuda(11), Device::cuda(-1), Device::cuda(1000)}) {
    EXPECT_EQ(error_of<DeviceError>([&] { tensor::backend(device); }),
              "there is no device " + device.str());
  }
  EXPECT_EQ(error_of<DeviceError>([] { tensor::add_device(Device::cuda(16), kTable); }),
            "add_device: cuda:16 is not among the 16 devices of a kind that are possible");
  EXPECT_EQ(error_of<base::UsageError>([] { tensor::add_device(Device::cpu(), kTable); }),
            "add_device: cpu is there already");
  static constexpr tensor::MemoryKernels kNoMemory{};
  const Backend lacking{.name = "fake",
                        .attention = kNoAttention,
                        .copy = kCopy,
                        .cross_entropy = kNoCrossEntropy,
                        .dropout = kNoDropout,
                        .elementwise = kNoElementwise,
                        .embedding = kNoEmbedding,
                        .matmul = kNoMatmul,
                        .memory = kNoMemory,
                        .norm = kNoNorm,
                        .optimizer = kNoOptimizer,
                        .patch = kNoPatch,
                        .reduce = kNoReduce,
                        .sample = kNoSample,
                        .softmax = kNoSoftmax};
  EXPECT_EQ(error_of<DeviceError>([&] { tensor::add_device(Device::cuda(11), lacking); }),
            "add_device: allocate: fake has no such kernel");
}

TEST_F(FakeDevice, MakesAndFreesItsTensors) {
  const std::size_t on_host = tensor::allocator(Device::cpu()).statistics().in_use;
  {
    const Tensor x = Tensor::empty({2, 3}, DType::f32, kFake);
    EXPECT_EQ(x.device(), kFake);
    EXPECT_EQ(blocks_out, 1);
    const Tensor view = x.reshape({6}).slice(1, 2);
    EXPECT_EQ(view.device(), kFake);
    EXPECT_EQ(static_cast<const float*>(view.address()), x.device_data<float>() + 1);
    const Tensor like = x.empty_like({5}), ids = x.empty_like({5}, DType::i32);
    EXPECT_EQ(like.device(), kFake);
    EXPECT_EQ(like.dtype(), DType::f32);
    EXPECT_EQ(ids.device(), kFake);
    EXPECT_EQ(ids.dtype(), DType::i32);
    EXPECT_EQ(blocks_out, 3);
    EXPECT_GT(tensor::allocator(kFake).statistics().in_use, 0u);
    EXPECT_EQ(tensor::allocator(Device::cpu()).statistics().in_use, on_host);
  }
  EXPECT_EQ(tensor::allocator(kFake).statistics().in_use, 0u);
  tensor::allocator(kFake).trim();
  EXPECT_EQ(blocks_out, 0);
}

TEST_F(FakeDevice, CopiesThereAndBack) {
  const Tensor host = Tensor::from<float>({2, 2}, {1, 2, 3, 4});
  const Tensor there = host.to(kFake);
  EXPECT_EQ(there.device(), kFake);
  Tensor beside = there.empty_like(there.shape());
  tensor::copy_(beside, there);
  const Tensor back = beside.to(Device::cpu());
  EXPECT_EQ(back.data<float>()[3], 4);
  EXPECT_EQ(copies, 3);
  // A tensor that is there already is not copied.
  EXPECT_EQ(there.to(kFake).address(), there.address());
  EXPECT_EQ(host.to(Device::cpu()).address(), host.address());
  EXPECT_FALSE(Tensor{}.to(kFake).defined());

  const Tensor zeros = Tensor::zeros({2}, DType::f32, kFake).to(Device::cpu());
  EXPECT_EQ(zeros.data<float>()[1], 0);
  tensor::wait(kFake);
  EXPECT_EQ(waits, 1);
}

TEST_F(FakeDevice, ACopyCountsAsAWriteAndMustFit) {
  Tensor to = Tensor::zeros({2}, DType::f32, kFake);
  const uint64_t before = to.version();
  tensor::copy_(to, Tensor::zeros({2}));
  EXPECT_GT(to.version(), before);
  EXPECT_EQ(error_of<base::ShapeError>([&] { tensor::copy_(to, Tensor::zeros({3})); }),
            "copy_: to is [2], expected [3]");
  EXPECT_EQ(error_of<base::DTypeError>([&] { tensor::copy_(to, Tensor::zeros({2}, DType::i32)); }),
            "copy_: to is f32, expected i32");
}

TEST_F(FakeDevice, ElementsAreNotReadOnTheHost) {
  Tensor x = Tensor::zeros({2, 3}, DType::f32, kFake);
  const Tensor& fixed = x;
  const std::string message = "a tensor [2, 3] lies on cuda:13, cpu expected";
  EXPECT_EQ(error_of<DeviceError>([&] { (void)fixed.data<float>(); }), message);
  EXPECT_EQ(error_of<DeviceError>([&] { (void)x.data<float>(); }), message);
  EXPECT_EQ(error_of<DeviceError>([&] { (void)x.span<float>(); }), message);
  EXPECT_EQ(error_of<DeviceError>([&] { (void)fixed.raw(); }), message);
  EXPECT_EQ(error_of<DeviceError>([&] { (void)x.writable(); }), message);
  EXPECT_EQ(error_of<base::DTypeError>([&] { (void)fixed.device_data<int32_t>(); }),
            "a tensor holds f32, i32 expected");
}

TEST_F(FakeDevice, AnOperationRunsWhereItsTensorsAre) {
  const Tensor x = Tensor::zeros({2}, DType::f32, kFake);
  Tensor y = x.empty_like(x.shape(), DType::f16);
  tensor::cast_forward(y, x);
  EXPECT_EQ(casts, 1);
  EXPECT_EQ(&tensor::backend(x), &kTable);
  EXPECT_EQ(&tensor::backend("op", {{"none", Tensor{}}, {"x", x}}), &kTable);
  EXPECT_EQ(tensor::backend("op", {{"none", Tensor{}}}).name, tensor::backend(Device::cpu()).name);
}

TEST_F(FakeDevice, MixedDevicesAreAnErrorThatNamesThem) {
  const Tensor there = Tensor::zeros({2}, DType::f32, kFake), here = Tensor::zeros({2});
  EXPECT_EQ(error_of<DeviceError>([&] {
              tensor::expect_same_device("op", {{"a", there}, {"none", Tensor{}}, {"b", here}});
            }),
            "op: b is on cpu, expected cuda:13 like a");
  tensor::expect_same_device("op", {{"a", there}, {"b", there}});

  Tensor y = Tensor::empty({2});
  EXPECT_EQ(error_of<DeviceError>([&] { tensor::add_forward(y, here, there); }),
            "add_forward: b is on cuda:13, expected cpu like y");
  EXPECT_EQ(error_of<DeviceError>([&] { tensor::cast_forward(y, there); }),
            "cast_forward: from is on cuda:13, expected cpu like to");
}

TEST_F(FakeDevice, AKernelThatIsNotThereIsAnError) {
  const Tensor x = Tensor::zeros({2}, DType::f32, kFake);
  Tensor y = x.empty_like(x.shape());
  EXPECT_EQ(error_of<DeviceError>([&] { tensor::add_forward(y, x, x); }),
            "add_forward: fake has no such kernel");
  EXPECT_EQ(tensor::backend(x).elementwise.add_forward, nullptr);
  EXPECT_NE(tensor::backend(x).copy.cast_forward, nullptr);
}

}  // namespace
