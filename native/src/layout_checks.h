#pragma once

/// More of the checks of argument_checks.h: operators whose kernels walk through memory without a
/// look at layout, strides or the number of dimensions.

#include <ATen/core/Tensor.h>
#include <c10/core/SymIntArrayRef.h>

#include <cstdint>
#include <optional>

namespace pantorch::operators {

/// fbgemm_pack_gemm_matrix_fp16 and its kin, _saturate_weight_to_fp16: a matrix, of which they read
/// as many numbers as its first two sizes say.
void check_matrix(const at::Tensor& weight);
template <class... Rest>
void check_packed_matrix(const at::Tensor& weight, const Rest&... /*rest*/) {
  check_matrix(weight);
}

/// mkldnn_linear: a weight of rows.
template <class... Rest>
void check_mkldnn_linear(const at::Tensor& /*self*/, const at::Tensor& weight,
                         const Rest&... /*rest*/) {
  TORCH_CHECK(weight.dim() == 2, "Expected weight to be a matrix, got size ", weight.sizes());
}

/// mkldnn_reorder_conv2d_weight, mkldnn_reorder_conv3d_weight divide by the stride.
void check_stride(c10::SymIntArrayRef stride);
template <class... Rest>
void check_mkldnn_reorder(const at::Tensor& /*self*/, c10::SymIntArrayRef /*padding*/,
                          c10::SymIntArrayRef stride, const Rest&... /*rest*/) {
  check_stride(stride);
}

/// copy: tensors that are there.
template <class... Rest>
void check_copy(const at::Tensor& self, const at::Tensor& src, const Rest&... /*rest*/) {
  TORCH_CHECK(self.defined() && src.defined(), "Expected tensors to copy, got an undefined one");
  TORCH_CHECK_NOT_IMPLEMENTED(self.has_storage(),
                              "Expected a tensor with memory of its own to copy "
                              "to, got one of layout ",
                              self.layout());
}

/// _foreach_copy: as many sources as tensors.
void check_foreach_copy(at::TensorList self, at::TensorList src, bool non_blocking);

/// index_copy_, index_add_, index_reduce_, scatter_ and its kin compare the memory of their
/// tensors, which one of oneDNN's layout does not have as others do.
void check_has_memory(const at::Tensor& self, const at::Tensor& index, const at::Tensor& source);
template <class... Rest>
void check_index_source(const at::Tensor& self, int64_t /*dim*/, const at::Tensor& index,
                        const at::Tensor& source, const Rest&... /*rest*/) {
  check_has_memory(self, index, source);
}

/// _weight_int8pack_mm: its kernel of bfloat16 reads 16 numbers at once, at aligned addresses.
void check_int8pack_mm(const at::Tensor& self, const at::Tensor& mat2, const at::Tensor& scales);

/// rrelu_with_noise, rrelu_with_noise_: training writes the noise in the order of its memory.
void check_rrelu_noise(const at::Tensor& noise, bool training);
template <class... Rest>
void check_rrelu(const at::Tensor& /*self*/, const at::Tensor& noise, const at::Scalar& /*lower*/,
                 const at::Scalar& /*upper*/, bool training, const Rest&... /*rest*/) {
  check_rrelu_noise(noise, training);
}

/// _reshape_alias, as_strided_: sizes and strides that stay within the memory of the tensor.
void check_reshape_alias(const at::Tensor& self, c10::SymIntArrayRef size,
                         c10::SymIntArrayRef stride);
void check_as_strided(const at::Tensor& self, c10::SymIntArrayRef size, c10::SymIntArrayRef stride,
                      std::optional<c10::SymInt> storage_offset);

/// _nested_view_from_buffer, _nested_view_from_buffer_copy: a row of sizes and of strides and an
/// offset for each tensor, all within the buffer.
void check_nested_view(const at::Tensor& buffer, const at::Tensor& nested_size,
                       const at::Tensor& nested_strides, const at::Tensor& offsets);

/// _nested_from_padded: a row of sizes for each tensor, none beyond the padded size.
void check_nested_from_padded(const at::Tensor& padded, const at::Tensor& nested_shape,
                              bool fuse_transform);

}  // namespace pantorch::operators
