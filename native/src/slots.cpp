#include "slots.h"

#include <pantorch/op.h>

namespace {

constexpr size_t kLightBytes = 1024;

// Memory without an allocator was lent, and somebody may wait for it.
bool is_light(at::TensorImpl& tensor) {
  if (tensor.autograd_meta() != nullptr || !tensor.has_storage()) return false;
  c10::StorageImpl* storage = tensor.unsafe_storage().unsafeGetStorageImpl();
  return storage != nullptr && storage->device_type() == c10::DeviceType::CPU &&
         storage->allocator() != nullptr && storage->nbytes() <= kLightBytes;
}

}  // namespace

int64_t pantorch::operators::result_handle(at::Tensor value) {
  at::TensorImpl* impl = value.unsafeReleaseTensorImpl();
  return reinterpret_cast<int64_t>(impl) | (is_light(*impl) ? PT_RESULT_LIGHT : 0);
}
