// Records what a function of the caller's calls, by libtorch's own tracer.
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/normalize_ops.h>

#include <atomic>

#include "recording.h"
#include "support.h"
#include "values.h"

using namespace pantorch;

namespace jit = torch::jit;
namespace tracer = torch::jit::tracer;

namespace {

std::atomic<pt_trace_callback> run_callback{nullptr};
std::atomic<pt_location_callback> location_callback{nullptr};

// The trace of this thread that asks for source locations.
thread_local int64_t located_context = 0;

// Carries a run's recording out of the tracer, which then forgets the trace.
struct Recorded {
  Recording recording;
};

void record_location(jit::Node* node) {
  if (located_context == 0) return;
  thread_local std::vector<char> buffer(16384);
  const int64_t length =
      location_callback.load()(located_context, reinterpret_cast<pt_address>(buffer.data()),
                               static_cast<int64_t>(buffer.size()));
  if (length <= 0) return;
  const std::string text(buffer.data(), length);
  const size_t file = text.find('\n');
  const size_t line = text.find('\n', file + 1);
  const size_t number = std::stoul(text.substr(file + 1, line - file - 1));
  std::string stack = text.substr(line + 1);
  const size_t end = stack.size();
  node->setSourceRange(jit::SourceRange(
      std::make_shared<jit::Source>(std::move(stack), text.substr(0, file), number), 0, end));
}

class Locations {
 public:
  explicit Locations(int64_t context) { located_context = context; }
  ~Locations() { located_context = 0; }
  Locations(const Locations&) = delete;
  Locations& operator=(const Locations&) = delete;
};

struct Run {
  int64_t mode;
  int64_t context;

  c10::IValue operator()(const jit::Stack& inputs) const {
    const pt_value given = from_ivalues(inputs);
    pt_value output{PT_VALUE_NONE, 0, 0};
    const int64_t failure =
        run_callback.load()(context, mode, given.a, static_cast<int32_t>(given.b),
                            reinterpret_cast<pt_address>(&output));
    apply_mode(mode);
    if (failure != 0) throw CallbackError(failure);
    return to_ivalue(output, c10::AnyType::get());
  }
};

jit::Stack to_stack(const pt_value* inputs, int32_t count) {
  jit::Stack stack;
  for (int32_t i = 0; i < count; ++i) stack.push_back(to_ivalue(inputs[i], c10::AnyType::get()));
  return stack;
}

void collect_tensors(const c10::IValue& value, std::vector<at::Tensor>& found) {
  value.visit([&](const c10::IValue& part) {
    if (part.isTensor()) found.push_back(part.toTensor());
    return false;
  });
}

std::pair<std::shared_ptr<tracer::TracingState>, jit::Stack> trace(
    jit::Module& module, jit::Stack inputs, bool strict, const std::vector<std::string>& names,
    const std::function<jit::Stack(jit::Stack)>& function) {
  TORCH_CHECK(!tracer::isTracing(), "Tracing can't be nested");
  return tracer::trace(
      std::move(inputs), function, [](const at::Tensor&) { return std::string(); }, strict,
      /*force_outplace=*/false, &module, names);
}

SizeRuns size_runs(pt_address sizes, int32_t symbols, const pt_recording* recordings,
                   pt_address check_sizes) {
  SizeRuns runs;
  const auto* first = reinterpret_cast<const int64_t*>(sizes);
  for (int32_t i = 0; i < symbols; ++i) {
    runs.symbols.push_back({first[3 * i], first[3 * i + 1], first[3 * i + 2]});
  }
  const int32_t count = symbols + symbols * (symbols - 1) / 2;
  for (int32_t i = 0; i < count; ++i) {
    runs.runs.push_back(reinterpret_cast<const Recording*>(recordings[i]));
  }
  if (symbols > 0) {
    runs.check = reinterpret_cast<const Recording*>(recordings[count]);
    runs.check_sizes = reinterpret_cast<const int64_t*>(check_sizes);
  }
  return runs;
}

jit::Module module_of(pt_object object) { return jit::Module(borrow_object(object).toObject()); }

}  // namespace

void pt_trace_set_callbacks(pt_trace_callback run, pt_location_callback location) {
  run_callback = run;
  location_callback = location;
  tracer::setRecordSourceLocation(record_location);
}

pt_error pt_trace_record(int64_t mode, pt_object module, const pt_value* inputs, int32_t count,
                         int32_t strict, int64_t context, pt_recording* out_recording) {
  return guard([&] {
    apply_mode(mode);
    jit::Module self = module_of(module);
    const Run run{mode, context};
    const Locations locations(context);
    try {
      trace(self, to_stack(inputs, count), strict != 0, {}, [&](const jit::Stack& given) {
        run(given);
        throw Recorded{read_recording(*tracer::getTracingState()->graph, nullptr)};
        return jit::Stack();
      });
    } catch (Recorded& recorded) {
      *out_recording = reinterpret_cast<pt_recording>(new Recording(std::move(recorded.recording)));
    }
  });
}

pt_error pt_trace_compile(int64_t mode, pt_object module, const char* method,
                          const pt_value* inputs, const pt_address* names, int32_t count,
                          int32_t strict, int64_t context, pt_address sizes, int32_t symbols,
                          const pt_recording* recordings, pt_address check_sizes,
                          pt_address out_report, pt_recording* out_recording) {
  return guard([&] {
    apply_mode(mode);
    jit::Module self = module_of(module);
    const Run run{mode, context};
    const Locations locations(context);
    std::vector<std::string> argument_names;
    for (int32_t i = 0; i < count; ++i) {
      argument_names.emplace_back(reinterpret_cast<const char*>(names[i]));
    }
    auto recording = std::make_unique<Recording>();
    std::vector<Report> report;
    const auto traced = trace(
        self, to_stack(inputs, count), strict != 0, argument_names, [&](const jit::Stack& given) {
          jit::Graph& graph = *tracer::getTracingState()->graph;
          std::vector<at::Tensor> tensors;
          for (const c10::IValue& input : given) collect_tensors(input, tensors);
          std::vector<jit::Value*> values;
          for (const at::Tensor& tensor : tensors) values.push_back(tracer::getValueTrace(tensor));
          jit::Node* before = graph.insertPoint()->prev();
          c10::IValue output = run(given);
          std::vector<jit::Node*> nodes;
          *recording = read_recording(graph, &nodes);
          report = make_sizes_dynamic(graph, before, values,
                                      size_runs(sizes, symbols, recordings, check_sizes),
                                      *recording, nodes);
          return jit::Stack{std::move(output)};
        });
    auto graph = traced.first->graph;
    jit::NormalizeOps(graph);
    jit::EliminateDeadCode(graph);
    auto unit = self._ivalue()->compilation_unit();
    self.type()->addMethod(
        unit->create_function(c10::QualifiedName(*self.type()->name(), method), graph));
    std::vector<pt_value> lines;
    for (const Report& line : report) {
      lines.push_back(
          make_list({make_int(line.code), make_int(line.number), read_source(line.source)}));
    }
    *reinterpret_cast<pt_value*>(out_report) = make_list(lines);
    *out_recording = reinterpret_cast<pt_recording>(recording.release());
  });
}

pt_error pt_recording_compare(pt_recording compiled, pt_recording other, pt_address run_sizes,
                              pt_address out_differences) {
  return guard([&] {
    const auto [operators, constants] = compare(*reinterpret_cast<const Recording*>(compiled),
                                                *reinterpret_cast<const Recording*>(other),
                                                reinterpret_cast<const int64_t*>(run_sizes));
    *reinterpret_cast<pt_value*>(out_differences) =
        make_list({operators.empty() ? make_none() : make_string(operators),
                   constants.empty() ? make_none() : make_string(constants)});
  });
}

void pt_recording_free(pt_recording recording) {
  if (recording != 0) delete reinterpret_cast<Recording*>(recording);
}

pt_error pt_trace_push_scope(const char* path) {
  return guard([&] {
    if (tracer::isTracing()) tracer::getTracingState()->graph->push_scope(path);
  });
}

pt_error pt_trace_pop_scope(void) {
  return guard([&] {
    if (tracer::isTracing()) tracer::getTracingState()->graph->pop_scope();
  });
}
