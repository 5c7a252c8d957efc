/* Loads a library of custom operators, twice, and calls one: 1 * 2 + 3 = 5. */
#include <pantorch/pantorch.h>
#include <stdio.h>
#include <stdlib.h>

enum { FLOAT32 = 6, CPU = 0 };

static void check(pt_error error) {
  if (error == 0) return;
  fprintf(stderr, "error %d: %s\n", pt_error_kind(error), pt_error_message(error));
  exit(1);
}

static pt_value number(const float* memory) {
  const int64_t one = 1;
  pt_value value = {PT_VALUE_TENSOR, 0, 0};
  check(pt_tensor_from_memory(0, (int64_t)(intptr_t)memory, (int64_t)(intptr_t)&one,
                              (int64_t)(intptr_t)&one, 1, FLOAT32, CPU, -1, 0, &value.a));
  return value;
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  check(pt_op_load_library(argv[1]));
  check(pt_op_load_library(argv[1]));
  const float numbers[] = {1, 3};
  const pt_value arguments[] = {number(numbers), number(numbers + 1)};
  pt_address results = 0;
  int32_t count = 0;
  check(
      pt_op_call_boxed(0, "pantorch_test::scale_add", "", arguments, 2, NULL, 0, &results, &count));
  pt_address sum = 0;
  check(pt_tensor_data(((const pt_value*)(intptr_t)results)->a, &sum));
  const int right = count == 1 && *(const float*)(intptr_t)sum == 5;
  pt_values_free(results, count);
  pt_tensor_free(arguments[0].a);
  pt_tensor_free(arguments[1].a);
  return right ? 0 : 1;
}
