#include <pantorch/package.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>

#include <algorithm>

#include "support.h"
#include "values.h"

using namespace pantorch;

namespace {

using Loader = torch::inductor::AOTIModelPackageLoader;

Loader& loader_of(pt_package package) { return *reinterpret_cast<Loader*>(package); }

// An output may be a constant of the model's, whose memory goes with the model.
bool borrows_memory(const at::Tensor& output, const std::vector<at::Tensor>& inputs) {
  if (!output.defined() || !output.has_storage()) return false;
  const c10::Storage& storage = output.storage();
  return storage.data_ptr().get_context() == nullptr && storage.nbytes() > 0 &&
         std::none_of(inputs.begin(), inputs.end(), [&](const at::Tensor& input) {
           return input.has_storage() && input.storage().is_alias_of(storage);
         });
}

pt_value numbers(at::IntArrayRef values) {
  std::vector<pt_value> items;
  for (const int64_t value : values) items.push_back(make_int(value));
  return make_list(items);
}

}  // namespace

pt_error pt_package_load(const char* folder, const char* model, int64_t runners,
                         int32_t single_threaded, int32_t device_index, pt_package* out_package) {
  return guard([&] {
    *out_package = reinterpret_cast<pt_package>(
        new Loader(folder, model, single_threaded != 0, static_cast<size_t>(runners),
                   static_cast<c10::DeviceIndex>(device_index)));
  });
}

void pt_package_free(pt_package package) {
  if (package != 0) delete reinterpret_cast<Loader*>(package);
}

pt_error pt_package_describe(pt_package package, pt_address out_description) {
  return guard([&] {
    Loader& loader = loader_of(package);
    std::vector<pt_value> structures;
    for (const std::string& structure : loader.get_call_spec()) {
      structures.push_back(make_string(structure));
    }
    std::vector<pt_value> names;
    for (const std::string& name : loader.get_constant_fqns()) names.push_back(make_string(name));
    std::vector<pt_value> constants;
    for (const auto& [name, constant] : loader.get_runner()->extract_constants_map(false)) {
      constants.push_back(
          make_list({make_string(name), make_int(static_cast<int64_t>(constant.scalar_type())),
                     numbers(constant.sizes()), numbers(constant.strides())}));
    }
    *reinterpret_cast<pt_value*>(out_description) =
        make_list({make_list(structures), make_list(names), make_list(constants)});
  });
}

pt_error pt_package_run(int64_t mode, pt_package package, pt_address inputs, int32_t count,
                        pt_address out_outputs) {
  return guard([&] {
    apply_mode(mode);
    const std::vector<at::Tensor> tensors = borrow_all(inputs, count);
    std::vector<at::Tensor> results = loader_of(package).run(tensors);
    for (at::Tensor& result : results) {
      if (borrows_memory(result, tensors)) result = result.clone();
    }
    std::vector<pt_value> outputs;
    for (at::Tensor& result : results) {
      outputs.push_back(result.defined() ? pt_value{PT_VALUE_TENSOR, release(std::move(result)), 0}
                                         : make_none());
    }
    *reinterpret_cast<pt_value*>(out_outputs) = make_list(outputs);
  });
}

pt_error pt_package_load_constants(pt_package package, const pt_address* names, pt_address tensors,
                                   int32_t count, int32_t complete) {
  return guard([&] {
    const std::vector<at::Tensor> values = borrow_all(tensors, count);
    std::unordered_map<std::string, at::Tensor> constants;
    for (int32_t i = 0; i < count; ++i) {
      constants.emplace(reinterpret_cast<const char*>(names[i]), values[i]);
    }
    loader_of(package).load_constants(constants, /*use_inactive=*/false, complete != 0);
  });
}
