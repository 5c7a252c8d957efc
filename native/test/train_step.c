/*
 * Trains one step in plain C, through the packet interface alone: what a program in another
 * language would do. y = x w with x = [[1, 2], [3, 4]], y = [[5], [11]], w = 0: loss = (25 + 121) /
 * 2 = 73, its gradient is [-38, -54], and after w += 0.01 * [38, 54] the loss is
 * ((1*.38 + 2*.54 - 5)^2 + (3*.38 + 4*.54 - 11)^2) / 2 = (3.54^2 + 7.70^2) / 2 = 35.9108.
 */
#include <math.h>
#include <pantorch/pantorch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLOAT32 = 6, CPU = 0, SLOTS = 64 };

static void check(pt_error error) {
  if (error == 0) return;
  fprintf(stderr, "error %d: %s\n", pt_error_kind(error), pt_error_message(error));
  pt_error_free(error);
  exit(1);
}

static void require(int condition, const char* what) {
  if (condition) return;
  fprintf(stderr, "failed: %s\n", what);
  exit(1);
}

static int64_t address_of(const void* pointer) { return (int64_t)(intptr_t)pointer; }

/* Calls an operator; `slots` holds its arguments, then its result, a tensor. */
static void call(const char* name, int64_t mode, int64_t* slots, int count) {
  pt_op op = 0;
  int64_t frame[SLOTS];
  check(pt_op_find(address_of(name), address_of(&op)));
  frame[0] = mode;
  memcpy(frame + 1, slots, sizeof(int64_t) * (size_t)count);
  check(pt_op_call(op, address_of(frame)));
  memcpy(slots, frame + 1, sizeof(int64_t) * (size_t)count);
  slots[0] &= ~(int64_t)PT_RESULT_LIGHT;
}

static int releases = 0;

static void released(int64_t context) {
  require(context == 7, "the release callback gets its context");
  releases++;
}

static pt_tensor matrix(float* data, int64_t rows, int64_t columns) {
  const int64_t sizes[] = {rows, columns};
  const int64_t strides[] = {columns, 1};
  pt_tensor tensor = 0;
  check(pt_tensor_from_memory(0, address_of(data), address_of(sizes), address_of(strides), 2,
                              FLOAT32, CPU, -1, 7, &tensor));
  return tensor;
}

static pt_tensor loss_of(pt_tensor x, pt_tensor w, pt_tensor y, int64_t mode) {
  int64_t product[2] = {x, w};
  call("aten::mm", mode, product, 2);
  int64_t loss[3] = {product[0], y, 1 /* mean */};
  call("aten::mse_loss", mode, loss, 3);
  pt_tensor_free(product[0]);
  return loss[0];
}

static float value_of(pt_tensor scalar) {
  pt_address data = 0;
  check(pt_tensor_data(scalar, &data));
  return *(const float*)(intptr_t)data;
}

int main(void) {
  float x_data[] = {1, 2, 3, 4};
  float y_data[] = {5, 11};
  float w_data[] = {0, 0};
  require(pt_abi_version() == PT_ABI_VERSION, "the library is of this header's ABI");
  int64_t identity[] = {0, -1};
  require(pt_runtime_identify(1, address_of(identity)) == 2, "there are two numbers");
  require(identity[0] == PT_ABI_VERSION && identity[1] == -1, "only as many are written as fit");
  pt_runtime_identify(2, address_of(identity));
  require(identity[1] == address_of(pt_libtorch_version()), "the second is the version's address");

  pt_tensor_set_release_callback(released);
  pt_tensor x = matrix(x_data, 2, 2);
  pt_tensor y = matrix(y_data, 2, 1);
  pt_tensor w = matrix(w_data, 2, 1);
  check(pt_tensor_set_requires_grad(w, 1));

  pt_tensor loss = loss_of(x, w, y, 0);
  require(value_of(loss) == 73.0f, "the first loss is 73");
  check(pt_autograd_backward(0, address_of(&loss), address_of(&(int64_t){0}), 1, 0, 0, -1, 0));
  pt_tensor_free(loss);

  pt_tensor grad = 0;
  check(pt_tensor_grad(w, &grad));
  double rate = -0.01;
  int64_t rate_bits;
  memcpy(&rate_bits, &rate, sizeof rate);
  int64_t update[5] = {w, grad, 1 /* a double */, rate_bits, 0};
  call("aten::add_.Tensor", PT_MODE_NO_GRAD, update, 5);
  require(update[0] == w, "an in-place operator returns its argument");
  pt_tensor_free(update[0]);
  pt_tensor_free(grad);
  require(fabsf(w_data[0] - 0.38f) < 1e-6f && fabsf(w_data[1] - 0.54f) < 1e-6f,
          "the step follows the gradient, in the caller's own memory");

  pt_tensor next = loss_of(x, w, y, PT_MODE_NO_GRAD);
  require(fabsf(value_of(next) - 35.9108f) < 1e-3f, "the second loss is 35.9108");
  pt_tensor_free(next);

  int64_t wrong[2] = {x, y};
  int64_t frame[SLOTS] = {0};
  pt_op mm = 0;
  check(pt_op_find(address_of("aten::mm"), address_of(&mm)));
  memcpy(frame + 1, wrong, sizeof wrong);
  frame[1] = y;
  pt_error refused = pt_op_call(mm, address_of(frame));
  require(refused != 0 && pt_error_kind(refused) == PT_ERROR_RUNTIME, "wrong shapes are refused");
  require(frame[1] == y, "a failed call leaves the slots alone");
  require(strstr(pt_error_message(refused), "mat1 and mat2 shapes cannot be multiplied") != NULL,
          "libtorch's own words");
  pt_error_free(refused);

  pt_tensor_free(x);
  pt_tensor_free(y);
  pt_tensor_free(w);
  require(releases == 3, "lent memory is given back");
  printf("one step: loss 73 -> 35.9108\n");
  return 0;
}
