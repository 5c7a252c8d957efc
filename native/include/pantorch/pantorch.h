/* Pantorch's C interface to libtorch, whole. base.h holds the contract. */
#ifndef PANTORCH_PANTORCH_H
#define PANTORCH_PANTORCH_H

#include <pantorch/autograd.h>
#include <pantorch/base.h>
#include <pantorch/device.h>
#include <pantorch/error.h>
#include <pantorch/function.h>
#include <pantorch/index.h>
#include <pantorch/jit.h>
#include <pantorch/lstm.h>
#include <pantorch/memory.h>
#include <pantorch/op.h>
#include <pantorch/optim.h>
#include <pantorch/package.h>
#include <pantorch/random.h>
#include <pantorch/runtime.h>
#include <pantorch/tensor.h>

#endif
