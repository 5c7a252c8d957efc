@NullMarked
package dev.pantorch.onnx;

import org.jspecify.annotations.NullMarked;
