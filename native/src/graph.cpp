// Graphs of TorchScript as values that the other side can read.
#include <torch/csrc/jit/ir/ir.h>

#include <sstream>

#include "recording.h"
#include "support.h"
#include "values.h"

using namespace pantorch;

namespace jit = torch::jit;

namespace {

const std::shared_ptr<jit::Graph>& graph_of(pt_graph graph) {
  return *reinterpret_cast<const std::shared_ptr<jit::Graph>*>(graph);
}

template <class Sizes>
pt_value read_sizes(const Sizes& sizes) {
  const auto known = sizes.concrete_sizes();
  if (known) {
    std::vector<pt_value> items;
    for (const int64_t size : *known) items.push_back(make_int(size));
    return make_list(items);
  }
  if (!sizes.size()) return make_none();
  std::vector<pt_value> items;
  for (size_t i = 0; i < *sizes.size(); ++i) {
    items.push_back(sizes[i] ? make_int(*sizes[i]) : make_none());
  }
  return make_list(items);
}

pt_value read_type(const c10::TypePtr& type) {
  std::vector<pt_value> parts{make_string(type->str()),
                              make_string(c10::typeKindToString(type->kind()))};
  const auto tensor = type->cast<c10::TensorType>();
  if (tensor) {
    parts.push_back(tensor->scalarType() ? make_int(static_cast<int64_t>(*tensor->scalarType()))
                                         : make_none());
    parts.push_back(read_sizes(tensor->sizes()));
    parts.push_back(read_sizes(tensor->strides()));
    parts.push_back(tensor->device() ? from_ivalue(*tensor->device()) : make_none());
    parts.push_back(tensor->requiresGrad() ? make_bool(*tensor->requiresGrad()) : make_none());
  }
  return make_list(parts);
}

class GraphReader {
 public:
  pt_value read(const jit::Block& block) {
    std::vector<pt_value> inputs;
    for (const jit::Value* input : block.inputs()) inputs.push_back(read_value(*input));
    std::vector<pt_value> nodes;
    for (const jit::Node* node : block.nodes()) nodes.push_back(read_node(*node));
    std::vector<pt_value> outputs;
    for (const jit::Value* output : block.outputs()) outputs.push_back(make_int(id(*output)));
    return make_list({make_list(inputs), make_list(nodes), make_list(outputs)});
  }

 private:
  static int64_t id(const jit::Value& value) { return static_cast<int64_t>(value.unique()); }

  static pt_value read_value(const jit::Value& value) {
    return make_list(
        {make_int(id(value)), make_string(value.debugName()), read_type(value.type())});
  }

  pt_value read_node(const jit::Node& node) {
    std::vector<pt_value> inputs;
    for (const jit::Value* input : node.inputs()) inputs.push_back(make_int(id(*input)));
    std::vector<pt_value> outputs;
    for (const jit::Value* output : node.outputs()) outputs.push_back(read_value(*output));
    std::vector<pt_value> attributes;
    for (const c10::Symbol name : node.attributeNames()) {
      attributes.push_back(make_string(name.toUnqualString()));
      attributes.push_back(make_string(jit::toString(node.kindOf(name))));
      attributes.push_back(read_attribute(node, name));
    }
    std::vector<pt_value> blocks;
    for (const jit::Block* block : node.blocks()) blocks.push_back(read(*block));
    return make_list({make_string(node.kind().toQualString()), make_string(node.scopeName()),
                      read_source(node.sourceRange()), make_list(inputs), make_list(outputs),
                      make_list(attributes), make_list(blocks),
                      make_bool(node.isNondeterministic())});
  }

  template <class Items, class Make>
  static pt_value list_of(const Items& items, Make make) {
    std::vector<pt_value> made;
    for (const auto& item : items) made.push_back(make(item));
    return make_list(made);
  }

  pt_value read_attribute(const jit::Node& node, c10::Symbol name) {
    const auto from = [](const auto& item) { return from_ivalue(c10::IValue(item)); };
    const auto graph = [this](const std::shared_ptr<jit::Graph>& inner) {
      return GraphReader().read(*inner->block());
    };
    switch (node.kindOf(name)) {
      case jit::AttributeKind::f:
        return from(node.f(name));
      case jit::AttributeKind::fs:
        return list_of(node.fs(name), from);
      case jit::AttributeKind::c:
        return from(node.c(name));
      case jit::AttributeKind::cs:
        return list_of(node.cs(name), from);
      case jit::AttributeKind::i:
        return make_int(node.i(name));
      case jit::AttributeKind::is:
        return list_of(node.is(name), make_int);
      case jit::AttributeKind::s:
        return make_string(node.s(name));
      case jit::AttributeKind::ss:
        return list_of(node.ss(name), make_string);
      case jit::AttributeKind::t:
        return from(node.t(name));
      case jit::AttributeKind::ts:
        return list_of(node.ts(name), from);
      case jit::AttributeKind::g:
        return graph(node.g(name));
      case jit::AttributeKind::gs:
        return list_of(node.gs(name), graph);
      case jit::AttributeKind::ty:
        return read_type(node.ty(name));
      case jit::AttributeKind::tys:
        return list_of(node.tys(name), read_type);
      case jit::AttributeKind::ival:
        return from_ivalue(node.ival(name));
    }
    TORCH_INTERNAL_ASSERT(false, "unknown kind of attribute");
  }
};

}  // namespace

void pt_graph_free(pt_graph graph) {
  if (graph != 0) delete reinterpret_cast<std::shared_ptr<jit::Graph>*>(graph);
}

pt_error pt_graph_text(pt_graph graph, pt_address* out_text) {
  return guard([&] { *out_text = copy_text(graph_of(graph)->toString()); });
}

pt_error pt_graph_read(pt_graph graph, pt_address out_value) {
  return guard([&] {
    *reinterpret_cast<pt_value*>(out_value) = GraphReader().read(*graph_of(graph)->block());
  });
}
