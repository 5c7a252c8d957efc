#include <ATen/TensorIndexing.h>
#include <ATen/TracerMode.h>
#include <c10/core/DeviceGuard.h>
#include <pantorch/index.h>

#include "slots.h"
#include "support.h"

using namespace pantorch;
using at::indexing::TensorIndex;

namespace {

TensorIndex to_index(const pt_index& index) {
  switch (index.kind) {
    case PT_INDEX_NONE:
      return TensorIndex(std::nullopt);
    case PT_INDEX_ELLIPSIS:
      return TensorIndex("...");
    case PT_INDEX_INT:
      return TensorIndex(index.a);
    case PT_INDEX_BOOL:
      return TensorIndex(index.a != 0);
    case PT_INDEX_SLICE:
      return TensorIndex(at::indexing::Slice(index.a, index.b, index.c));
    case PT_INDEX_TENSOR:
      return TensorIndex(borrow(index.a));
    default:
      TORCH_CHECK_VALUE(false, "no such kind of index: ", index.kind);
  }
}

// libtorch's own functions read past the sizes in the cases that are refused here.
std::vector<TensorIndex> to_indices(const at::Tensor& tensor, pt_address address, int32_t count) {
  const auto* first = reinterpret_cast<const pt_index*>(address);
  std::vector<TensorIndex> indices;
  indices.reserve(count);
  int ellipses = 0;
  for (int32_t i = 0; i < count; ++i) {
    TORCH_CHECK_INDEX(first[i].kind != PT_INDEX_ELLIPSIS || ++ellipses == 1,
                      "an index can have only one ellipsis ('...')");
    indices.push_back(to_index(first[i]));
  }
  TORCH_CHECK_INDEX(
      tensor.is_nested() || tensor.dim() > 0 || count != 1 || !indices[0].is_integer(),
      "invalid index of a 0-dim tensor. Use item() to get its number");
  return indices;
}

// A trace must record slices that take everything, too: it may be replayed on other sizes.
bool keep_whole_slices() { return at::tracer::impl::is_dispatch_enabled(); }

// The most frequent case without the rest of libtorch's machinery: positions of the first
// dimensions, all of them in range. Undefined where it is another case.
at::Tensor select_positions(const at::Tensor& tensor, pt_address address, int32_t count) {
  const auto* first = reinterpret_cast<const pt_index*>(address);
  if (count == 0 || tensor.is_nested() || count > tensor.dim()) return {};
  for (int32_t i = 0; i < count; ++i) {
    const int64_t size = tensor.size(i);
    if (first[i].kind != PT_INDEX_INT || first[i].a < -size || first[i].a >= size) return {};
  }
  at::Tensor part = tensor.select(0, first[0].a);
  for (int32_t i = 1; i < count; ++i) part = part.select(0, first[i].a);
  return part;
}

void assign(const at::Tensor& tensor, pt_address indices, int32_t count, const at::Tensor& value) {
  at::indexing::set_item(tensor, to_indices(tensor, indices, count), value, keep_whole_slices());
}

}  // namespace

pt_error pt_tensor_get(int64_t mode, pt_tensor tensor, pt_address indices, int32_t count,
                       pt_tensor* out_part) {
  return guard([&] {
    apply_mode(mode);
    const at::Tensor& self = borrow(tensor);
    at::Tensor part = select_positions(self, indices, count);
    if (part.defined()) {
      *out_part = release(std::move(part));
      return;
    }
    const c10::OptionalDeviceGuard device(self.device());
    *out_part = release(
        at::indexing::get_item(self, to_indices(self, indices, count), keep_whole_slices()));
  });
}

pt_error pt_tensor_set(int64_t mode, pt_tensor tensor, pt_address indices, int32_t count,
                       pt_tensor value) {
  return guard([&] {
    apply_mode(mode);
    const at::Tensor& self = borrow(tensor);
    const c10::OptionalDeviceGuard device(self.device());
    assign(self, indices, count, borrow(value));
  });
}

pt_error pt_tensor_set_scalar(int64_t mode, pt_tensor tensor, pt_address indices, int32_t count,
                              pt_address scalar) {
  return guard([&] {
    apply_mode(mode);
    const at::Tensor& self = borrow(tensor);
    const c10::OptionalDeviceGuard guarded(self.device());
    const auto value = operators::read<at::Scalar>(reinterpret_cast<int64_t*>(scalar));
    // As Python does: filled from the CPU where that saves a copy; quantized tensors take floats.
    const bool quantized = at::isQIntType(self.scalar_type());
    const at::Device where = quantized || self.is_cuda() ? at::Device(at::kCPU) : self.device();
    const auto dtype = quantized ? at::kFloat : self.scalar_type();
    assign(
        self, indices, count,
        at::indexing::scalarToTensor(value, at::TensorOptions().dtype(dtype).device(where), where));
  });
}
