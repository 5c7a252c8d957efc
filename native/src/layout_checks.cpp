#include "layout_checks.h"

#include <c10/util/safe_numerics.h>

#include <vector>

namespace pantorch::operators {

void check_matrix(const at::Tensor& weight) {
  TORCH_CHECK(weight.layout() == at::kStrided && !weight.is_nested(),
              "Expected weight to be a dense matrix");
  TORCH_CHECK(weight.dim() == 2, "Expected weight to be a matrix, got size ", weight.sizes());
}

void check_stride(c10::SymIntArrayRef stride) {
  const auto strides = C10_AS_INTARRAYREF_SLOW(stride);
  for (const int64_t each : strides) {
    TORCH_CHECK_VALUE(each > 0, "Expected a stride greater than 0, got ", strides);
  }
}

void check_foreach_copy(at::TensorList self, at::TensorList src, bool /*non_blocking*/) {
  TORCH_CHECK(self.size() == src.size(), "Expected as many tensors in src as in self, ",
              self.size(), ", got ", src.size());
  for (size_t i = 0; i < self.size(); i++) {
    check_copy(self[i], src[i]);
  }
}

void check_has_memory(const at::Tensor& self, const at::Tensor& index, const at::Tensor& source) {
  if (self.is_mkldnn()) return;  // libtorch's to refuse
  TORCH_CHECK_NOT_IMPLEMENTED(!index.is_mkldnn() && !source.is_mkldnn(),
                              "Expected dense tensors, got one of oneDNN's layout; "
                              "make it dense first with toDense()");
}

void check_int8pack_mm(const at::Tensor& self, const at::Tensor& /*mat2*/,
                       const at::Tensor& scales) {
  constexpr int64_t kNumbers = 16;
  constexpr uintptr_t kBytes = 16;
  TORCH_CHECK(scales.dim() != 1 || scales.is_contiguous(),
              "Expected scales to be contiguous; call contiguous() first");
  if (self.scalar_type() != at::kBFloat16 || !self.is_cpu() || self.dim() != 2) return;
  TORCH_CHECK(self.size(1) % kNumbers == 0, "Expected rows of a multiple of ", kNumbers,
              " numbers of BFloat16, got ", self.size(1));
  TORCH_CHECK(self.numel() == 0 || reinterpret_cast<uintptr_t>(self.const_data_ptr()) % kBytes == 0,
              "Expected BFloat16 numbers that begin at a multiple of ", kBytes,
              " bytes, got a view with offset ", self.storage_offset(), "; clone() it first");
}

void check_rrelu_noise(const at::Tensor& noise, bool training) {
  TORCH_CHECK(!training || noise.layout() != at::kStrided || noise.is_non_overlapping_and_dense(),
              "Expected noise without holes or overlaps, as it is written to, got strides ",
              noise.strides(), "; clone() it first");
}

namespace {

/// How many elements from the start of the memory a view reaches; -1 if it is none, or beyond all
/// memory.
int64_t reach(at::IntArrayRef sizes, at::IntArrayRef strides, int64_t offset) {
  bool bad = offset < 0;
  bool empty = false;
  int64_t end = 0;
  bad |= c10::add_overflows(offset, int64_t{1}, &end);
  for (size_t i = 0; i < sizes.size(); i++) {
    bad |= sizes[i] < 0 || strides[i] < 0;
    empty |= sizes[i] == 0;
    int64_t step = 0;
    bad |= sizes[i] > 0 && c10::mul_overflows(sizes[i] - 1, strides[i], &step);
    bad |= c10::add_overflows(end, step, &end);
  }
  return bad ? -1 : empty ? 0 : end;
}

}  // namespace

void check_as_strided(const at::Tensor& self, c10::SymIntArrayRef size, c10::SymIntArrayRef stride,
                      std::optional<c10::SymInt> storage_offset) {
  if (!self.has_storage()) return;
  const auto sizes = C10_AS_INTARRAYREF_SLOW(size);
  const auto strides = C10_AS_INTARRAYREF_SLOW(stride);
  TORCH_CHECK(sizes.size() == strides.size(), "Expected as many strides as sizes, got ", strides,
              " for ", sizes);
  const int64_t offset = storage_offset.has_value() ? storage_offset->guard_int(__FILE__, __LINE__)
                                                    : self.storage_offset();
  const auto elements = static_cast<int64_t>(self.storage().nbytes() / self.itemsize());
  const int64_t end = reach(sizes, strides, offset);
  TORCH_CHECK(end >= 0 && end <= elements,
              "Expected sizes and strides within the tensor's memory, ", elements,
              " elements, got sizes ", sizes, ", strides ", strides, " and offset ", offset);
}

void check_reshape_alias(const at::Tensor& self, c10::SymIntArrayRef size,
                         c10::SymIntArrayRef stride) {
  check_as_strided(self, size, stride, std::nullopt);
}

namespace {

void check_rows(const at::Tensor& tensor, const char* what) {
  TORCH_CHECK(tensor.is_cpu() && tensor.layout() == at::kStrided &&
                  tensor.scalar_type() == at::kLong && tensor.dim() == 2 && tensor.is_contiguous(),
              "Expected ", what, " to be an int64 matrix on the CPU, a row for each tensor");
}

}  // namespace

void check_nested_view(const at::Tensor& buffer, const at::Tensor& nested_size,
                       const at::Tensor& nested_strides, const at::Tensor& offsets) {
  check_rows(nested_size, "nested_size");
  check_rows(nested_strides, "nested_strides");
  TORCH_CHECK(nested_strides.sizes() == nested_size.sizes(), "Expected nested_strides of size ",
              nested_size.sizes(), ", got ", nested_strides.sizes());
  const int64_t rows = nested_size.size(0);
  TORCH_CHECK(offsets.is_cpu() && offsets.scalar_type() == at::kLong && offsets.dim() == 1 &&
                  offsets.size(0) == rows && offsets.is_contiguous(),
              "Expected ", rows, " int64 offsets on the CPU, one for each tensor, got size ",
              offsets.sizes());
  const auto columns = static_cast<size_t>(nested_size.size(1));
  for (int64_t row = 0; row < rows; row++) {
    const at::IntArrayRef sizes(nested_size.const_data_ptr<int64_t>() + row * columns, columns);
    const at::IntArrayRef strides(nested_strides.const_data_ptr<int64_t>() + row * columns,
                                  columns);
    const int64_t end = reach(sizes, strides, offsets.const_data_ptr<int64_t>()[row]);
    TORCH_CHECK(end >= 0 && end <= buffer.numel(), "Expected tensor ", row,
                " to lie within the buffer of ", buffer.numel(), " elements, got sizes ", sizes,
                ", strides ", strides, " and offset ", offsets.const_data_ptr<int64_t>()[row]);
  }
}

void check_nested_from_padded(const at::Tensor& padded, const at::Tensor& nested_shape,
                              bool fuse_transform) {
  check_rows(nested_shape, "the nested shape");
  std::vector<int64_t> most = padded.sizes().vec();
  const int64_t dims = fuse_transform ? 4 : nested_shape.size(1) + 1;
  TORCH_CHECK(padded.dim() == dims, "Expected padded to have ", dims, " dimensions, got size ",
              padded.sizes());
  // (batch, heads, length, size) becomes (batch, length, heads * size).
  if (fuse_transform) most = {most[0], most[2], most[1] * most[3]};
  TORCH_CHECK(nested_shape.size(0) == most[0] &&
                  nested_shape.size(1) + 1 == static_cast<int64_t>(most.size()),
              "Expected the nested shape to be of size [", most[0], ", ", most.size() - 1,
              "], got ", nested_shape.sizes());
  const int64_t* sizes = nested_shape.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < nested_shape.numel(); i++) {
    const int64_t greatest = most[static_cast<size_t>(i % nested_shape.size(1) + 1)];
    TORCH_CHECK(sizes[i] >= 0 && sizes[i] <= greatest, "Expected sizes between 0 and ", greatest,
                ", the padded size, got ", sizes[i]);
  }
}

}  // namespace pantorch::operators
