/// Models for other runtimes: {@code Onnx.export} writes ONNX files.
@NullMarked
package dev.pantorch.onnx;

import org.jspecify.annotations.NullMarked;
