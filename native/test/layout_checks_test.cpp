// The checks of memory that kernels walk through unseen: what does not fit is refused, what fits
// passes.
#include "layout_checks.h"

#include <ATen/ATen.h>

#include "boxed_checks.h"
#include "expect.h"

using namespace pantorch::operators;

namespace {

at::Tensor whole(std::initializer_list<int64_t> numbers, at::IntArrayRef sizes) {
  return at::tensor(at::ArrayRef<int64_t>(numbers), at::kLong).reshape(sizes);
}

void should_want_matrices_to_pack() {
  check_packed_matrix(at::ones({2, 0}));
  expect_message("Expected weight to be a matrix, got size [2, 3, 0]", [] {
    check_packed_matrix(at::ones({2, 3, 0}), 1, 2);
  });
  expect_message("Expected weight to be a dense matrix", [] {
    check_packed_matrix(at::ones({2, 3}).to_sparse());
  });
  check_mkldnn_linear(at::ones({2, 3}), at::ones({4, 3}));
  expect_message("Expected weight to be a matrix, got size []", [] {
    check_mkldnn_linear(at::ones({2, 3}), at::ones({}));
  });
  std::vector<c10::SymInt> one = {1, 1};
  std::vector<c10::SymInt> none = {0, 1};
  check_mkldnn_reorder(at::ones({1}), none, one);
  expect_message("Expected a stride greater than 0, got [0, 1]",
                 [&] { check_mkldnn_reorder(at::ones({1}), none, none); });
}

void should_want_tensors_with_memory() {
  at::Tensor x = at::ones({3});
  check_copy(x, x);
  const std::string undefined = "Expected tensors to copy, got an undefined one";
  expect_message(undefined, [&] { check_copy(at::Tensor(), x); });
  expect_message("Expected a tensor with memory of its own to copy to, got one of layout Sparse",
                 [&] {
                   check_copy(at::ones({2, 2}).to_sparse(), x);
                 });
  expect_message(undefined, [&] {
    check_foreach_copy({at::Tensor(x), at::Tensor(x)}, {at::Tensor(x), at::Tensor()}, false);
  });
  expect_message("Expected as many tensors in src as in self, 1, got 0",
                 [&] { check_foreach_copy({at::Tensor(x)}, {}, false); });
  const std::string opaque =
      "Expected dense tensors, got one of oneDNN's layout; make it dense first with toDense()";
  at::Tensor index = whole({0, 1, 2}, {3});
  check_index_source(x, 0, index, x);
  check_index_source(x.to_mkldnn(), 0, index, x);  // the operator's to refuse
  expect_message(opaque, [&] { check_index_source(x, 0, index, x.to_mkldnn()); });
  expect_message(opaque, [&] { check_index_source(x, 0, x.to_mkldnn(), x); });
}

void should_know_what_the_int8_kernel_reads() {
  at::Tensor x = at::ones({2, 32}, at::kBFloat16);
  at::Tensor weight = at::ones({16, 32}, at::kChar);
  at::Tensor scales = at::ones({16}, at::kBFloat16);
  check_int8pack_mm(x, weight, scales);
  check_int8pack_mm(at::ones({2, 33}), weight, at::ones({16}));
  expect_message("Expected scales to be contiguous; call contiguous() first",
                 [&] { check_int8pack_mm(x, weight, scales.slice(0, 0, 1).expand({16})); });
  expect_message("Expected rows of a multiple of 16 numbers of BFloat16, got 36", [&] {
    check_int8pack_mm(at::ones({2, 36}, at::kBFloat16), weight, scales);
  });
  at::Tensor view = at::ones({67}, at::kBFloat16).slice(0, 3).view({2, 32});
  expect_message(
      "Expected BFloat16 numbers that begin at a multiple of 16 bytes, got a view with offset 3; "
      "clone() it first",
      [&] { check_int8pack_mm(view, weight, scales); });
}

void should_want_noise_to_write_to() {
  at::Tensor x = at::ones({4, 3});
  check_rrelu(x, x.t(), 0.1, 0.3, true);
  check_rrelu(x, at::ones({1}).expand({4, 3}), 0.1, 0.3, false);
  expect_message(
      "Expected noise without holes or overlaps, as it is written to, got strides [0, 0]; clone() "
      "it first",
      [&] {
        check_rrelu(x, at::ones({1}).expand({4, 3}), 0.1, 0.3, true);
      });
}

void should_keep_views_in_memory() {
  at::Tensor six = at::ones({7}).slice(0, 1);
  std::vector<c10::SymInt> two_by_three = {2, 3};
  std::vector<c10::SymInt> steps = {3, 1};
  check_reshape_alias(six, two_by_three, steps);
  steps[0] = 4;
  expect_message(
      "Expected sizes and strides within the tensor's memory, 7 elements, got sizes [2, 3], "
      "strides [4, 1] and offset 1",
      [&] { check_reshape_alias(six, two_by_three, steps); });
  check_as_strided(six, two_by_three, steps, 0);
  check_as_strided(six, {}, {}, 6);
  expect_message(
      "Expected sizes and strides within the tensor's memory, 7 elements, got sizes [], strides [] "
      "and offset 9223372036854775807",
      [&] { check_as_strided(six, {}, {}, std::numeric_limits<int64_t>::max()); });
  steps[0] = std::numeric_limits<int64_t>::max();
  expect_message(
      "Expected sizes and strides within the tensor's memory, 7 elements, got sizes [2, 3], "
      "strides [9223372036854775807, 1] and offset 1",
      [&] { check_reshape_alias(six, two_by_three, steps); });
  steps.pop_back();
  expect_message("Expected as many strides as sizes, got [9223372036854775807] for [2, 3]",
                 [&] { check_reshape_alias(six, two_by_three, steps); });
}

void should_keep_nested_tensors_in_memory() {
  at::Tensor buffer = at::ones({10});
  at::Tensor sizes = whole({2, 3, 2, 2}, {2, 2});
  at::Tensor strides = whole({3, 1, 2, 1}, {2, 2});
  check_nested_view(buffer, sizes, strides, whole({0, 6}, {2}));
  expect_message(
      "Expected tensor 1 to lie within the buffer of 10 elements, got sizes [2, 2], strides [2, "
      "1] and offset 7",
      [&] {
        check_nested_view(buffer, sizes, strides, whole({0, 7}, {2}));
      });
  expect_message("Expected nested_strides of size [2, 2], got [2, 0]", [&] {
    check_nested_view(buffer, sizes, whole({}, {2, 0}), whole({0, 6}, {2}));
  });
  expect_message("Expected nested_size to be an int64 matrix on the CPU, a row for each tensor",
                 [&] {
                   check_nested_view(buffer, at::ones({2, 2}), strides, whole({0, 6}, {2}));
                 });
  expect_message("Expected 2 int64 offsets on the CPU, one for each tensor, got size [1]",
                 [&] { check_nested_view(buffer, sizes, strides, whole({0}, {1})); });
  at::Tensor padded = at::ones({2, 3, 4});
  check_nested_from_padded(padded, whole({2, 4, 3, 0}, {2, 2}), false);
  check_nested_from_padded(at::ones({2, 3, 4, 5}), whole({2, 15, 4, 15}, {2, 2}), true);
  expect_message("Expected sizes between 0 and 4, the padded size, got 5", [&] {
    check_nested_from_padded(padded, whole({2, 4, 3, 5}, {2, 2}), false);
  });
  expect_message("Expected padded to have 3 dimensions, got size [2, 3]", [&] {
    check_nested_from_padded(at::ones({2, 3}), sizes, false);
  });
  expect_message("Expected the nested shape to be of size [2, 2], got [1, 2]", [&] {
    check_nested_from_padded(padded, whole({2, 4}, {1, 2}), false);
  });
}

void should_check_by_name() {
  expect_message("Expected weight to be a matrix, got size [3]",
                 [] { check_arguments("aten::_saturate_weight_to_fp16", {at::ones({3})}); });
  expect_message("Expected weight to be a matrix, got size [3]", [] {
    check_arguments("aten::fbgemm_pack_quantized_matrix.KN", {at::ones({3}), 1, 2});
  });
}

}  // namespace

int main() {
  should_want_matrices_to_pack();
  should_want_tensors_with_memory();
  should_know_what_the_int8_kernel_reads();
  should_want_noise_to_write_to();
  should_keep_views_in_memory();
  should_keep_nested_tensors_in_memory();
  should_check_by_name();
}
