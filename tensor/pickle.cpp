// The opcodes are those of CPython's Lib/pickletools.py, which also says what each does.
#include "tensor/pickle.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unordered_map>

#include "base/error.h"

namespace tensor {
namespace {

using Value = PickleValue;
using Kind = PickleValue::Kind;
using base::str;

constexpr std::size_t kMaxBytes = std::size_t{16} << 20, kMaxObjects = 1'000'000;

// clang-format off
enum Opcode : uint8_t {
  kMark = '(', kEmptyTuple = ')', kStop = '.', kPop = '0', kPopMark = '1', kDup = '2',
  kBinBytes = 'B', kShortBinBytes = 'C', kBinFloat = 'G', kBinInt = 'J', kBinInt1 = 'K',
  kBinInt2 = 'M', kNone = 'N', kBinPersId = 'Q', kReduce = 'R', kBinString = 'T',
  kShortBinString = 'U', kBinUnicode = 'X', kEmptyList = ']', kAppend = 'a', kBuild = 'b',
  kGlobal = 'c', kDict = 'd', kAppends = 'e', kBinGet = 'h', kLongBinGet = 'j', kList = 'l',
  kBinPut = 'q', kLongBinPut = 'r', kSetItem = 's', kTuple = 't', kSetItems = 'u',
  kEmptyDict = '}', kProto = 0x80, kNewObj = 0x81, kTuple1 = 0x85, kTuple2 = 0x86, kTuple3 = 0x87,
  kNewTrue = 0x88, kNewFalse = 0x89, kLong1 = 0x8a, kLong4 = 0x8b, kShortBinUnicode = 0x8c,
  kBinUnicode8 = 0x8d, kBinBytes8 = 0x8e, kStackGlobal = 0x93, kMemoize = 0x94, kFrame = 0x95
};
// clang-format on

class Machine {
 public:
  Machine(std::span<const std::byte> bytes, const std::string& name,
          const std::function<bool(const std::string&)>& allowed, std::deque<Value>& values)
      : bytes_(bytes), name_(name), allowed_(allowed), values_(values) {}

  const Value* run() {
    if (bytes_.size() > kMaxBytes)
      fail(str("has ", bytes_.size(), " bytes, at most 16 MiB expected"));
    for (;;) {
      const auto opcode = number<uint8_t>();
      if (opcode == kStop) {
        const Value* root = pop();
        if (!stack_.empty() || !marks_.empty()) fail("ends with more than one object");
        return root;
      }
      step(opcode);
    }
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw base::FormatError(str(name_, ", byte ", position_, ": ", problem));
  }

  // The input.

  std::span<const std::byte> take(uint64_t size) {
    if (size > bytes_.size() - position_) fail("the pickle ends early");
    const auto taken = bytes_.subspan(position_, size);
    position_ += size;
    return taken;
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string text(uint64_t size) {
    const auto taken = take(size);
    return {reinterpret_cast<const char*>(taken.data()), taken.size()};
  }
  std::string line() {
    const auto rest = bytes_.subspan(position_);
    const auto end = std::find(rest.begin(), rest.end(), std::byte{'\n'});
    if (end == rest.end()) fail("the pickle ends early");
    std::string result = text(static_cast<uint64_t>(end - rest.begin()));
    ++position_;
    return result;
  }

  // The stack: a mark remembers how high it was.

  Value& push(Kind kind) {
    if (values_.size() == kMaxObjects) fail(str("more than ", kMaxObjects, " objects"));
    values_.emplace_back().kind = kind;
    stack_.push_back(&values_.back());
    return values_.back();
  }
  void push_integer(int64_t value, Kind kind = Kind::integer) { push(kind).integer = value; }
  void push_text(uint64_t size) { push(Kind::string).text = text(size); }
  void push_other(uint64_t size) {
    take(size);
    push(Kind::other);
  }

  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  Value* top() const {
    if (stack_.size() <= floor()) fail("an opcode wants an object, and the stack is empty");
    return stack_.back();
  }
  Value* pop() {
    Value* value = top();
    stack_.pop_back();
    return value;
  }
  std::vector<const Value*> pop_to_mark() {
    if (marks_.empty()) fail("an opcode wants a mark, and there is none");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<const Value*> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
  }
  void push_items(Kind kind, std::vector<const Value*> items) {
    if (kind == Kind::dict && items.size() % 2 != 0) fail("a dict has a key without a value");
    push(kind).items = std::move(items);
  }
  std::vector<const Value*> pop_last(std::size_t count) {
    std::vector<const Value*> items(count);
    for (std::size_t i = count; i-- > 0;) items[i] = pop();
    return items;
  }
  void push_tuple(std::size_t size) { push_items(Kind::tuple, pop_last(size)); }
  void append(const std::vector<const Value*>& items, Kind expected) {
    Value* container = top();
    if (container->kind != expected) {
      fail(
          str("items are put into ", describe(container->kind), ", expected ", describe(expected)));
    }
    if (expected == Kind::dict && items.size() % 2 != 0) fail("a dict has a key without a value");
    container->items.insert(container->items.end(), items.begin(), items.end());
  }

  void remember(uint64_t slot) { memo_[slot] = top(); }
  void recall(uint64_t slot) {
    const auto found = memo_.find(slot);
    if (found == memo_.end()) fail(str("memo ", slot, " is read before it is written"));
    stack_.push_back(found->second);
  }

  // Classes and calls.

  void push_global(std::string global) {
    if (!allowed_(global)) {
      std::replace_if(
          global.begin(), global.end(), [](char c) { return c < ' '; }, '?');
      fail(str(global,
               ": not one of the classes a checkpoint needs. Nothing was called; to go on, "
               "save the state dict alone"));
    }
    push(Kind::global).text = std::move(global);
  }
  void push_global() {
    const std::string module = line();
    push_global(module + "." + line());
  }
  void push_stack_global() {
    const Value* name = pop();
    const Value* module = pop();
    if (name->kind != Kind::string || module->kind != Kind::string) {
      fail("a class is named by something that is not text");
    }
    push_global(module->text + "." + name->text);
  }
  void call() {
    const Value* arguments = pop();
    const Value* function = pop();
    if (function->kind != Kind::global) fail(str(describe(function->kind), " is called"));
    if (arguments->kind != Kind::tuple) fail("a call's arguments are not a tuple");
    if (function->text == "collections.OrderedDict") {
      if (!arguments->items.empty()) fail("collections.OrderedDict is called with arguments");
      push(Kind::dict);
    } else {
      push_items(Kind::call, {function, arguments});
    }
  }

  // clang-format off
  void step(uint8_t opcode) {
    switch (opcode) {
      case kProto: expect_protocol(number<uint8_t>()); return;
      case kFrame: number<uint64_t>(); return;  // a hint for reading ahead
      case kMark: marks_.push_back(stack_.size()); return;
      case kPop: pop(); return;
      case kPopMark: pop_to_mark(); return;
      case kDup: stack_.push_back(top()); return;

      case kNone: push(Kind::none); return;
      case kNewTrue: push_integer(1, Kind::boolean); return;
      case kNewFalse: push_integer(0, Kind::boolean); return;
      case kBinInt: push_integer(number<int32_t>()); return;
      case kBinInt1: push_integer(number<uint8_t>()); return;
      case kBinInt2: push_integer(number<uint16_t>()); return;
      case kLong1: push_long(number<uint8_t>()); return;
      case kLong4: push_long(number<uint32_t>()); return;
      case kBinFloat: take(8); push(Kind::real); return;
      case kBinUnicode:
      case kBinString: push_text(number<uint32_t>()); return;
      case kShortBinUnicode:
      case kShortBinString: push_text(number<uint8_t>()); return;
      case kBinUnicode8: push_text(number<uint64_t>()); return;
      case kBinBytes: push_other(number<uint32_t>()); return;
      case kShortBinBytes: push_other(number<uint8_t>()); return;
      case kBinBytes8: push_other(number<uint64_t>()); return;

      case kEmptyTuple: push(Kind::tuple); return;
      case kEmptyList: push(Kind::list); return;
      case kEmptyDict: push(Kind::dict); return;
      case kTuple1: push_tuple(1); return;
      case kTuple2: push_tuple(2); return;
      case kTuple3: push_tuple(3); return;
      case kTuple: push_items(Kind::tuple, pop_to_mark()); return;
      case kList: push_items(Kind::list, pop_to_mark()); return;
      case kDict: push_items(Kind::dict, pop_to_mark()); return;
      case kAppend: append(pop_last(1), Kind::list); return;
      case kAppends: append(pop_to_mark(), Kind::list); return;
      case kSetItem: append(pop_last(2), Kind::dict); return;
      case kSetItems: append(pop_to_mark(), Kind::dict); return;

      case kBinPut: remember(number<uint8_t>()); return;
      case kLongBinPut: remember(number<uint32_t>()); return;
      case kMemoize: remember(memo_.size()); return;
      case kBinGet: recall(number<uint8_t>()); return;
      case kLongBinGet: recall(number<uint32_t>()); return;

      case kGlobal: push_global(); return;
      case kStackGlobal: push_stack_global(); return;
      case kReduce:
      case kNewObj: call(); return;
      case kBuild: pop(); top(); return;  // an object's attributes: none is read
      case kBinPersId: push_items(Kind::persistent, pop_last(1)); return;
      default: fail(str("opcode ", +opcode, " is not one a checkpoint needs"));
    }
  }
  // clang-format on

  void expect_protocol(uint8_t protocol) const {
    if (protocol < 2 || protocol > 4) fail(str("protocol ", +protocol, ", expected 2 to 4"));
  }

  /// A little-endian integer in two's complement.
  void push_long(uint64_t size) {
    if (size > sizeof(int64_t)) return push_other(size);
    const auto digits = take(size);
    const bool negative = size > 0 && (digits.back() & std::byte{0x80}) != std::byte{0};
    int64_t value = negative ? -1 : 0;
    std::memcpy(&value, digits.data(), size);
    push_integer(value);
  }

  std::span<const std::byte> bytes_;
  const std::string& name_;
  const std::function<bool(const std::string&)>& allowed_;
  std::deque<Value>& values_;
  std::size_t position_ = 0;
  std::vector<Value*> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<uint64_t, Value*> memo_;
};

}  // namespace

const char* describe(PickleValue::Kind kind) {
  switch (kind) {
    case Kind::none:
      return "None";
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
      return "an integer";
    case Kind::real:
      return "a float";
    case Kind::string:
      return "a string";
    case Kind::tuple:
      return "a tuple";
    case Kind::list:
      return "a list";
    case Kind::dict:
      return "a dict";
    case Kind::global:
      return "a class";
    case Kind::call:
      return "an object";
    case Kind::persistent:
      return "a storage";
    case Kind::other:
      break;
  }
  return "bytes or a long integer";
}

Pickle::Pickle(std::span<const std::byte> bytes, const std::string& name,
               const std::function<bool(const std::string&)>& allowed) {
  root_ = Machine(bytes, name, allowed, values_).run();
}

}  // namespace tensor
