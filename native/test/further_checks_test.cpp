// The checks that the operator fuzzer asked for: wrong arguments are refused, right ones pass, by
// name too.
#include "further_checks.h"

#include <ATen/ATen.h>

#include "argument_checks.h"
#include "expect.h"
#include "resize_checks.h"

using namespace pantorch::operators;

namespace {

using Tensors = std::vector<at::Tensor>;

at::Tensor quantized() { return at::quantize_per_tensor(at::ones({4}), 0.1, 0, at::kQUInt8); }

void should_keep_quantized_tensors_from_views_that_end_the_process() {
  check_neg_view(at::ones({2}));
  expect_message("A quantized tensor has no negative view", [] { check_neg_view(quantized()); });
  check_view_dtype(at::ones({2}), at::kInt);
  check_view_dtype(quantized(), at::kQUInt8);
  const std::string reason = ": quantized dtypes come with a scale; use int_repr() or dequantize()";
  expect_message("Cannot view a tensor of dtype QUInt8 as Byte" + reason,
                 [] { check_view_dtype(quantized(), at::kByte); });
  expect_message("Cannot view a tensor of dtype Byte as QUInt8" + reason,
                 [] { check_view_dtype(at::ones({2}, at::kByte), at::kQUInt8); });
}

void should_refuse_numbers_without_absolute_value_in_lcm() {
  at::Tensor five = at::full({1}, 5, at::kLong);
  at::Tensor lowest = at::full({3}, std::numeric_limits<int64_t>::min(), at::kLong);
  check_lcm(five, at::full({1}, -5, at::kLong));
  check_lcm(five, at::ones({2}));  // the operator's to refuse
  const std::string reason = " of Long, which has no absolute value in that dtype";
  expect_message("Expected self without the lowest number" + reason,
                 [&] { check_lcm(lowest, five); });
  expect_message("Expected other without the lowest number" + reason,
                 [&] { check_lcm(five, lowest); });
  expect_message(
      "Expected self without the lowest number of Short, which has no absolute value in that dtype",
      [&] { check_lcm(at::full({1}, -32768, at::kShort), five); });
}

void should_count_numbers_of_lists() {
  Tensors two = {at::ones({2}), at::ones({2})};
  std::vector<at::Scalar> numbers = {1, 2};
  check_scalar_list(two, numbers);
  const std::string message = "Tensor list must have same number of elements as scalar list.";
  numbers.pop_back();
  expect_message(message, [&] { check_scalar_list(two, numbers); });
  expect_message(message, [&] { check_scalar_list(two, two, two, numbers); });
  c10::List<double> doubles({1.0});
  expect_message(message, [&] {
    check_arguments("aten::_foreach_addcdiv_.ScalarList", {two, two, two, doubles});
  });
  doubles.push_back(2);
  check_arguments("aten::_foreach_addcdiv_.ScalarList", {two, two, two, doubles});
}

void should_compare_kernel_sizes_with_the_weight() {
  at::Tensor x = at::ones({1, 2, 4, 4});
  at::Tensor weight = at::ones({2, 3, 3, 2});
  std::vector<c10::SymInt> right = {3, 2};
  std::vector<c10::SymInt> wrong = {3, 3};
  check_slow_conv(x, weight, right);
  expect_message("Expected kernel_size [3, 2], that of the weight, got [3, 3]",
                 [&] { check_slow_conv(x, weight, wrong); });
}

void should_check_attention() {
  at::Tensor x = at::ones({1, 2, 4});
  check_native_attention(x, x, x, 4, 2);
  expect_message(
      "Expected embed_dim to be a multiple of num_head, both greater than 0, got 4 and 0",
      [&] { check_native_attention(x, x, x, 4, 0); });
  at::Tensor query = at::ones({1, 4, 3, 2});
  at::Tensor key = at::ones({1, 2, 5, 2});
  check_flash_attention(query, key, key);
  expect_message(
      "Expected key and value of query's batch and one number of heads and length, and key of "
      "query's size, got query [1, 4, 3, 2], key [1, 2, 5, 2] and value [1, 4, 5, 2]",
      [&] {
        check_flash_attention(query, key, at::ones({1, 4, 5, 2}));
      });
  expect_message("Expected elements, got query [1, 4, 0, 2] and key [1, 2, 5, 2]", [&] {
    check_flash_attention(at::ones({1, 4, 0, 2}), key, key);
  });
  at::Tensor three = at::ones({1, 3, 5, 2});
  expect_message("Expected query's heads to be a multiple of key's, got 4 and 3",
                 [&] { check_flash_attention(query, three, three); });
}

void should_check_the_rest() {
  at::Tensor indices = at::zeros({2, 3}, at::kLong);
  check_embedding_backward(at::ones({2, 3, 4}), indices, 5, -1, false, false);
  check_embedding_backward(at::ones({2, 3}), indices, 5, -1, false, true);  // not this kernel
  expect_message(
      "Expected grad_output of the size of indices, [2, 3], and one dimension more, got [2, 3]",
      [&] {
        check_embedding_backward(at::ones({2, 3}), indices, 5, -1, false, false);
      });
  expect_message("Expected indices between 0 and 4", [&] {
    check_embedding_backward(at::ones({2, 3, 4}), at::add(indices, 5), 5, -1, true, false);
  });
  at::Tensor x = at::ones({2, 3});
  check_update_stats(x, at::ones({3}), at::ones({3}), 0.1);
  expect_message("Expected running_var of size [3], one number a channel, got [0]",
                 [&] { check_update_stats(x, at::ones({3}), at::ones({0}), 0.1); });
  check_spdiags(x, indices, {2, 3}, {});
  expect_message("A tensor of zeros that has no memory cannot be resized",
                 [] { check_resize(at::_efficientzerotensor({2}), c10::SymIntArrayRef(), {}); });
  expect_message("Expected a shape without negative sizes, got [2, -1]", [&] {
    check_spdiags(x, indices, {2, -1}, {});
  });
}

void should_check_by_name() {
  expect_message("A quantized tensor has no negative view",
                 [] { check_arguments("aten::_neg_view", {quantized()}); });
  expect_message("Expected a shape without negative sizes, got [-3, 2]", [] {
    check_arguments("aten::_spdiags", {at::ones({1, 2}), at::zeros({1}, at::kLong),
                                       c10::List<int64_t>({-3, 2}), c10::IValue()});
  });
}

}  // namespace

int main() {
  should_keep_quantized_tensors_from_views_that_end_the_process();
  should_refuse_numbers_without_absolute_value_in_lcm();
  should_count_numbers_of_lists();
  should_compare_kernel_sizes_with_the_weight();
  should_check_attention();
  should_check_the_rest();
  should_check_by_name();
}
