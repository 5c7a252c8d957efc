// What one run of a traced function has called, to be compared with other runs.
#pragma once

#include <ATen/core/ivalue.h>
#include <pantorch/jit.h>
#include <torch/csrc/jit/ir/ir.h>

#include <optional>
#include <string>
#include <vector>

namespace pantorch {

// One node of the graph, in the order of execution.
struct Step {
  std::string kind;
  // A constant's value; none for other nodes.
  std::optional<c10::IValue> constant;
  // What tells nodes of one kind apart: a scope or an attribute's name.
  std::string detail;
  // Values are numbered in the order in which they are made.
  std::vector<int64_t> inputs;
  std::vector<int64_t> outputs;
  torch::jit::SourceRange source;
};

// An integer constant as a polynomial of the sizes, linear in each: terms of at most two of them.
struct Formula {
  struct Term {
    int64_t factor;
    // Indices of sizes; -1 for none.
    int64_t first;
    int64_t second;
  };
  std::vector<Term> terms;

  int64_t at(const int64_t* sizes) const;
};

// A size that the inputs may have, and what it was.
struct Symbol {
  int64_t tensor;
  int64_t dimension;
  int64_t size;
};

struct Recording {
  std::vector<Step> steps;
  // For the compiled run: what each step's integer is, where it depends on sizes.
  std::vector<std::optional<Formula>> formulas;
};

// Reads the graph of the trace under way. `nodes`, if any, receives the node of each step.
Recording read_recording(const torch::jit::Graph& graph, std::vector<torch::jit::Node*>* nodes);

// Runs with other sizes.
struct SizeRuns {
  std::vector<Symbol> symbols;
  // One for each symbol, then one for each pair; null where the run failed.
  std::vector<const Recording*> runs;
  const Recording* check = nullptr;
  const int64_t* check_sizes = nullptr;
};

// What could not be followed: a PT_REPORT_*, the symbol's index or the number, and where.
struct Report {
  int64_t code;
  int64_t number;
  torch::jit::SourceRange source;
};

// Replaces constants of the trace under way by what they are computed from, right after the node
// `after`. `inputs` are the values of the tensors among the inputs.
std::vector<Report> make_sizes_dynamic(torch::jit::Graph& graph, torch::jit::Node* after,
                                       const std::vector<torch::jit::Value*>& inputs,
                                       const SizeRuns& runs, Recording& recording,
                                       const std::vector<torch::jit::Node*>& nodes);

// How another run, of these sizes, differs: in its operators, then in its constants. Empty texts
// where it does not.
std::pair<std::string, std::string> compare(const Recording& compiled, const Recording& other,
                                            const int64_t* sizes);

// The file, the line and the stack; None where nothing is known.
pt_value read_source(const torch::jit::SourceRange& source);

}  // namespace pantorch
