#include "recording.h"

#include <ATen/ops/allclose.h>
#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>
#include <sstream>

#include "values.h"

namespace pantorch {

namespace jit = torch::jit;

namespace {

void read_block(const jit::Block& block, Recording& recording, std::vector<jit::Node*>* nodes,
                std::unordered_map<const jit::Value*, int64_t>& numbers) {
  const auto number = [&](const jit::Value* value) {
    return numbers.emplace(value, static_cast<int64_t>(numbers.size())).first->second;
  };
  for (const jit::Value* input : block.inputs()) number(input);
  for (const jit::Node* node : block.nodes()) {
    Step step;
    step.kind = node->kind().toQualString();
    if (node->kind() == c10::prim::Constant) step.constant = jit::toIValue(node->output());
    for (const auto name : {c10::attr::scope, c10::attr::name}) {
      if (node->hasAttribute(name) && node->kindOf(name) == jit::AttributeKind::s) {
        step.detail = node->s(name);
      }
    }
    for (const jit::Value* input : node->inputs()) step.inputs.push_back(number(input));
    for (const jit::Value* output : node->outputs()) step.outputs.push_back(number(output));
    step.source = node->sourceRange();
    recording.steps.push_back(std::move(step));
    if (nodes != nullptr) nodes->push_back(const_cast<jit::Node*>(node));
    for (const jit::Block* inner : node->blocks()) read_block(*inner, recording, nodes, numbers);
  }
}

// The first step that is another operator, or the number of steps.
size_t first_divergence(const Recording& a, const Recording& b) {
  const size_t common = std::min(a.steps.size(), b.steps.size());
  for (size_t i = 0; i < common; ++i) {
    const Step& left = a.steps[i];
    const Step& right = b.steps[i];
    if (left.kind != right.kind || left.detail != right.detail || left.inputs != right.inputs ||
        left.outputs.size() != right.outputs.size()) {
      return i;
    }
  }
  return common;
}

bool same_structure(const Recording& a, const Recording& b) {
  return a.steps.size() == b.steps.size() && first_divergence(a, b) == a.steps.size();
}

bool is_int(const Step& step) { return step.constant && step.constant->isInt(); }

bool same_tensor(const at::Tensor& a, const at::Tensor& b) {
  if (a.defined() != b.defined()) return false;
  if (!a.defined()) return true;
  if (a.sizes() != b.sizes() || a.scalar_type() != b.scalar_type() || a.layout() != b.layout()) {
    return false;
  }
  if (a.is_quantized()) return at::allclose(a.dequantize(), b.dequantize());
  if (a.layout() != at::kStrided) return at::allclose(a.to_dense(), b.to_dense());
  // The tolerances of torch.testing.assert_close for float32.
  return at::isFloatingType(a.scalar_type()) || at::isComplexType(a.scalar_type())
             ? at::allclose(a, b, 1.3e-6, 1e-5, /*equal_nan=*/true)
             : a.equal(b);
}

bool same_constant(const c10::IValue& a, const c10::IValue& b) {
  if (a.tagKind() != b.tagKind()) return false;
  if (a.isTensor()) return same_tensor(a.toTensor(), b.toTensor());
  if (a.isDouble()) {
    return a.toDouble() == b.toDouble() ||
           (a.toDouble() != a.toDouble() && b.toDouble() != b.toDouble());
  }
  if (a.isObject() || a.isGenerator()) return true;
  return a == b;
}

// The integers of one step in all runs, and what they say.
class Fit {
 public:
  Fit(const SizeRuns& runs, const std::vector<bool>& usable) : runs_(runs), usable_(usable) {}

  // Nothing if no size explains the numbers.
  std::optional<Formula> of(const Recording& base, size_t step) const {
    const auto& symbols = runs_.symbols;
    const auto n = static_cast<int64_t>(symbols.size());
    const int64_t value = base.steps[step].constant->toInt();
    std::vector<int64_t> change(n, 0);
    for (int64_t i = 0; i < n; ++i) {
      if (usable_[i]) change[i] = integer(*runs_.runs[i], step) - value;
    }
    Formula formula;
    std::vector<int64_t> linear = change;
    int64_t constant = value;
    int64_t pair = n;
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = i + 1; j < n; ++j, ++pair) {
        if (change[i] == 0 || change[j] == 0) continue;
        const Recording* both = runs_.runs[pair];
        if (both == nullptr || !same_structure(base, *both)) return std::nullopt;
        const int64_t mixed = integer(*both, step) - value - change[i] - change[j];
        if (mixed == 0) continue;
        formula.terms.push_back({mixed, i, j});
        linear[i] -= mixed * symbols[j].size;
        linear[j] -= mixed * symbols[i].size;
        constant -= mixed * symbols[i].size * symbols[j].size;
      }
    }
    for (int64_t i = 0; i < n; ++i) {
      if (linear[i] == 0) continue;
      formula.terms.push_back({linear[i], i, -1});
      constant -= linear[i] * symbols[i].size;
    }
    if (constant != 0) formula.terms.push_back({constant, -1, -1});
    return confirmed(formula, base, step) ? std::optional(formula) : std::nullopt;
  }

 private:
  static int64_t integer(const Recording& recording, size_t step) {
    return recording.steps[step].constant->toInt();
  }

  bool confirmed(const Formula& formula, const Recording& base, size_t step) const {
    if (runs_.check == nullptr || !same_structure(base, *runs_.check)) return true;
    return formula.at(runs_.check_sizes) == integer(*runs_.check, step);
  }

  const SizeRuns& runs_;
  const std::vector<bool>& usable_;
};

// Nodes that compute numbers from the sizes of the inputs.
class Emitter {
 public:
  Emitter(jit::Graph& graph, jit::Node* after, const std::vector<jit::Value*>& inputs,
          const std::vector<Symbol>& symbols)
      : graph_(graph), last_(after), inputs_(inputs), symbols_(symbols), sizes_(symbols.size()) {}

  jit::Value* of(const Formula& formula) {
    jit::Value* sum = nullptr;
    for (const Formula::Term& term : formula.terms) {
      jit::Value* product = nullptr;
      if (term.first >= 0) product = size(term.first);
      if (term.second >= 0) product = call(c10::aten::mul, product, size(term.second));
      if (product == nullptr) {
        product = number(term.factor);
      } else if (term.factor != 1) {
        product = call(c10::aten::mul, product, number(term.factor));
      }
      sum = sum == nullptr ? product : call(c10::aten::add, sum, product);
    }
    return sum;
  }

 private:
  jit::Value* size(int64_t symbol) {
    jit::Value*& known = sizes_[symbol];
    if (known == nullptr) {
      known = call(c10::aten::size, inputs_[symbols_[symbol].tensor],
                   number(symbols_[symbol].dimension));
    }
    return known;
  }

  jit::Value* number(int64_t value) {
    jit::Node* node = graph_.create(c10::prim::Constant);
    node->i_(c10::attr::value, value);
    return add(node);
  }

  jit::Value* call(c10::Symbol kind, jit::Value* left, jit::Value* right) {
    return add(graph_.create(kind, {left, right}));
  }

  jit::Value* add(jit::Node* node) {
    node->output()->setType(c10::IntType::get());
    node->insertAfter(last_);
    last_ = node;
    return node->output();
  }

  jit::Graph& graph_;
  jit::Node* last_;
  const std::vector<jit::Value*>& inputs_;
  const std::vector<Symbol>& symbols_;
  std::vector<jit::Value*> sizes_;
};

std::string describe(const Step& step) {
  std::ostringstream text;
  for (size_t i = 0; i < step.outputs.size(); ++i)
    text << (i == 0 ? "%" : ", %") << step.outputs[i];
  if (!step.outputs.empty()) text << " = ";
  text << step.kind;
  if (!step.detail.empty()) text << "[" << step.detail << "]";
  if (step.constant) text << "[value=" << *step.constant << "]";
  text << "(";
  for (size_t i = 0; i < step.inputs.size(); ++i) text << (i == 0 ? "%" : ", %") << step.inputs[i];
  text << ")";
  return text.str();
}

std::string indented(const std::string& text) {
  std::string result = "\t";
  for (const char c : text) {
    result += c;
    if (c == '\n') result += '\t';
  }
  return result;
}

std::string stack_of(const jit::SourceRange& source) {
  return source.source() ? source.text().str() : std::string();
}

void describe_source(std::ostringstream& text, const char* title, const Step& step) {
  const std::string stack = stack_of(step.source);
  if (stack.empty()) return;
  text << title << ":\n" << indented(stack) << "\n";
}

std::string describe_divergence(const Recording& a, const Recording& b) {
  const size_t at = first_divergence(a, b);
  std::ostringstream text;
  text << "First diverging operator:\nNode diff:\n";
  const auto line = [&](const char* sign, const Recording& run) {
    text << "\t" << sign << " "
         << (at < run.steps.size() ? describe(run.steps[at]) : "nothing further") << "\n";
  };
  line("-", a);
  line("+", b);
  if (at < a.steps.size()) describe_source(text, "Trace source location", a.steps[at]);
  if (at < b.steps.size()) describe_source(text, "Check source location", b.steps[at]);
  return text.str();
}

}  // namespace

int64_t Formula::at(const int64_t* sizes) const {
  int64_t sum = 0;
  for (const Term& term : terms) {
    int64_t product = term.factor;
    if (term.first >= 0) product *= sizes[term.first];
    if (term.second >= 0) product *= sizes[term.second];
    sum += product;
  }
  return sum;
}

Recording read_recording(const jit::Graph& graph, std::vector<jit::Node*>* nodes) {
  Recording recording;
  std::unordered_map<const jit::Value*, int64_t> numbers;
  read_block(*graph.block(), recording, nodes, numbers);
  return recording;
}

std::vector<Report> make_sizes_dynamic(jit::Graph& graph, jit::Node* after,
                                       const std::vector<jit::Value*>& inputs, const SizeRuns& runs,
                                       Recording& recording, const std::vector<jit::Node*>& nodes) {
  std::vector<Report> report;
  const size_t count = recording.steps.size();
  recording.formulas.resize(count);
  const size_t symbols = runs.symbols.size();
  std::vector<bool> usable(symbols, false);
  for (size_t i = 0; i < symbols; ++i) {
    if (runs.runs[i] == nullptr) continue;
    usable[i] = same_structure(recording, *runs.runs[i]);
    if (usable[i]) continue;
    const size_t at = std::min(first_divergence(recording, *runs.runs[i]), count - 1);
    report.push_back({PT_REPORT_STRUCTURE, static_cast<int64_t>(i), recording.steps[at].source});
  }
  const Fit fit(runs, usable);
  Emitter emitter(graph, after, inputs, runs.symbols);
  for (size_t step = 0; step < count; ++step) {
    const auto& constant = recording.steps[step].constant;
    if (!constant) continue;
    bool changes = false;
    for (size_t i = 0; i < symbols; ++i) {
      changes |= usable[i] && !same_constant(*constant, *runs.runs[i]->steps[step].constant);
    }
    if (!changes) continue;
    const auto& source = recording.steps[step].source;
    if (constant->isTensor()) {
      report.push_back({PT_REPORT_TENSOR, 0, source});
    } else if (!is_int(recording.steps[step])) {
      report.push_back({PT_REPORT_FRACTION, 0, source});
    } else if (auto formula = fit.of(recording, step)) {
      nodes[step]->output()->replaceAllUsesWith(emitter.of(*formula));
      recording.formulas[step] = std::move(formula);
    } else {
      report.push_back({PT_REPORT_NUMBER, constant->toInt(), source});
    }
  }
  return report;
}

std::pair<std::string, std::string> compare(const Recording& compiled, const Recording& other,
                                            const int64_t* sizes) {
  if (!same_structure(compiled, other)) return {describe_divergence(compiled, other), ""};
  std::string operators;
  std::string constants;
  for (size_t i = 0; i < compiled.steps.size(); ++i) {
    const Step& step = compiled.steps[i];
    if (!step.constant) continue;
    const c10::IValue expected = i < compiled.formulas.size() && compiled.formulas[i]
                                     ? c10::IValue(compiled.formulas[i]->at(sizes))
                                     : *step.constant;
    const c10::IValue& found = *other.steps[i].constant;
    if (same_constant(expected, found)) continue;
    std::ostringstream text;
    if (step.constant->isTensor()) {
      text << "Node:\n" << indented(describe(step)) << "\n";
      describe_source(text, "Source Location", step);
      if (constants.empty()) constants = text.str();
    } else {
      text << "First diverging operator:\nNode diff:\n\t- " << describe(step) << "\n\t+ "
           << describe(other.steps[i]) << "\n";
      describe_source(text, "Trace source location", step);
      describe_source(text, "Check source location", other.steps[i]);
      if (operators.empty()) operators = text.str();
    }
  }
  return {operators, constants};
}

pt_value read_source(const jit::SourceRange& source) {
  const auto place = source.file_line_col();
  if (!place) return make_none();
  return make_list({make_string(std::get<0>(*place)),
                    make_int(static_cast<int64_t>(std::get<1>(*place))),
                    make_string(stack_of(source))});
}

}  // namespace pantorch
