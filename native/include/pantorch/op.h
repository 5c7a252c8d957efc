/*
 * Operators, two ways.
 *
 * A generated operator is called with one packet: an array of 8-byte slots. Slot 0 is the mode
 * word, the arguments follow in schema order, and the results overwrite them from slot 1 on.
 *
 *   Tensor                                handle
 *   Tensor?                               handle or 0
 *   int, bool, dtype, layout, ...         the number
 *   float                                 the bits of the double
 *   Scalar                                tag (0 int, 1 double, 2 bool, 3 complex), a, b
 *   Device                                type, index (-1: none)
 *   str                                   address, length in bytes
 *   Generator?                            handle or 0
 *   T? for any other T                    0 or 1, then the slots of T
 *   int[], float[], Tensor[], Tensor?[]   address of 8-byte values, count
 *   bool[]                                address of bytes, count
 *   Scalar[]                              address of 3-slot scalars, count
 *
 * Results: a tensor is a new handle, of which PT_RESULT_LIGHT is a bit; a tuple is its parts in
 * turn; Tensor[] is an address (free with pt_free) and a count of new handles; an in-place operator
 * returns a new reference to its argument.
 *
 * Every other operator, a custom one for instance, goes through the boxed dispatcher with tagged
 * values, checked against its schema first.
 */
#ifndef PANTORCH_OP_H
#define PANTORCH_OP_H

#include <pantorch/base.h>

PT_BEGIN_DECLS

/* Finds a generated operator by the address of its NUL-terminated qualified name,
 * "aten::add.Tensor" (no dot for an empty overload name). Fails with PT_ERROR_UNKNOWN_OPERATOR,
 * also when this libtorch has no such operator. */
PT_API pt_error pt_op_find(pt_address name, pt_address out_op);

/* The schema of a generated operator. borrowed, lives as long as the library. */
PT_API const char* pt_op_schema(pt_op op);

/* Calls a generated operator with the packet at `frame`. */
PT_API pt_error pt_op_call(pt_op op, pt_address frame);

/* How many operators were generated. */
PT_API int32_t pt_op_count(void);

/* Loads a library of custom operators, for as long as the process lives. */
PT_API pt_error pt_op_load_library(const char* path);

/* Set in the handle of a single tensor result, and to be taken out of it: the tensor holds little
 * memory of libtorch's own and no graph, so that to free it late does no harm. */
enum { PT_RESULT_LIGHT = 1 };

/* The kinds of a tagged value. */
enum {
  PT_VALUE_NONE = 0,
  PT_VALUE_TENSOR = 1,    /* a: handle; new in results, borrowed in arguments */
  PT_VALUE_INT = 2,       /* a: the number */
  PT_VALUE_DOUBLE = 3,    /* a: bits of the double */
  PT_VALUE_BOOL = 4,      /* a: 0 or 1 */
  PT_VALUE_COMPLEX = 5,   /* a, b: bits of the real and the imaginary part */
  PT_VALUE_STRING = 6,    /* a: address, b: length in bytes */
  PT_VALUE_DEVICE = 7,    /* a: type, b: index */
  PT_VALUE_GENERATOR = 8, /* a: handle */
  PT_VALUE_LIST = 9,      /* a: address of pt_value, b: count */
  PT_VALUE_TUPLE = 10,    /* a: address of pt_value, b: count */
  PT_VALUE_DICT = 11,     /* a: address of pt_value, keys and values in turn, b: count of both */
  PT_VALUE_OBJECT = 12,   /* a: handle of any other value; new in results, borrowed in arguments */
  PT_VALUE_NAMED_TUPLE = 13, /* a: address of pt_value: the type's name, then the fields' names and
                                values in turn; b: count of all of these */
  PT_VALUE_ENUM = 14 /* a: address of 3 pt_value: the type's name, the member's name, its value;
                        b: 3 */
};

typedef struct {
  int64_t kind;
  int64_t a;
  int64_t b;
} pt_value;

/* Calls the operator "ns::name" with the overload name (may be empty) through the boxed dispatcher.
 * `arguments` are positional; `names` holds for each of the last `named` arguments the address of
 * its NUL-terminated name. Defaults are filled in. The results are new: free with pt_values_free.
 */
PT_API pt_error pt_op_call_boxed(int64_t mode, const char* name, const char* overload,
                                 const pt_value* arguments, int32_t count, const pt_address* names,
                                 int32_t named, pt_address* out_results, int32_t* out_count);

/* The schemas of all overloads of "ns::name", one a line; an empty text when there is none.
 * free with pt_free. */
PT_API pt_error pt_op_schemas(const char* name, pt_address* out_text);

/* Frees an array of values with everything they hold, tensor and object handles included, unless
 * the caller has set the kind of such a value to PT_VALUE_NONE to keep it. */
PT_API void pt_values_free(pt_address values, int32_t count);

/* Frees what the one value at an address holds, on the same terms. */
PT_API void pt_value_clear(pt_address value);

/* Frees an object: a script module, packed parameters, an object of any other class. */
PT_API void pt_object_free(pt_object object);

/* The name of an object's type, "__torch__.torch.classes.quantized.LinearPackedParamsBase". free
 * with pt_free. */
PT_API pt_error pt_object_type(pt_object object, pt_address* out_name);

PT_END_DECLS

#endif
