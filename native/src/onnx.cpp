// ONNX's checker, which libtorch carries for its own exporter.
#include <pantorch/jit.h>
#include <torch/csrc/jit/serialization/export.h>

#include <string>

#include "support.h"

pt_error pt_onnx_check(pt_address bytes, int64_t length) {
  return pantorch::guard([&] {
    torch::jit::check_onnx_proto(
        std::string(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length)));
  });
}
