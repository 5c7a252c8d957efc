// zero_ of tensors of oneDNN's layout, in the place of libtorch's kernel, which writes as many
// float32 numbers as there are elements: behind the memory of every smaller dtype. A check before
// the call would not do: zeros, zeros_like and many a backward pass call it, too.
#include <ATen/ops/zero_native.h>
#include <c10/util/Exception.h>
#include <torch/library.h>

namespace {

at::Tensor& zero_float32(at::Tensor& self) {
  TORCH_CHECK_NOT_IMPLEMENTED(self.scalar_type() == at::kFloat,
                              "oneDNN's layout has zeros of float32 only, not of ",
                              self.scalar_type(), "; make the tensor dense first with toDense()");
  return at::native::mkldnn_zero_(self);
}

// libtorch warns of a kernel that is replaced.
struct Silent : c10::WarningHandler {
  void process(const c10::Warning&) override {}
};

[[maybe_unused]] const bool replaced = [] {
  Silent silent;
  const c10::WarningUtils::WarningHandlerGuard guard(&silent);
  // Never destroyed: threads may compute while the process ends.
  static auto* library = new torch::Library(torch::Library::IMPL, "aten",
                                            c10::DispatchKey::MkldnnCPU, __FILE__, __LINE__);
  library->impl("zero_", TORCH_FN(zero_float32));
  return true;
}();

}  // namespace
