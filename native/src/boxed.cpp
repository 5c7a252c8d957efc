// Operators by name through the boxed dispatcher: tagged values in, tagged values out.
#include <ATen/DynamicLibrary.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <pantorch/op.h>

#include <sstream>

#include "boxed_checks.h"
#include "hidden_writes.h"
#include "support.h"
#include "values.h"

using namespace pantorch;

namespace {

using c10::IValue;
using c10::TypePtr;

std::vector<const c10::FunctionSchema*> schemas_of(const std::string& name) {
  std::vector<const c10::FunctionSchema*> schemas;
  auto& dispatcher = c10::Dispatcher::singleton();
  for (const c10::OperatorName& candidate : dispatcher.getAllOpNames()) {
    if (candidate.name != name) continue;
    const auto handle = dispatcher.findSchema(candidate);
    if (handle) schemas.push_back(&handle->schema());
  }
  return schemas;
}

std::string qualified(const std::string& name, const std::string& overload) {
  return overload.empty() ? name : name + "." + overload;
}

// The schema takes any whole number for an enumerator of c10; libtorch indexes tables with it.
void check_enumerators(const c10::FunctionSchema& schema, const std::vector<IValue>& stack) {
  for (size_t i = 0; i < stack.size(); ++i) {
    if (!stack[i].isInt()) continue;
    const TypePtr& type = schema.arguments()[i].real_type();
    const auto optional = type->cast<c10::OptionalType>();
    int64_t end = 0;
    switch ((optional ? optional->getElementType() : type)->kind()) {
      case c10::TypeKind::ScalarTypeType:
        end = static_cast<int64_t>(at::ScalarType::NumOptions);
        break;
      case c10::TypeKind::LayoutType:
        end = static_cast<int64_t>(at::Layout::NumOptions);
        break;
      case c10::TypeKind::MemoryFormatType:
        end = static_cast<int64_t>(at::MemoryFormat::NumOptions);
        break;
      default:
        continue;
    }
    const int64_t value = stack[i].toInt();
    TORCH_CHECK_VALUE(value >= 0 && value < end, "no such dtype, layout or memory format: ", value);
  }
}

[[noreturn]] void throw_unknown(const std::string& name, const char* overload) {
  std::ostringstream message;
  message << "no operator is called '" << qualified(name, overload) << "' in this libtorch";
  const auto schemas = schemas_of(name);
  if (!schemas.empty()) {
    message << "; '" << name << "' has the overloads";
    const char* separator = " ";
    for (const auto* schema : schemas) {
      message << separator << "'" << qualified(name, schema->overload_name()) << "'";
      separator = ", ";
    }
  }
  throw UnknownOperator(message.str());
}

}  // namespace

pt_error pt_op_call_boxed(int64_t mode, const char* name, const char* overload,
                          const pt_value* arguments, int32_t count, const pt_address* names,
                          int32_t named, pt_address* out_results, int32_t* out_count) {
  return guard([&] {
    apply_mode(mode);
    const auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
    if (!handle) throw_unknown(name, overload);
    const c10::FunctionSchema& schema = handle->schema();
    const int32_t positional = count - named;
    std::vector<IValue> stack;
    for (int32_t i = 0; i < positional; ++i) {
      const bool known = i < static_cast<int32_t>(schema.arguments().size());
      stack.push_back(to_ivalue(
          arguments[i], known ? schema.arguments()[i].type() : TypePtr(c10::AnyType::get())));
    }
    std::unordered_map<std::string, IValue> keywords;
    for (int32_t i = 0; i < named; ++i) {
      const std::string keyword(reinterpret_cast<const char*>(names[i]));
      const auto index = schema.argumentIndexWithName(keyword);
      keywords[keyword] =
          to_ivalue(arguments[positional + i],
                    index ? schema.arguments()[*index].type() : TypePtr(c10::AnyType::get()));
    }
    schema.checkAndNormalizeInputs(stack, keywords);
    check_enumerators(schema, stack);
    const std::string full_name = qualified(name, overload);
    operators::check_arguments(full_name, stack);
    std::optional<HiddenWrite> written;
    if (operators::writes_uncounted(full_name)) written.emplace();
    handle->callBoxed(stack);
    const pt_value results = from_ivalues(stack);
    *out_results = results.a;
    *out_count = static_cast<int32_t>(results.b);
  });
}

pt_error pt_op_schemas(const char* name, pt_address* out_text) {
  return guard([&] {
    std::ostringstream text;
    for (const auto* schema : schemas_of(name)) text << *schema << '\n';
    *out_text = copy_text(text.str());
  });
}

pt_error pt_op_load_library(const char* path) {
  return guard([&] { at::DynamicLibrary(path, /*alt_name=*/nullptr, /*leak_handle=*/true); });
}
