/* Errors: owned objects, returned by every fallible function, 0 for success. */
#ifndef PANTORCH_ERROR_H
#define PANTORCH_ERROR_H

#include <pantorch/base.h>

PT_BEGIN_DECLS

/* What kind of error it is: the class of the exception that libtorch threw. */
enum {
  PT_ERROR_RUNTIME = 1,         /* c10::Error, RuntimeError in Python */
  PT_ERROR_INDEX = 2,           /* c10::IndexError, std::out_of_range */
  PT_ERROR_VALUE = 3,           /* c10::ValueError, std::invalid_argument */
  PT_ERROR_TYPE = 4,            /* c10::TypeError */
  PT_ERROR_NOT_IMPLEMENTED = 5, /* c10::NotImplementedError */
  PT_ERROR_LINALG = 6,          /* c10::LinAlgError */
  PT_ERROR_OUT_OF_MEMORY =
      7,                    /* c10::OutOfMemoryError, std::bad_alloc, the CPU allocator's refusal */
  PT_ERROR_ACCELERATOR = 8, /* c10::AcceleratorError: the device reported an error */
  PT_ERROR_DISTRIBUTED = 9, /* c10::DistError and what derives from it */
  PT_ERROR_SYNTAX = 10,     /* c10::SyntaxError, torch::jit::ErrorReport */
  PT_ERROR_UNKNOWN_OPERATOR = 11, /* no operator of that name in this libtorch */
  PT_ERROR_CALLBACK = 12,         /* a callback failed; pt_error_callback_id says which failure */
  PT_ERROR_OTHER = 13             /* any other C++ exception */
};

PT_API int32_t pt_error_kind(pt_error error);

/* The message without C++ stack trace. borrowed, valid until the error is freed. */
PT_API const char* pt_error_message(pt_error error);

/* The message with libtorch's C++ stack trace, symbolised on this call (milliseconds); the plain
 * message where libtorch recorded none. borrowed, valid until the error is freed. */
PT_API const char* pt_error_backtrace(pt_error error);

/* For PT_ERROR_CALLBACK: the number that the failing callback returned; otherwise 0. */
PT_API int64_t pt_error_callback_id(pt_error error);

/* Frees an error. 0 is ignored. */
PT_API void pt_error_free(pt_error error);

PT_END_DECLS

#endif
