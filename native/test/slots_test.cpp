// Reads and writes every encoding of a call frame's slots.
#include "slots.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <pantorch/op.h>

#include <limits>

#include "expect.h"

using namespace pantorch::operators;

namespace {

int64_t bits(double value) { return std::bit_cast<int64_t>(value); }

int64_t address(const void* pointer) { return reinterpret_cast<int64_t>(pointer); }

int64_t handle(const at::Tensor& tensor) { return address(tensor.unsafeGetTensorImpl()); }

void should_read_numbers() {
  int64_t slots[] = {-7, bits(2.5), 0, 1};
  EXPECT(read<int64_t>(slots) == -7);
  EXPECT(read<c10::SymInt>(slots) == -7);
  EXPECT(read<double>(slots + 1) == 2.5);
  EXPECT(!read<bool>(slots + 2));
  EXPECT(read<bool>(slots + 3));
  int64_t smallest[] = {std::numeric_limits<int64_t>::min()};
  EXPECT(read<int64_t>(smallest) == std::numeric_limits<int64_t>::min());
}

void should_read_scalars() {
  int64_t integer[] = {0, 5, 0};
  EXPECT(read<at::Scalar>(integer).isIntegral(false) && read<at::Scalar>(integer).toLong() == 5);
  int64_t real[] = {1, bits(0.1), 0};
  EXPECT(read<at::Scalar>(real).isFloatingPoint() && read<at::Scalar>(real).toDouble() == 0.1);
  int64_t boolean[] = {2, 1, 0};
  EXPECT(read<at::Scalar>(boolean).isBoolean() && read<at::Scalar>(boolean).toBool());
  int64_t complex[] = {3, bits(1.5), bits(-2.0)};
  EXPECT(read<at::Scalar>(complex).toComplexDouble() == c10::complex<double>(1.5, -2.0));
  int64_t unknown[] = {4, 0, 0};
  expect_message("no such kind of number: 4", [&] { read<at::Scalar>(unknown); });
  int64_t packed[] = {0, 5, 0, 1, bits(0.5), 0};
  int64_t list[] = {address(packed), 2};
  Scalars scalars = read<Scalars>(list);
  at::ArrayRef<at::Scalar> view = scalars;
  EXPECT(view.size() == 2 && view[0].toLong() == 5 && view[1].toDouble() == 0.5);
}

void should_read_enumerators_and_refuse_what_is_none() {
  int64_t dtype[] = {static_cast<int64_t>(at::kBFloat16)};
  EXPECT(read<at::ScalarType>(dtype) == at::kBFloat16);
  int64_t layout[] = {static_cast<int64_t>(at::kSparseCsr)};
  EXPECT(read<at::Layout>(layout) == at::kSparseCsr);
  int64_t format[] = {static_cast<int64_t>(at::MemoryFormat::ChannelsLast)};
  EXPECT(read<at::MemoryFormat>(format) == at::MemoryFormat::ChannelsLast);
  int64_t none[] = {1000};
  expect_message("no such dtype, layout or memory format: 1000",
                 [&] { read<at::ScalarType>(none); });
  int64_t negative[] = {-1};
  expect_message("no such dtype, layout or memory format: -1", [&] { read<at::Layout>(negative); });
}

void should_read_devices() {
  int64_t cpu[] = {0, -1};
  EXPECT(read<at::Device>(cpu) == at::Device(at::kCPU));
  int64_t cuda[] = {1, 2};
  EXPECT(read<at::Device>(cuda) == at::Device(at::kCUDA, 2));
  int64_t type[] = {999, 0};
  expect_message("no such device type: 999", [&] { read<at::Device>(type); });
  int64_t index[] = {1, 128};
  expect_message("no such device index: 128", [&] { read<at::Device>(index); });
}

void should_read_strings() {
  const char* text = "mean, not this";
  int64_t slots[] = {address(text), 4};
  EXPECT(read<std::string_view>(slots) == "mean");
  int64_t absent[] = {0, 0, 0};
  EXPECT(!read<std::optional<std::string_view>>(absent).has_value());
  int64_t empty[] = {1, 0, 0};
  EXPECT(read<std::optional<std::string_view>>(empty) == std::string_view());
}

void should_read_optionals() {
  int64_t absent[] = {0, 7, 7, 7};
  EXPECT(!read<std::optional<int64_t>>(absent));
  EXPECT(!read<std::optional<at::Scalar>>(absent));
  EXPECT(!read<std::optional<at::Device>>(absent));
  EXPECT(!read<at::OptionalIntArrayRef>(absent).has_value());
  EXPECT(!read<at::OptionalSymIntArrayRef>(absent).has_value());
  EXPECT(!read<std::optional<at::ArrayRef<double>>>(absent).has_value());
  int64_t integer[] = {1, 7};
  EXPECT(read<std::optional<int64_t>>(integer) == 7);
  EXPECT(read<std::optional<c10::SymInt>>(integer).value() == 7);
  int64_t real[] = {1, bits(0.5)};
  EXPECT(read<std::optional<double>>(real) == 0.5);
  int64_t no[] = {1, 0};
  EXPECT(read<std::optional<bool>>(no) == false);
  int64_t scalar[] = {1, 1, bits(3.0), 0};
  EXPECT(read<std::optional<at::Scalar>>(scalar)->toDouble() == 3.0);
  int64_t dtype[] = {1, static_cast<int64_t>(at::kDouble)};
  EXPECT(read<std::optional<at::ScalarType>>(dtype) == at::kDouble);
}

void should_read_lists() {
  int64_t values[] = {2, -1, 10};
  int64_t slots[] = {address(values), 3};
  EXPECT(read<at::IntArrayRef>(slots) == at::IntArrayRef({2, -1, 10}));
  EXPECT(read<c10::SymIntArrayRef>(slots)[2] == 10);
  int64_t empty[] = {0, 0};
  EXPECT(read<at::IntArrayRef>(empty).empty());
  EXPECT(read<at::TensorList>(empty).empty());
  double reals[] = {0.5, 2.0};
  int64_t real_slots[] = {1, address(reals), 2};
  EXPECT(read<std::optional<at::ArrayRef<double>>>(real_slots)->at(1) == 2.0);
  int64_t optional_slots[] = {1, address(values), 3};
  EXPECT(read<at::OptionalIntArrayRef>(optional_slots)->at(1) == -1);
  EXPECT(read<at::OptionalSymIntArrayRef>(optional_slots)->at(0) == 2);
  int64_t unrepresentable[] = {std::numeric_limits<int64_t>::min()};
  int64_t refused[] = {address(unrepresentable), 1};
  EXPECT(message_of([&] { read<c10::SymIntArrayRef>(refused); }) != "no error");
  int8_t flags[] = {1, 0, 1};
  int64_t flag_slots[] = {address(flags), 3};
  EXPECT((read<std::array<bool, 3>>(flag_slots) == std::array{true, false, true}));
  expect_message("expected 2 booleans, got 3", [&] { read<std::array<bool, 2>>(flag_slots); });
}

void should_borrow_tensors() {
  at::Tensor one = at::full({2}, 1.0);
  at::Tensor two = at::full({3}, 2.0);
  int64_t slots[] = {handle(one), 0};
  EXPECT(tensor(slots).is_same(one) && one.use_count() == 1);
  EXPECT(read<std::optional<at::Tensor>>(slots)->is_same(one));
  EXPECT(!read<std::optional<at::Tensor>>(slots + 1).has_value());
  int64_t handles[] = {handle(one), handle(two)};
  int64_t list[] = {address(handles), 2};
  EXPECT(read<at::TensorList>(list)[1].is_same(two) && two.use_count() == 1);
  int64_t gaps[] = {0, handle(two)};
  int64_t gap_list[] = {address(gaps), 2};
  auto optionals = read<c10::List<std::optional<at::Tensor>>>(gap_list);
  EXPECT(!optionals.get(0).has_value() && optionals.get(1)->is_same(two));
  EXPECT(two.use_count() == 2);
}

void should_read_generators() {
  at::Generator generator = at::detail::createCPUGenerator(5);
  int64_t slots[] = {address(generator.unsafeGetGeneratorImpl()), 0};
  EXPECT(read<std::optional<at::Generator>>(slots).value() == generator);
  EXPECT(!read<std::optional<at::Generator>>(slots + 1).has_value());
  EXPECT(generator.current_seed() == 5);
}

at::Tensor adopt(int64_t handle) {
  return at::Tensor(c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(
      reinterpret_cast<at::TensorImpl*>(handle & ~PT_RESULT_LIGHT)));
}

bool is_light(at::Tensor result) {
  int64_t slot = 0;
  write_results(&slot, std::move(result));
  adopt(slot);
  return (slot & PT_RESULT_LIGHT) != 0;
}

void should_write_results() {
  int64_t slots[8] = {};
  write_results(slots, at::full({2}, 1.0));
  EXPECT(adopt(slots[0]).use_count() == 1);
  write_results(slots, at::Tensor());
  EXPECT(slots[0] != 0 && !adopt(slots[0]).defined());
  write_results(slots, int64_t{-3});
  EXPECT(slots[0] == -3);
  write_results(slots, c10::SymInt(9));
  EXPECT(slots[0] == 9);
  write_results(slots, true);
  EXPECT(slots[0] == 1);
  write_results(slots, 0.25);
  EXPECT(slots[0] == bits(0.25));
  write_results(slots, at::kHalf);
  EXPECT(slots[0] == static_cast<int64_t>(at::kHalf));
  for (const at::Scalar& scalar :
       {at::Scalar(4), at::Scalar(0.5), at::Scalar(true), at::Scalar(c10::complex<double>(1, 2))}) {
    write_results(slots, scalar);
    EXPECT(read<at::Scalar>(slots).toComplexDouble() == scalar.toComplexDouble());
    EXPECT(read<at::Scalar>(slots).type() == scalar.type());
  }
}

void should_write_lists_and_tuples() {
  int64_t slots[8] = {};
  write_results(slots, std::vector{at::full({2}, 1.0), at::full({3}, 1.0)});
  auto handles = reinterpret_cast<int64_t*>(slots[0]);
  EXPECT(slots[1] == 2 && adopt(handles[0]).numel() == 2 && adopt(handles[1]).numel() == 3);
  std::free(handles);
  write_results(slots, std::vector<at::Tensor>());
  EXPECT(slots[0] != 0 && slots[1] == 0);
  std::free(reinterpret_cast<void*>(slots[0]));
  write_results(slots,
                std::tuple(at::full({2}, 1.0), std::vector{at::full({3}, 1.0)}, 0.5, int64_t{7}));
  EXPECT(adopt(slots[0]).numel() == 2);
  EXPECT(slots[2] == 1 && adopt(*reinterpret_cast<int64_t*>(slots[1])).numel() == 3);
  std::free(reinterpret_cast<void*>(slots[1]));
  EXPECT(slots[3] == bits(0.5) && slots[4] == 7);
}

void should_return_an_argument_with_one_more_reference() {
  at::Tensor self = at::full({2}, 1.0);
  int64_t slots[] = {handle(self)};
  at::Tensor& in_place_result = tensor(slots).mul_(2);
  write_results(slots, in_place_result);
  EXPECT(slots[0] == (handle(self) | PT_RESULT_LIGHT) && self.use_count() == 2);
  adopt(slots[0]);
  EXPECT(self.use_count() == 1);
}

void should_tell_light_results() {
  EXPECT(is_light(at::full({256}, 1.0)));  // a kilobyte
  EXPECT(is_light(at::full({}, 1.0)));
  EXPECT(is_light(at::full({0}, 1.0)));
  EXPECT(!is_light(at::full({257}, 1.0)));
  EXPECT(!is_light(at::full({257}, 1.0).select(0, 0)));
  EXPECT(!is_light(at::full({2}, 1.0).set_requires_grad(true)));
  EXPECT(!is_light(at::full({2}, 1.0).set_requires_grad(true).mul(2)));
  EXPECT(!is_light(at::full({2}, 1.0, at::kMeta)));
  EXPECT(!is_light(at::full({2}, 1.0).to_sparse()));
  EXPECT(!is_light(at::Tensor()));
  float lent[] = {1, 2};
  EXPECT(!is_light(at::from_blob(lent, {2})));
  EXPECT(!is_light(at::from_blob(lent, {2}).select(0, 0)));
}

}  // namespace

int main() {
  should_read_numbers();
  should_read_scalars();
  should_read_enumerators_and_refuse_what_is_none();
  should_read_devices();
  should_read_strings();
  should_read_optionals();
  should_read_lists();
  should_borrow_tensors();
  should_read_generators();
  should_write_results();
  should_write_lists_and_tuples();
  should_return_an_argument_with_one_more_reference();
  should_tell_light_results();
}
