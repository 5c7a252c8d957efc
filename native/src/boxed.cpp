// Operators by name through the boxed dispatcher: tagged values in, tagged values out.
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <pantorch/op.h>

#include <bit>
#include <sstream>

#include "argument_checks.h"
#include "support.h"

using namespace pantorch;

namespace {

using c10::IValue;
using c10::TypeKind;
using c10::TypePtr;

IValue to_ivalue(const pt_value& value, const TypePtr& expected);

const pt_value* children(const pt_value& value) {
  return reinterpret_cast<const pt_value*>(value.a);
}

// What a list's elements are when the schema does not say: the type of the first one.
TypePtr element_type(const pt_value& list) {
  if (list.b == 0) return c10::AnyType::get();
  switch (children(list)[0].kind) {
    case PT_VALUE_TENSOR:
      return c10::TensorType::get();
    case PT_VALUE_INT:
      return c10::IntType::get();
    case PT_VALUE_DOUBLE:
      return c10::FloatType::get();
    case PT_VALUE_BOOL:
      return c10::BoolType::get();
    case PT_VALUE_STRING:
      return c10::StringType::get();
    default:
      return c10::AnyType::get();
  }
}

IValue to_list(const pt_value& value, const TypePtr& elements) {
  c10::impl::GenericList list(elements);
  list.reserve(value.b);
  for (int64_t i = 0; i < value.b; ++i) list.push_back(to_ivalue(children(value)[i], elements));
  return list;
}

IValue to_dict(const pt_value& value, const TypePtr& keys, const TypePtr& values) {
  c10::impl::GenericDict dict(keys, values);
  for (int64_t i = 0; i + 1 < value.b; i += 2) {
    dict.insert(to_ivalue(children(value)[i], keys), to_ivalue(children(value)[i + 1], values));
  }
  return dict;
}

IValue to_tuple(const pt_value& value, const TypePtr& expected) {
  const auto tuple = expected->cast<c10::TupleType>();
  std::vector<IValue> parts;
  for (int64_t i = 0; i < value.b; ++i) {
    const bool known = tuple && i < static_cast<int64_t>(tuple->elements().size());
    parts.push_back(
        to_ivalue(children(value)[i], known ? tuple->elements()[i] : c10::AnyType::get()));
  }
  return c10::ivalue::Tuple::create(std::move(parts));
}

// Follows the schema where the same value can mean several things; what does not fit is passed as
// it is, and the schema check words the error.
IValue to_ivalue(const pt_value& value, const TypePtr& expected) {
  if (value.kind == PT_VALUE_NONE) return {};
  if (const auto optional = expected->cast<c10::OptionalType>()) {
    return to_ivalue(value, optional->getElementType());
  }
  switch (value.kind) {
    case PT_VALUE_TENSOR:
      return borrow(value.a);
    case PT_VALUE_INT:
      if (expected->kind() == TypeKind::FloatType) return static_cast<double>(value.a);
      return value.a;
    case PT_VALUE_DOUBLE:
      return std::bit_cast<double>(value.a);
    case PT_VALUE_BOOL:
      return value.a != 0;
    case PT_VALUE_COMPLEX:
      return c10::complex<double>(std::bit_cast<double>(value.a), std::bit_cast<double>(value.b));
    case PT_VALUE_STRING:
      return std::string(reinterpret_cast<const char*>(value.a), value.b);
    case PT_VALUE_DEVICE:
      return at::Device(static_cast<at::DeviceType>(value.a),
                        static_cast<at::DeviceIndex>(value.b));
    case PT_VALUE_GENERATOR:
      return borrow_generator(value.a);
    case PT_VALUE_LIST:
      if (const auto list = expected->cast<c10::ListType>()) {
        return to_list(value, list->getElementType());
      }
      return to_list(value, element_type(value));
    case PT_VALUE_TUPLE:
      return to_tuple(value, expected);
    case PT_VALUE_DICT:
      if (const auto dict = expected->cast<c10::DictType>()) {
        return to_dict(value, dict->getKeyType(), dict->getValueType());
      }
      return to_dict(value, c10::AnyType::get(), c10::AnyType::get());
    default:
      TORCH_CHECK_TYPE(false, "a value of kind ", value.kind, " cannot be passed to an operator");
  }
}

pt_value from_ivalue(const IValue& value);

template <class Range>
pt_value from_children(int64_t kind, const Range& range, size_t count) {
  auto* out = static_cast<pt_value*>(allocate(count * sizeof(pt_value)));
  size_t i = 0;
  for (const IValue& child : range) out[i++] = from_ivalue(child);
  return {kind, reinterpret_cast<pt_address>(out), static_cast<int64_t>(count)};
}

pt_value from_ivalue(const IValue& value) {
  if (value.isNone()) return {PT_VALUE_NONE, 0, 0};
  if (value.isTensor()) return {PT_VALUE_TENSOR, release(value.toTensor()), 0};
  if (value.isInt()) return {PT_VALUE_INT, value.toInt(), 0};
  if (value.isDouble()) return {PT_VALUE_DOUBLE, std::bit_cast<int64_t>(value.toDouble()), 0};
  if (value.isBool()) return {PT_VALUE_BOOL, value.toBool() ? 1 : 0, 0};
  if (value.isComplexDouble()) {
    const auto number = value.toComplexDouble();
    return {PT_VALUE_COMPLEX, std::bit_cast<int64_t>(number.real()),
            std::bit_cast<int64_t>(number.imag())};
  }
  if (value.isSymInt()) return {PT_VALUE_INT, value.toSymInt().guard_int(__FILE__, __LINE__), 0};
  if (value.isString()) {
    const std::string& text = value.toStringRef();
    return {PT_VALUE_STRING, copy_text(text), static_cast<int64_t>(text.size())};
  }
  if (value.isDevice()) {
    return {PT_VALUE_DEVICE, static_cast<int64_t>(value.toDevice().type()),
            value.toDevice().index()};
  }
  if (value.isList()) {
    // GenericList's iterator yields proxies; the vector is what can be walked.
    const auto items = value.toListRef().vec();
    return from_children(PT_VALUE_LIST, items, items.size());
  }
  if (value.isTuple()) {
    const auto& elements = value.toTupleRef().elements();
    return from_children(PT_VALUE_TUPLE, elements, elements.size());
  }
  if (value.isGenericDict()) {
    std::vector<IValue> entries;
    for (const auto& entry : value.toGenericDict()) {
      entries.push_back(entry.key());
      entries.push_back(entry.value());
    }
    return from_children(PT_VALUE_DICT, entries, entries.size());
  }
  const std::string type = value.type()->repr_str();
  return {PT_VALUE_OTHER, copy_text(type), static_cast<int64_t>(type.size())};
}

void free_value(const pt_value& value) {
  switch (value.kind) {
    case PT_VALUE_TENSOR:
      c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(
          reinterpret_cast<at::TensorImpl*>(value.a))
          .reset();
      break;
    case PT_VALUE_LIST:
    case PT_VALUE_TUPLE:
    case PT_VALUE_DICT:
      for (int64_t i = 0; i < value.b; ++i) free_value(children(value)[i]);
      [[fallthrough]];
    case PT_VALUE_STRING:
    case PT_VALUE_OTHER:
      std::free(reinterpret_cast<void*>(value.a));
      break;
    default:
      break;
  }
}

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

[[noreturn]] void throw_unknown(const std::string& name, const char* overload) {
  const std::string qualified = *overload == '\0' ? name : name + "." + overload;
  std::ostringstream message;
  message << "no operator is called '" << qualified << "' in this libtorch";
  const auto schemas = schemas_of(name);
  if (!schemas.empty()) {
    message << "; '" << name << "' has the overloads";
    const char* separator = " ";
    for (const auto* schema : schemas) {
      const std::string& other = schema->overload_name();
      message << separator << "'" << (other.empty() ? name : name + "." + other) << "'";
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
    operators::check_arguments(
        *overload == '\0' ? std::string(name) : std::string(name) + "." + overload, stack);
    handle->callBoxed(stack);
    const pt_value results = from_children(PT_VALUE_TUPLE, stack, stack.size());
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

void pt_values_free(pt_address values, int32_t count) {
  const auto* first = reinterpret_cast<const pt_value*>(values);
  for (int32_t i = 0; i < count; ++i) free_value(first[i]);
  std::free(reinterpret_cast<void*>(values));
}
