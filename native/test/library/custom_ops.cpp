// A library of custom operators as users write them.
#include <ATen/ATen.h>
#include <torch/library.h>

namespace {

at::Tensor scale_add(const at::Tensor& x, const at::Tensor& y, double scale) {
  TORCH_CHECK(x.sizes() == y.sizes(), "scale_add: x is ", x.sizes(), ", but y is ", y.sizes());
  return x * scale + y;
}

}  // namespace

TORCH_LIBRARY(pantorch_test, m) {
  m.def("scale_add(Tensor x, Tensor y, *, float scale=2.0) -> Tensor", &scale_add);
}
