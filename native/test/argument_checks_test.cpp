// The checks of operators whose kernels read past wrong arguments: wrong ones are refused, right
// ones pass, by name too.
#include "argument_checks.h"

#include <ATen/ATen.h>

#include "boxed_checks.h"
#include "expect.h"

using namespace pantorch::operators;

namespace {

using Tensors = std::vector<at::Tensor>;

void should_ask_for_running_statistics_outside_of_training() {
  at::Tensor x = at::zeros({2, 3});
  at::Tensor stats = at::zeros({3});
  check_native_batch_norm(x, {}, {}, stats, stats, false, 0.1, 1e-5);
  check_native_batch_norm(x, {}, {}, {}, {}, true, 0.1, 1e-5);
  expect_message("Expected running_mean and running_var to be defined when training=false",
                 [&] { check_native_batch_norm(x, {}, {}, stats, {}, false, 0.1, 1e-5); });
  expect_message("Expected training=true without running statistics",
                 [&] { check_batch_norm_without_statistics(x, {}, {}, false, 0.1, 1e-5); });
}

void should_check_sizes_per_channel() {
  at::Tensor x = at::zeros({2, 3});
  at::Tensor stats = at::zeros({3});
  expect_message("Expected running_var of size [3], one number a channel, got [0]", [&] {
    check_native_batch_norm(x, {}, {}, stats, at::zeros({0}), true, 0.1, 1e-5);
  });
  expect_message("Expected weight of size [3], one number a channel, got [2]", [&] {
    check_batch_norm_without_statistics(x, at::zeros({2}), {}, true, 0.1, 1e-5);
  });
}

void should_check_pivots() {
  at::Tensor lu = at::zeros({2, 3, 3});
  check_lu_unpack(lu, at::ones({2, 3}, at::kInt), true, true);
  check_lu_unpack(lu, at::Tensor(), true, false);
  expect_message("Expected LU_pivots to be int32 of size [2, 3], got Int of size [0]",
                 [&] { check_lu_unpack(lu, at::ones({0}, at::kInt), true, true); });
  expect_message("Expected pivots between 1 and 3", [&] {
    check_lu_unpack(lu, at::full({2, 3}, 4, at::kInt), true, true);
  });
}

void should_check_weight_norm() {
  check_weight_norm(at::zeros({4, 3}), at::zeros({4, 1}), 0);
  check_weight_norm(at::zeros({4, 3}), at::zeros({1, 3}), 1);
  expect_message("Expected v to have elements, got size [0, 3]", [] {
    check_weight_norm(at::zeros({0, 3}), at::zeros({0}), 0);
  });
  expect_message("Expected dim to be 0 or 1, the first or last dimension of v, got 2", [] {
    check_weight_norm(at::zeros({4, 3}), at::zeros({4}), 2);
  });
  expect_message("Expected g to have 4 elements, one for each slice of v, got size [3]", [] {
    check_weight_norm(at::zeros({4, 3}), at::zeros({3}), 0);
  });
}

void should_not_be_deceived_by_sums_beyond_all_numbers() {
  at::Tensor labels = at::tensor({1, 2, 9}, at::kLong);
  expect_message("Expected targets between 0 and 3, the classes of log_probs, got 9", [&] {
    check_ctc_targets(at::zeros({5, 2, 4}), labels, at::IntArrayRef{INT64_MAX, 2});
  });
  expect_message("Expected targets between 0 and 3, the classes of log_probs, got 9", [&] {
    check_ctc_targets(at::zeros({5, 2, 4}), labels, at::IntArrayRef{INT64_MIN, 3});
  });
  at::Tensor rows = at::zeros({0}, at::kLong);
  expect_message("Expected num_weights not to be negative, got -9223372036854775808", [&] {
    check_embedding_dense_backward(at::zeros({0, 5}), rows, INT64_MIN, -1, false);
  });
}

/// The arguments of a valid Adam step over two parameters.
struct AdamStep {
  Tensors params = {at::zeros({2, 3}), at::zeros({4})};
  Tensors grads = {at::zeros({2, 3}), at::zeros({4})};
  Tensors averages = {at::zeros({2, 3}), at::zeros({4})};
  Tensors steps = {at::zeros({}), at::zeros({})};

  void check() const {
    check_fused_adam(params, grads, averages, averages, {}, steps, 1e-3, 0.9, 0.999, 0.0, 1e-8,
                     false, false, std::nullopt, std::nullopt);
  }
};

void should_check_backward_formulas() {
  at::Tensor rows = at::zeros({3}, at::kLong);
  check_embedding_dense_backward(at::zeros({3, 5}), rows, 10, -1, false);
  expect_message(
      "Expected grad_output of the size of indices, [3], and one dimension more, got [2, 5]", [&] {
        check_embedding_dense_backward(at::zeros({2, 5}), rows, 10, -1, false);
      });
}

void should_check_segments() {
  at::Tensor data = at::zeros({5});
  auto reduce = [&](const std::optional<at::Tensor>& lengths,
                    const std::optional<at::Tensor>& offsets) {
    check_segment_reduce(data, "sum", lengths, {}, offsets, 0, true, {});
  };
  reduce(at::tensor({2, 3}, at::kLong), {});
  reduce({}, at::tensor({0, 2, 5}, at::kLong));
  expect_message("Expected offsets between 0 and 5, the data's size along the axis", [&] {
    reduce({}, at::tensor({0, 6}, at::kLong));
  });
  expect_message("Expected offsets not to decrease", [&] {
    reduce({}, at::tensor({0, 3, 2}, at::kLong));
  });
  expect_message("Expected lengths that add up to at most 5, the data's size along the axis", [&] {
    reduce(at::tensor({3, 3}, at::kLong), {});
  });
}

void should_check_fused_steps() {
  AdamStep step;
  step.check();
  step.grads.pop_back();
  expect_message("Expected as many tensors in grads as parameters, 2, got 1",
                 [&] { step.check(); });
  step = AdamStep();
  step.grads[0] = at::zeros({3, 2});
  expect_message("Expected grads[0] to be dense and of the parameter's size [2, 3]",
                 [&] { step.check(); });
  step.grads[0] = at::zeros({3, 2}).t();
  expect_message(
      "Expected grads[0] to lie in memory as the parameter does, strides [3, 1], got [1, 2]",
      [&] { step.check(); });
  step.grads[0] = at::zeros({1}).expand({2, 3});
  expect_message(
      "Expected grads[0] to lie in memory as the parameter does, strides [3, 1], got [0, 0]",
      [&] { step.check(); });
  step = AdamStep();
  step.params[1] = at::zeros({1}).expand({4});
  expect_message("Expected parameter 1 to be dense, without holes or overlaps",
                 [&] { step.check(); });
  step = AdamStep();
  step.steps[1] = at::zeros({2});
  expect_message("Expected each step to be one number", [&] { step.check(); });
  // A dimension of size 1 may have any stride.
  step = AdamStep();
  step.params[0] = at::zeros({4, 1});
  step.grads[0] = at::zeros({1, 4}).t();
  step.averages[0] = at::zeros({4, 1});
  step.check();
  expect_message("Expected at least one parameter", [] {
    check_fused_sgd({}, Tensors{at::zeros({1})}, {}, 0.0, 0.0, 0.1, 0.0, false, false, false, {},
                    {});
  });
}

void should_check_sobol_engines() {
  at::Tensor state = at::zeros({2, 30}, at::kLong);
  check_sobol_points(at::zeros({2}, at::kLong), 5, state, 2, 0);
  expect_message("Expected dimension between 1 and 21201, got 0",
                 [&] { check_sobol_state(state, 0); });
  expect_message("Expected sobolstate to be int64 of size [3, 30], got Long of size [2, 30]",
                 [&] { check_sobol_state(state, 3); });
}

void should_check_by_name() {
  c10::List<at::Tensor> none;
  c10::List<at::Tensor> one(c10::ArrayRef<at::Tensor>{at::zeros({1})});
  expect_message("Expected as many tensors in src as in self, 0, got 1", [&] {
    check_arguments("aten::_foreach_copy", {none, one, false});
  });
  expect_message("Expected padding of 2 numbers, got 0", [] {
    check_arguments("aten::reflection_pad1d_backward",
                    {at::zeros({3}), at::zeros({3}), c10::List<int64_t>()});
  });
  check_arguments("aten::add.Tensor", {});
  check_arguments("mine::lstm.input", {});
}

void should_name_what_writes_uncounted() {
  EXPECT(writes_uncounted("aten::_fused_sgd_"));
  EXPECT(writes_uncounted("aten::_fused_adamw_.tensor_lr"));
  EXPECT(!writes_uncounted("aten::_fused_adam"));
  EXPECT(!writes_uncounted("aten::lstm.input"));
  EXPECT(!writes_uncounted("mine::_fused_sgd_"));
}

}  // namespace

int main() {
  should_ask_for_running_statistics_outside_of_training();
  should_check_sizes_per_channel();
  should_check_pivots();
  should_check_weight_norm();
  should_check_backward_formulas();
  should_not_be_deceived_by_sums_beyond_all_numbers();
  should_check_segments();
  should_check_fused_steps();
  should_check_sobol_engines();
  should_check_by_name();
  should_name_what_writes_uncounted();
}
