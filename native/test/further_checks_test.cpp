// The checks that the operator fuzzer asked for: wrong arguments are refused, right ones pass, by
// name too.
#include "further_checks.h"

#include <ATen/ATen.h>

#include "argument_checks.h"
#include "boxed_checks.h"
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
  const std::string reason = ": quantized dtypes come with a scale; use int_repr() or dequantize()";
  expect_message("Cannot view a tensor of dtype QUInt8 as Byte" + reason,
                 [] { check_view_dtype(quantized(), at::kByte); });
  expect_message("Cannot view a tensor of dtype QUInt8 as QUInt8" + reason,
                 [] { check_view_dtype(quantized(), at::kQUInt8); });
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

void should_refuse_quotients_that_the_dtype_does_not_have() {
  const int64_t lowest = std::numeric_limits<int64_t>::min();
  at::Tensor x = at::tensor(at::ArrayRef<int64_t>({lowest, 6}), at::kLong);
  at::Tensor y = at::tensor(at::ArrayRef<int64_t>({2, -1}), at::kLong);
  check_div_mode(x, y, "trunc");
  check_div_mode(x, at::full({1}, -1, at::kLong), "floor");  // which does not trap
  check_div_mode(x, at::full({1}, -1.0), "trunc");
  check_div_mode(x, at::ones({3}, at::kLong), "trunc");  // the operator's to refuse
  check_div_scalar_mode(x, 2, "trunc");
  check_div_scalar_mode(x, -1.0, "trunc");
  const std::string message =
      "Expected no division of the lowest number of Long by -1, of which the dtype has no result";
  expect_message(message, [&] { check_div_mode(x, at::full({1}, -1, at::kLong), "trunc"); });
  expect_message(message, [&] { check_div_scalar_mode(x, -1, "trunc"); });
  expect_message(message, [&] { check_arguments("aten::div_.Scalar_mode", {x, -1, "trunc"}); });
  check_arguments("aten::div_.Scalar_mode", {x, -1, c10::IValue()});
  expect_message(
      "Expected no division of the lowest number of Int by -1, of which the dtype has no result",
      [] {
        check_div_scalar_mode(at::full({}, std::numeric_limits<int32_t>::min(), at::kInt), -1,
                              "trunc");
      });
}

void should_refuse_steps_that_lead_nowhere() {
  check_range(1, 5, 0.5, std::nullopt);
  check_range(1, 5, 1.5, at::kInt);
  check_range(1, 5, 0, at::kInt);  // the operator's to refuse
  expect_message("Expected a step of at least 1 for Long, got 0.5",
                 [] { check_range(1, 5, 0.5, at::kLong); });
  check_matrix_power(at::ones({1, 1}), -3);
  expect_message("Expected n greater than -9223372036854775808, the lowest number", [] {
    check_matrix_power(at::ones({1, 1}), std::numeric_limits<int64_t>::min());
  });
  const int64_t greatest = std::numeric_limits<int64_t>::max();
  check_random(at::ones({1}), greatest - 1, std::nullopt);
  check_random(at::ones({1}, at::kLong), greatest, std::nullopt);
  expect_message("Expected from less than 9223372036854775807, the greatest number, for Float",
                 [&] { check_random(at::ones({1}), greatest, std::nullopt); });
  check_binomial(at::ones({2}), at::ones({2}));
  expect_message("Expected counts, got NaN",
                 [] { check_binomial(at::full({2}, std::nan("")), at::ones({2})); });
}

void should_know_how_far_bins_can_be_told_from_each_other() {
  at::Tensor x = at::tensor({1e8, 1e8 + 16}, at::kFloat);
  check_choose_qparams(x, 2, 2, 0.16, 8);
  check_choose_qparams(at::ones({2}), 2, 200, 0.16, 8);
  expect_message(
      "Expected n_bins that cut the range from 1e+08 to 1e+08 into steps that float32 can tell "
      "from each other, got 200",
      [&] { check_choose_qparams(x, 2, 200, 0.16, 8); });
  expect_message("Expected n_bins greater than 0, got -1",
                 [&] { check_choose_qparams(x, 2, -1, 0.16, 8); });
  expect_message("Expected ratio between 0 and 1, got 1.5",
                 [&] { check_choose_qparams(x, 2, 200, 1.5, 8); });
  expect_message("Expected input to be contiguous; call contiguous() first",
                 [] { check_choose_qparams(at::ones({1}).expand({2}), 2, 200, 0.16, 8); });
}

void should_refuse_what_lapack_cannot_take() {
  check_eigvals(at::ones({2, 2}));
  expect_message("torch.linalg.eigvals: input tensor should not contain infs or NaNs.", [] {
    check_eigvals(at::full({2, 2}, std::nan("")));
  });
  check_lstsq(at::ones({3, 2}), at::ones({3, 0}), std::nullopt, "gelsy");
  expect_message("Expected B to have columns for the driver gelss, got size [3, 0]; use gelsy", [] {
    check_lstsq(at::ones({3, 2}), at::ones({3, 0}), std::nullopt, "gelss");
  });
}

void should_count_states() {
  at::Tensor x = at::ones({2, 3});
  at::Tensor one = at::ones({1});
  at::Tensor two = at::ones({2});
  check_observer(x, one, one, one, one, one, one, 0.1, 0, 255, 0, false);
  check_observer(x, one, one, two, two, two, two, 0.1, 0, 255, 0, true);
  check_observer(x, one, one, at::ones({0}), at::ones({0}), one, one, 0.1, 0, 255, 0, true);
  expect_message("Expected running_max to have 1 number, got size [0]", [&] {
    check_observer(x, one, one, one, at::ones({0}), one, one, 0.1, 0, 255, 0, false);
  });
  expect_message("Expected scale to have 2 numbers, one for each row, got size [1]",
                 [&] { check_observer(x, one, one, two, two, one, one, 0.1, 0, 255, 0, true); });
  expect_message("Expected num groups to be greater than 0, got 0",
                 [&] { check_group_norm(x, std::nullopt, std::nullopt, 2, 3, 1, 0, 1); });
  check_pdist(x, 2);
  expect_message("_pdist_forward only supports 2D tensors, got: 1D", [&] { check_pdist(one, 2); });
}

void should_keep_bags_within_indices() {
  at::Tensor x = at::ones({5, 2});
  at::Tensor indices = at::zeros({6}, at::kLong);
  at::Tensor offsets = at::tensor(at::ArrayRef<int64_t>({0, 4, 2}), at::kLong);
  check_embedding_bag(x, indices, offsets, false, 0, false, std::nullopt, false);
  check_embedding_bag(x, at::zeros({0}, at::kLong), at::zeros({0}, at::kLong), false, 0, false,
                      std::nullopt, false);
  expect_message("Expected an offset for each bag, got 0 for 6 indices", [&] {
    check_embedding_bag(x, indices, at::zeros({0}, at::kLong), false, 0, false, std::nullopt,
                        false);
  });
  expect_message("Expected an offset for each bag, got 1 for 6 indices with include_last_offset",
                 [&] {
                   check_embedding_bag(x, indices, at::zeros({1}, at::kLong), false, 0, false,
                                       std::nullopt, true);
                 });
  expect_message("Expected offsets between 0 and 6, the number of indices", [&] {
    check_embedding_bag(x, indices, at::sub(offsets, 1), false, 0, false, std::nullopt, false);
  });
}

void should_keep_interpolation_within_the_input() {
  at::Tensor x = at::ones({1, 1, 3, 5});
  using Scale = std::optional<double>;
  std::vector<c10::SymInt> size = {6, 5};
  check_nearest(x, size, Scale(2), Scale());
  check_linear(x, size, false, Scale(1e-9), Scale(0));
  expect_message("Expected a scale that leads to the output size [6, 5], got 1e-300",
                 [&] { check_nearest(x, size, Scale(), Scale(1e-300)); });
  check_antialias(x, size, false, 2, std::nullopt);
  check_antialias(x, size, true, 1, 1);
  expect_message("Expected a scale that leads from the input size 3 to the output size 6, got 1",
                 [&] { check_antialias(x, size, false, 1, 1); });
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
  check_native_attention(x, x, x, 4, 2, x, x);
  expect_message(
      "Expected embed_dim to be a multiple of num_head, both greater than 0, got 4 and 0",
      [&] { check_native_attention(x, x, x, 4, 0, x, x); });
  expect_message("Expected a bias of the dtype Float, that of what it is added to, got Double",
                 [&] { check_native_attention(x, x, x, 4, 2, x, x.to(at::kDouble)); });
  expect_message(
      "Expected embed_dim to be a multiple of num_head, both greater than 0, got 4 and 3",
      [&] { check_encoder_layer(x, 4, 3); });
  check_qkv(at::ones({2, 3, 12}), at::ones({12}), 2);
  expect_message("Expected a bias of 12 elements, got size [4]", [] {
    check_qkv(at::ones({2, 3, 12}), at::ones({4}), 2);
  });
  expect_message("Expected num_heads greater than 0, got 0", [] {
    check_qkv(at::ones({2, 3, 12}), at::ones({12}), 0);
  });
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

void should_want_heads_to_divide() {
  at::Tensor query = at::ones({1, 4, 3, 2});
  at::Tensor none = at::ones({1, 0, 3, 2});
  const auto check = [&](const at::Tensor& key, bool enable_gqa) {
    check_attention_math(query, key, key, {}, 0, false, {}, {}, enable_gqa);
  };
  check(none, false);
  check(query, true);
  expect_message("Expected key and value to have heads, got sizes [1, 0, 3, 2] and [1, 0, 3, 2]",
                 [&] { check(none, true); });
  check_attention(query, none, none, {}, 0, false, {}, true);
  check_attention(query, none, query, {}, 0, false, {}, false);
  expect_message("Expected key and value to have heads, got sizes [1, 0, 3, 2] and [1, 4, 3, 2]",
                 [&] { check_attention(query, none, query, {}, 0, false, {}, true); });
  check_attention_choice(query, none, query, {}, 0, false, {}, true);
  expect_message("Expected key and value to have heads, got sizes [1, 0, 3, 2] and [1, 0, 3, 2]",
                 [&] { check_attention_choice(query, none, none, {}, 0, false, {}, true); });
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
  check_set(x, x);
  expect_message("A tensor of zeros that has no memory cannot share it; clone() it",
                 [&] { check_set(x, at::_efficientzerotensor({2})); });
  expect_message("A tensor of zeros that has no memory cannot be resized",
                 [] { check_resize(at::_efficientzerotensor({2}), c10::SymIntArrayRef(), {}); });
  expect_message("Expected offsets between -2 and 3, the diagonals of [2, 3]", [&] {
    check_spdiags(x, at::add(indices, 5), {2, 3}, {});
  });
  expect_message("Expected targets of one dimension to be contiguous; call contiguous() first", [] {
    check_ctc_targets(at::ones({5, 2, 3}), at::ones({1}, at::kLong).expand({4}), {2, 2});
  });
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
  should_refuse_quotients_that_the_dtype_does_not_have();
  should_refuse_steps_that_lead_nowhere();
  should_know_how_far_bins_can_be_told_from_each_other();
  should_refuse_what_lapack_cannot_take();
  should_count_states();
  should_keep_bags_within_indices();
  should_keep_interpolation_within_the_input();
  should_want_heads_to_divide();
  should_count_numbers_of_lists();
  should_compare_kernel_sizes_with_the_weight();
  should_check_attention();
  should_check_the_rest();
  should_check_by_name();
}
