/// PyTorch for the JVM.
module dev.pantorch {
  requires dev.pantorch.ffi;
  requires static transitive org.jspecify;

  exports dev.pantorch;
}
