// The checks of operators that compute gradients: a gradient of something else is refused.
#include "gradient_checks.h"

#include <ATen/ATen.h>

#include "boxed_checks.h"
#include "expect.h"

using namespace pantorch::operators;

namespace {

void should_want_gradients_of_what_was_padded() {
  at::Tensor x = at::ones({2, 3, 4});
  std::vector<c10::SymInt> pads = {1, 2};
  check_replication_backward<1>(at::ones({2, 3, 7}), x, pads);
  check_reflection_backward<1>(at::ones({2, 3, 7}), x, pads);
  expect_message(
      "Expected grad_output of the input's batch and channels, [2, 3], got size [2, 0, 7]", [&] {
        check_replication_backward<1>(at::ones({2, 0, 7}), x, pads);
      });
  expect_message("Expected an input of 3 or 4 dimensions, got 1", [&] {
    check_replication_backward<2>(at::ones({2}), at::ones({2}), std::vector<c10::SymInt>(4, 1));
  });
  expect_message("Expected padding of 4 numbers, got 2",
                 [&] { check_replication_backward<2>(x, x, pads); });
  pads[1] = 4;
  check_replication_backward<1>(at::ones({2, 3, 9}), x, pads);
  expect_message("Expected padding less than the input's size, 4, got 4", [&] {
    check_reflection_backward<1>(at::ones({2, 3, 9}), x, pads);
  });
}

void should_want_gradients_of_what_was_pooled() {
  at::Tensor x = at::ones({5, 1, 4, 4, 4});
  check_avg_pool3d_backward(at::ones({5, 1, 2, 2, 2}), x);
  expect_message(
      "Expected grad_output of the input's batch and channels, [5, 1], got size [1, 1, 2, 2, 2]",
      [&] {
        check_avg_pool3d_backward(at::ones({1, 1, 2, 2, 2}), x);
      });
}

void should_want_indices_of_the_input() {
  at::Tensor grad = at::zeros({1, 4, 4});
  at::Tensor indices = at::zeros({1, 4, 4}, at::kLong);
  at::Tensor input = at::zeros({1, 8, 8});
  expect_message("Expected grad_output of the input's batch and channels, [2], got size [1, 4, 4]",
                 [&] {
                   check_pool_indices(grad, at::zeros({2, 8, 8}), indices, 2);
                 });
  check_fractional_pool_backward<2>(grad, input, {2, 2}, {4, 4}, indices);
  check_adaptive_pool_backward<2>(grad, input, indices);
  expect_message("Expected output_size of 2 numbers, got 0", [&] {
    check_fractional_pool_backward<2>(grad, input, {2, 2}, {}, indices);
  });
  expect_message("Expected indices between 0 and 63, the positions of the input",
                 [&] { check_adaptive_pool_backward<2>(grad, input, indices + 64); });
}

void should_want_indices_in_order() {
  at::Tensor x = at::ones({1, 4, 2, 3});
  at::Tensor grad = at::ones({1, 4, 1, 1});
  check_adaptive_pool_backward<2>(grad, x, at::zeros({1, 4, 1, 1}, at::kLong));
  expect_message(
      "Expected indices without holes or overlaps, got strides [1, 0, 1, 1]; clone() them first",
      [&] {
        check_adaptive_pool_backward<2>(grad, x,
                                        at::zeros({1, 1, 1, 1}, at::kLong).expand({1, 4, 1, 1}));
      });
}

void should_want_statistics_of_each_row() {
  at::Tensor x = at::ones({2, 3});
  at::Tensor rows = at::ones({2, 1});
  std::vector<c10::SymInt> shape = {3};
  check_layer_norm_backward(x, x, shape, rows, rows);
  expect_message("Expected grad_out of the size of input, [2, 3], got [0, 3]", [&] {
    check_layer_norm_backward(at::ones({0, 3}), x, shape, rows, rows);
  });
  expect_message(
      "Expected rstd to have 2 contiguous numbers, one for each normalized row, got size [1] with "
      "strides [1]",
      [&] { check_layer_norm_backward(x, x, shape, rows, at::ones({1})); });
}

void should_want_gradients_of_the_output() {
  at::Tensor x = at::ones({1, 2, 4, 4});
  at::Tensor grid = at::ones({1, 3, 5, 2});
  check_grid_backward(at::ones({1, 2, 3, 5}), x, grid);
  expect_message("Expected grad_output of size [1, 2, 3, 5], that of the output, got [1, 2, 3, 0]",
                 [&] {
                   check_grid_backward(at::ones({1, 2, 3, 0}), x, grid);
                 });
}

void should_want_gradients_of_the_loss() {
  at::Tensor x = at::ones({3, 4});
  at::Tensor classes = at::zeros({3}, at::kLong);
  check_multi_margin_backward(at::ones({3}), x, classes, 1, 1, {}, 0);
  check_multi_margin_backward(at::ones({}), x, classes, 1, 1, {}, 1);
  check_multilabel_backward(at::ones({1}), x, x, 1, x);
  expect_message("Expected grad_output of 1 elements, the loss, got size [0]",
                 [&] { check_multilabel_backward(at::ones({0}), x, x, 2, x); });
  expect_message("Expected grad_output of 3 elements, one for each sample, got size [1]",
                 [&] { check_multi_margin_backward(at::ones({1}), x, classes, 1, 1, {}, 0); });
  check_smooth_l1_backward(x, x, x, 0, 0);
  expect_message("Expected beta of at least 1 for whole numbers, got 0.5",
                 [&] { check_smooth_l1_backward(classes, classes, classes, 0, 0.5); });
}

void should_want_elements_to_normalize() {
  at::Tensor one = at::ones({1});
  at::Tensor x = at::ones({2, 1});
  check_batch_norm_backward(x, x, one, one, one, one, one, true, 1, {true, true, true}, one);
  at::Tensor none = at::ones({0, 1});
  expect_message("Expected input to have elements, got size [0, 1]", [&] {
    check_batch_norm_backward(none, none, one, one, one, one, one, true, 1, {true, true, true},
                              one);
  });
}

void should_check_by_name() {
  expect_message("Expected beta of at least 1 for whole numbers, got 0", [] {
    at::Tensor x = at::ones({2}, at::kChar);
    check_arguments("aten::smooth_l1_loss_backward", {x, x, x, 0, 0.0});
  });
  expect_message("Expected padding less than the input's size, 3, got 5", [] {
    check_arguments("aten::reflection_pad1d_backward",
                    {at::ones({2, 8}), at::ones({2, 3}), c10::List<int64_t>({0, 5})});
  });
}

}  // namespace

int main() {
  should_want_gradients_of_what_was_padded();
  should_want_gradients_of_what_was_pooled();
  should_want_indices_of_the_input();
  should_want_indices_in_order();
  should_want_statistics_of_each_row();
  should_want_gradients_of_the_output();
  should_want_gradients_of_the_loss();
  should_want_elements_to_normalize();
  should_check_by_name();
}
