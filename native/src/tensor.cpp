#include <ATen/NestedTensorImpl.h>
#include <ATen/ops/from_blob.h>
#include <pantorch/tensor.h>

#include <atomic>

#include "support.h"

using pantorch::apply_mode;
using pantorch::borrow;
using pantorch::guard;
using pantorch::release;

namespace {

std::atomic<pt_release_callback> release_callback{nullptr};

using TensorPtr = c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>;

inline void free_one(pt_tensor handle) {
  TensorPtr::reclaim(reinterpret_cast<at::TensorImpl*>(handle)).reset();
}

int64_t flags_of(const at::Tensor& t) {
  if (!t.defined()) return 0;
  const at::TensorImpl* impl = t.unsafeGetTensorImpl();
  int64_t flags = PT_TENSOR_DEFINED;
  if (t.requires_grad()) flags |= PT_TENSOR_REQUIRES_GRAD;
  if (t.is_leaf()) flags |= PT_TENSOR_LEAF;
  if (t.layout() == at::kStrided && t.is_contiguous()) flags |= PT_TENSOR_CONTIGUOUS;
  if (t.is_inference()) flags |= PT_TENSOR_INFERENCE;
  if (t.is_conj()) flags |= PT_TENSOR_CONJ;
  if (t.is_neg()) flags |= PT_TENSOR_NEG;
  if (!t.is_inference() && t.is_view()) flags |= PT_TENSOR_VIEW;
  if (t.retains_grad()) flags |= PT_TENSOR_RETAINS_GRAD;
  if (t.is_quantized()) flags |= PT_TENSOR_QUANTIZED;
  if (t.is_nested()) flags |= PT_TENSOR_NESTED;
  if (impl->has_storage()) flags |= PT_TENSOR_HAS_STORAGE;
  return flags;
}

}  // namespace

void pt_tensor_free(pt_tensor tensor) {
  if (tensor != 0) free_one(tensor);
}

void pt_tensor_free_before(pt_tensor tensor, pt_tensor next) {
#if defined(__GNUC__)
  // Allocated one after the other, a tensor's storage lies before it and its version behind it.
  constexpr int64_t kLine = 64;
  constexpr int64_t kBefore = 3 * kLine;
  constexpr int64_t kBehind = sizeof(at::TensorImpl) + kLine;
  for (int64_t at = -kBefore; at < kBehind; at += kLine) {
    __builtin_prefetch(reinterpret_cast<const void*>(next + at), 1);
  }
#else
  (void)next;
#endif
  pt_tensor_free(tensor);
}

void pt_tensor_free_all(pt_address handles, int64_t count) {
  const auto* first = reinterpret_cast<const pt_tensor*>(handles);
  for (int64_t i = 0; i < count; ++i) {
    if (first[i] != 0) free_one(first[i]);
  }
}

pt_tensor pt_tensor_retain(pt_tensor tensor) { return release(borrow(tensor)); }

pt_tensor pt_tensor_undefined(void) { return release(at::Tensor()); }

pt_error pt_tensor_describe(pt_tensor tensor, pt_address out) {
  return guard([&] {
    const at::Tensor& t = borrow(tensor);
    auto* slots = reinterpret_cast<int64_t*>(out);
    slots[0] = flags_of(t);
    if (!t.defined()) {
      for (int i = 1; i < 8; ++i) slots[i] = 0;
      slots[1] = static_cast<int64_t>(at::ScalarType::Undefined);
      return;
    }
    const int64_t dim = t.dim();
    TORCH_CHECK(dim <= PT_TENSOR_MAX_DIM, "a tensor of ", dim, " dimensions has more than the ",
                PT_TENSOR_MAX_DIM, " that can be described");
    slots[1] = static_cast<int64_t>(t.scalar_type());
    slots[2] = static_cast<int64_t>(t.layout());
    slots[3] = static_cast<int64_t>(t.device().type());
    slots[4] = t.device().index();
    slots[5] = dim;
    slots[6] = t.numel();
    const bool nested = t.is_nested();
    const bool strided = t.layout() == at::kStrided && !nested;
    slots[7] = strided && t.has_storage() ? t.storage_offset() : 0;
    for (int64_t i = 0; i < dim; ++i) {
      slots[8 + i] =
          nested ? at::native::get_nested_tensor_impl(t)->opt_size(i).value_or(-1) : t.size(i);
      slots[8 + dim + i] = strided ? t.stride(i) : 0;
    }
  });
}

pt_error pt_tensor_data(pt_tensor tensor, pt_address* out_address) {
  return guard([&] {
    const at::Tensor& t = borrow(tensor);
    TORCH_CHECK_TYPE(t.layout() == at::kStrided, "a tensor of layout ", t.layout(),
                     " has no single memory to look at; make it dense first with toDense()");
    *out_address = t.has_storage() ? reinterpret_cast<pt_address>(t.data_ptr()) : 0;
  });
}

pt_error pt_tensor_storage(pt_tensor tensor, pt_storage* out_storage, int64_t* out_bytes) {
  return guard([&] {
    const at::Tensor& t = borrow(tensor);
    TORCH_CHECK_TYPE(t.has_storage(), "a tensor of layout ", t.layout(), " has no storage");
    c10::Storage storage = t.storage();
    storage.unsafeGetStorageImpl()->set_resizable(false);
    *out_bytes = static_cast<int64_t>(storage.nbytes());
    *out_storage = reinterpret_cast<pt_storage>(storage.unsafeReleaseStorageImpl());
  });
}

void pt_storage_free(pt_storage storage) {
  if (storage != 0) {
    c10::intrusive_ptr<c10::StorageImpl>::reclaim(reinterpret_cast<c10::StorageImpl*>(storage))
        .reset();
  }
}

pt_error pt_tensor_storage_memory(pt_tensor tensor, pt_address* out_identity,
                                  pt_address* out_memory, int64_t* out_bytes) {
  return guard([&] {
    const at::Tensor& t = borrow(tensor);
    TORCH_CHECK_TYPE(t.has_storage(), "a tensor of layout ", t.layout(), " has no storage");
    const c10::StorageImpl* storage = t.storage().unsafeGetStorageImpl();
    *out_identity = reinterpret_cast<pt_address>(storage);
    *out_memory = reinterpret_cast<pt_address>(storage->data());
    *out_bytes = static_cast<int64_t>(storage->nbytes());
  });
}

pt_error pt_tensor_qscheme(pt_tensor tensor, int32_t* out_qscheme) {
  return guard([&] { *out_qscheme = static_cast<int32_t>(borrow(tensor).qscheme()); });
}

void pt_tensor_set_release_callback(pt_release_callback callback) { release_callback = callback; }

pt_error pt_tensor_from_memory(int64_t mode, pt_address memory, pt_address sizes,
                               pt_address strides, int32_t dim, int32_t dtype, int32_t device_type,
                               int32_t device_index, int64_t context, pt_tensor* out_tensor) {
  return guard([&] {
    apply_mode(mode);
    const at::Device device(static_cast<at::DeviceType>(device_type),
                            static_cast<at::DeviceIndex>(device_index));
    *out_tensor = release(at::from_blob(
        reinterpret_cast<void*>(memory),
        at::IntArrayRef(reinterpret_cast<const int64_t*>(sizes), dim),
        at::IntArrayRef(reinterpret_cast<const int64_t*>(strides), dim),
        [context](void*) {
          if (auto callback = release_callback.load()) callback(context);
        },
        at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)).device(device), device));
  });
}
