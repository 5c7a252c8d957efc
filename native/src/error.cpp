#include <ATen/Context.h>
#include <c10/util/Exception.h>
#include <pantorch/error.h>
#include <torch/csrc/jit/frontend/error_report.h>

#include <future>
#include <new>
#include <stdexcept>

#include "support.h"

namespace pantorch {
namespace {

struct Error {
  int32_t kind = PT_ERROR_OTHER;
  int64_t callback_id = 0;
  std::string message;
  // Kept so that the stack trace is symbolised only when someone asks for it.
  std::exception_ptr exception;
  std::string backtrace;
};

// The error of last resort, for when there is no memory left even for an error.
Error out_of_memory{PT_ERROR_OUT_OF_MEMORY, 0, "out of memory while reporting an error", {}, {}};

pt_error make_error(int32_t kind, const char* message, int64_t callback_id = 0) noexcept {
  try {
    return reinterpret_cast<pt_error>(
        new Error{kind, callback_id, message, std::current_exception(), {}});
  } catch (...) {
    return reinterpret_cast<pt_error>(&out_of_memory);
  }
}

// The CPU allocator reports exhausted memory as a plain c10::Error.
int32_t kind_of_plain(const char* message) {
  return std::strstr(message, "DefaultCPUAllocator: can't allocate memory") != nullptr ||
                 std::strstr(message, "DefaultCPUAllocator: not enough memory") != nullptr
             ? PT_ERROR_OUT_OF_MEMORY
             : PT_ERROR_RUNTIME;
}

}  // namespace

pt_error current_exception_to_error() noexcept {
  try {
    throw;
  } catch (const CallbackError& e) {
    return make_error(PT_ERROR_CALLBACK, e.what(), e.id);
  } catch (const UnknownOperator& e) {
    return make_error(PT_ERROR_UNKNOWN_OPERATOR, e.what());
  } catch (const c10::IndexError& e) {
    return make_error(PT_ERROR_INDEX, e.what_without_backtrace());
  } catch (const c10::ValueError& e) {
    return make_error(PT_ERROR_VALUE, e.what_without_backtrace());
  } catch (const c10::TypeError& e) {
    return make_error(PT_ERROR_TYPE, e.what_without_backtrace());
  } catch (const c10::NotImplementedError& e) {
    return make_error(PT_ERROR_NOT_IMPLEMENTED, e.what_without_backtrace());
  } catch (const c10::LinAlgError& e) {
    return make_error(PT_ERROR_LINALG, e.what_without_backtrace());
  } catch (const c10::OutOfMemoryError& e) {
    return make_error(PT_ERROR_OUT_OF_MEMORY, e.what_without_backtrace());
  } catch (const c10::AcceleratorError& e) {
    return make_error(PT_ERROR_ACCELERATOR, e.what_without_backtrace());
  } catch (const c10::DistError& e) {
    return make_error(PT_ERROR_DISTRIBUTED, e.what_without_backtrace());
  } catch (const c10::SyntaxError& e) {
    return make_error(PT_ERROR_SYNTAX, e.what_without_backtrace());
  } catch (const c10::Error& e) {
    return make_error(kind_of_plain(e.what_without_backtrace()), e.what_without_backtrace());
  } catch (const torch::jit::ErrorReport& e) {
    return make_error(PT_ERROR_SYNTAX, e.what());
  } catch (const std::bad_alloc& e) {
    return make_error(PT_ERROR_OUT_OF_MEMORY, "out of native memory (std::bad_alloc)");
  } catch (const std::out_of_range& e) {
    return make_error(PT_ERROR_INDEX, e.what());
  } catch (const std::invalid_argument& e) {
    return make_error(PT_ERROR_VALUE, e.what());
  } catch (const std::length_error& e) {
    return make_error(PT_ERROR_VALUE, e.what());
  } catch (const std::exception& e) {
    return make_error(PT_ERROR_OTHER, e.what());
  } catch (...) {
    return make_error(PT_ERROR_OTHER, "an exception of unknown type was thrown by libtorch");
  }
}

}  // namespace pantorch

using pantorch::Error;

static Error* error_of(pt_error error) { return reinterpret_cast<Error*>(error); }

int32_t pt_error_kind(pt_error error) { return error_of(error)->kind; }

const char* pt_error_message(pt_error error) { return error_of(error)->message.c_str(); }

const char* pt_error_backtrace(pt_error error) {
  Error* e = error_of(error);
  if (e->backtrace.empty() && e->exception) {
    try {
      std::rethrow_exception(e->exception);
    } catch (const c10::Error& thrown) {
      e->backtrace = thrown.what();
    } catch (...) {
      e->backtrace = e->message;
    }
  }
  return e->backtrace.empty() ? e->message.c_str() : e->backtrace.c_str();
}

int64_t pt_error_callback_id(pt_error error) { return error_of(error)->callback_id; }

void pt_error_free(pt_error error) {
  if (error != 0 && error_of(error) != &pantorch::out_of_memory) delete error_of(error);
}
