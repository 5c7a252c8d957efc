// Script modules: made, loaded, saved, called, changed.
#include <ATen/core/grad_mode.h>
#include <caffe2/serialize/read_adapter_interface.h>
#include <pantorch/jit.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/serialization/export.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/csrc/jit/serialization/python_print.h>

#include <sstream>

#include "support.h"
#include "values.h"

using namespace pantorch;

namespace jit = torch::jit;

namespace {

jit::Module module_of(pt_object object) { return jit::Module(borrow_object(object).toObject()); }

pt_object release_module(const jit::Module& module) { return release_object(module._ivalue()); }

void write(pt_address out, const pt_value& value) { *reinterpret_cast<pt_value*>(out) = value; }

std::string name_at(const pt_address* names, int64_t index) {
  return reinterpret_cast<const char*>(names[index]);
}

std::vector<std::string> all_names(const pt_address* names, int32_t count) {
  std::vector<std::string> all;
  for (int32_t i = 0; i < count; ++i) all.push_back(name_at(names, i));
  return all;
}

// Reads from the caller's memory, which stays while a module is loaded.
class MemoryReader : public caffe2::serialize::ReadAdapterInterface {
 public:
  MemoryReader(pt_address bytes, int64_t length)
      : bytes_(reinterpret_cast<const char*>(bytes)), length_(length) {}

  size_t size() const override { return length_; }

  size_t read(uint64_t position, void* buffer, size_t count, const char*) const override {
    if (position >= length_) return 0;
    const size_t read = std::min<size_t>(count, length_ - position);
    std::memcpy(buffer, bytes_ + position, read);
    return read;
  }

 private:
  const char* bytes_;
  size_t length_;
};

template <class Source>
jit::Module load(Source&& source, const pt_module_source& from) {
  std::optional<at::Device> device;
  if (from.device_type >= 0) {
    device.emplace(static_cast<at::DeviceType>(from.device_type),
                   static_cast<at::DeviceIndex>(from.device_index));
  }
  const auto* extra = reinterpret_cast<const pt_address*>(from.extra);
  // A file that is not there leaves its text as it was, and a text cannot say that.
  static const std::string absent("\0absent", 7);
  jit::ExtraFilesMap files;
  for (int64_t i = 0; i < from.extra_count; ++i) files[name_at(extra, i)] = absent;
  jit::Module module = jit::load(std::forward<Source>(source), device, files);
  std::vector<pt_value> contents;
  for (int64_t i = 0; i < from.extra_count; ++i) {
    const std::string& content = files[name_at(extra, i)];
    contents.push_back(content == absent ? make_none() : make_string(content));
  }
  write(from.out_extra, make_list(contents));
  return module;
}

bool assigns(const jit::Graph& graph);

bool assigns(const jit::Block& block) {
  for (const jit::Node* node : block.nodes()) {
    if (node->kind() == c10::prim::SetAttr) return true;
    for (const jit::Block* inner : node->blocks()) {
      if (assigns(*inner)) return true;
    }
    // Of what is forked.
    if (node->hasAttribute(c10::attr::Subgraph) && assigns(*node->g(c10::attr::Subgraph))) {
      return true;
    }
  }
  return false;
}

bool assigns(const jit::Graph& graph) { return assigns(*graph.block()); }

pt_value member(const std::string& name, int64_t role, const c10::TypePtr& type) {
  return make_list({make_string(name), make_int(role), make_bool(type->is_module()),
                    make_string(type->annotation_str())});
}

}  // namespace

pt_error pt_module_create(const char* name, pt_object sibling, pt_object* out_module) {
  return guard([&] {
    auto unit = sibling == 0 ? std::make_shared<jit::CompilationUnit>()
                             : module_of(sibling)._ivalue()->compilation_unit();
    *out_module =
        release_module(jit::Module(c10::QualifiedName(name), unit, /*shouldMangle=*/true));
  });
}

pt_error pt_module_register(pt_object module, const char* name, int32_t role,
                            const pt_value* value) {
  return guard([&] {
    jit::Module self = module_of(module);
    const c10::IValue content = to_ivalue(*value, c10::AnyType::get());
    if (role != PT_MEMBER_ATTRIBUTE) {
      self.register_parameter(name, content.toTensor(), role == PT_MEMBER_BUFFER);
    } else if (content.isModule()) {
      self.register_module(name, jit::Module(content.toObject()));
    } else {
      self.register_attribute(name, c10::unshapedType(content.type()), content);
    }
  });
}

pt_error pt_module_load(pt_address source, pt_address out_module) {
  return guard([&] {
    const auto& from = *reinterpret_cast<const pt_module_source*>(source);
    const jit::Module module =
        from.path != 0 ? load(std::string(reinterpret_cast<const char*>(from.path)), from)
                       : load(std::shared_ptr<caffe2::serialize::ReadAdapterInterface>(
                                  std::make_shared<MemoryReader>(from.bytes, from.length)),
                              from);
    *reinterpret_cast<pt_object*>(out_module) = release_module(module);
  });
}

pt_error pt_module_save(pt_object module, const pt_value* extra, int32_t extra_count,
                        pt_address* out_bytes, int64_t* out_length) {
  return guard([&] {
    jit::ExtraFilesMap files;
    for (int32_t i = 0; i + 1 < extra_count; i += 2) {
      files[to_ivalue(extra[i], c10::StringType::get()).toStringRef()] =
          to_ivalue(extra[i + 1], c10::StringType::get()).toStringRef();
    }
    std::ostringstream out;
    module_of(module).save(out, files);
    const std::string_view bytes = out.view();
    void* copy = allocate(bytes.size());
    std::memcpy(copy, bytes.data(), bytes.size());
    *out_bytes = reinterpret_cast<pt_address>(copy);
    *out_length = static_cast<int64_t>(bytes.size());
  });
}

pt_error pt_object_members(pt_object object, pt_address out_members) {
  return guard([&] {
    const auto type = borrow_object(object).toObjectRef().type();
    std::vector<pt_value> members;
    for (size_t i = 0; i < type->numAttributes(); ++i) {
      const int64_t role = type->is_parameter(i) ? PT_MEMBER_PARAMETER
                           : type->is_buffer(i)  ? PT_MEMBER_BUFFER
                                                 : PT_MEMBER_ATTRIBUTE;
      members.push_back(member(type->getAttributeName(i), role, type->getAttribute(i)));
    }
    for (size_t i = 0; i < type->numConstants(); ++i) {
      members.push_back(
          member(type->getConstantName(i), PT_MEMBER_ATTRIBUTE, type->getConstant(i).type()));
    }
    std::vector<pt_value> methods;
    for (const jit::Function* method : type->methods()) {
      std::ostringstream schema;
      schema << method->getSchema();
      methods.push_back(make_list({make_string(method->name()), make_string(schema.str())}));
    }
    write(out_members, make_list({make_list(members), make_list(methods)}));
  });
}

pt_error pt_object_attribute(pt_object object, pt_address name, pt_address out_value) {
  return guard([&] {
    const jit::Object self(borrow_object(object).toObject());
    write(out_value, from_ivalue(self.attr(reinterpret_cast<const char*>(name))));
  });
}

pt_error pt_object_set_attribute(pt_object object, const char* name, const pt_value* value) {
  return guard([&] {
    jit::Object self(borrow_object(object).toObject());
    const auto slot = self.type()->findAttributeSlot(name);
    const c10::TypePtr expected =
        slot ? self.type()->getAttribute(*slot) : c10::TypePtr(c10::AnyType::get());
    self.setattr(name, to_ivalue(*value, expected));
  });
}

pt_error pt_object_call(pt_object object, pt_address call) {
  return guard([&] {
    const auto& is = *reinterpret_cast<const pt_method_call*>(call);
    const auto* arguments = reinterpret_cast<const pt_value*>(is.arguments);
    apply_mode(is.mode);
    const jit::Method function = jit::Object(borrow_object(object).toObject())
                                     .get_method(reinterpret_cast<const char*>(is.method));
    const c10::FunctionSchema& schema = function.function().getSchema();
    // The first argument of the schema is the object itself.
    const auto type_of = [&](size_t index) {
      return index < schema.arguments().size() ? schema.arguments()[index].type()
                                               : c10::TypePtr(c10::AnyType::get());
    };
    std::vector<c10::IValue> positional;
    const int64_t unnamed = is.count - is.named;
    for (int64_t i = 0; i < unnamed; ++i) {
      positional.push_back(to_ivalue(arguments[i], type_of(i + 1)));
    }
    torch::jit::Kwargs keywords;
    for (int64_t i = 0; i < is.named; ++i) {
      const std::string name = name_at(reinterpret_cast<const pt_address*>(is.names), i);
      const auto index = schema.argumentIndexWithName(name);
      keywords[name] = to_ivalue(arguments[unnamed + i], type_of(index.value_or(-1)));
    }
    write(is.out_value, from_ivalue(function(std::move(positional), keywords)));
  });
}

pt_error pt_module_assigns(pt_object module, pt_address out_assigns) {
  return guard([&] {
    bool found = false;
    for (const jit::Method& method : module_of(module).get_methods()) {
      found = found || assigns(*method.graph());
    }
    *reinterpret_cast<int64_t*>(out_assigns) = found ? 1 : 0;
  });
}

pt_error pt_module_copy(pt_object module, pt_object* out_module) {
  return guard([&] {
    // Copies of parameters are leaves again.
    const at::NoGradGuard no_grad;
    const jit::Module original = module_of(module);
    const jit::Module copy = original.deepcopy();
    const auto copies = copy.parameters();
    auto each = copies.begin();
    for (const at::Tensor& parameter : original.parameters()) {
      (*each).set_requires_grad(parameter.requires_grad());
      ++each;
    }
    *out_module = release_module(copy);
  });
}

pt_error pt_module_freeze(pt_object module, const pt_address* preserved, int32_t count,
                          int32_t optimize, pt_object* out_module) {
  return guard([&] {
    *out_module =
        release_module(jit::freeze(module_of(module), all_names(preserved, count), optimize != 0));
  });
}

pt_error pt_module_optimize(pt_object module, const pt_address* methods, int32_t count,
                            pt_object* out_module) {
  return guard([&] {
    jit::Module self = module_of(module);
    *out_module = release_module(jit::optimize_for_inference(self, all_names(methods, count)));
  });
}

pt_error pt_module_code(pt_object module, const char* method, pt_address* out_text) {
  return guard([&] {
    const jit::Method function = module_of(module).get_method(method);
    std::vector<at::IValue> constants;
    jit::PrintDepsTable dependencies;
    jit::PythonPrint printer(constants, dependencies);
    printer.printMethod(function.function());
    *out_text = copy_text(printer.str());
  });
}

pt_error pt_module_graph(pt_object module, const char* method, int32_t inlined,
                         pt_graph* out_graph) {
  return guard([&] {
    auto graph = module_of(module).get_method(method).graph();
    if (inlined != 0) {
      graph = graph->copy();
      jit::Inline(*graph);
    }
    *out_graph = reinterpret_cast<pt_graph>(new std::shared_ptr<jit::Graph>(std::move(graph)));
  });
}
