/// PyTorch for the JVM.
@SuppressWarnings("module") // the artifact that may see internals is built later
module dev.pantorch {
  requires com.fasterxml.jackson.core;
  requires dev.pantorch.ffi;
  requires static java.management;
  requires static jdk.jfr;
  requires static transitive org.jspecify;
  requires static transitive org.junit.jupiter.api;

  exports dev.pantorch;
  exports dev.pantorch.amp;
  exports dev.pantorch.data;
  exports dev.pantorch.export;
  exports dev.pantorch.io;
  exports dev.pantorch.jit;
  exports dev.pantorch.junit;
  exports dev.pantorch.metrics;
  exports dev.pantorch.nn;
  exports dev.pantorch.nn.utils;
  exports dev.pantorch.nn.utils.rnn;
  exports dev.pantorch.ops;
  exports dev.pantorch.optim;
  exports dev.pantorch.optim.lr;
  exports dev.pantorch.optim.swa;
  exports dev.pantorch.quantization;
  exports dev.pantorch.serve;
  exports dev.pantorch.internal to
      dev.pantorch.onnx;
}
