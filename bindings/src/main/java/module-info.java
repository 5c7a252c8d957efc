/// The native side of Pantorch: jextract's stubs for the C shim, and the discovery and loading of
/// libtorch. Internal: only `dev.pantorch` sees it.
@SuppressWarnings("module") // dev.pantorch is compiled after this module
module dev.pantorch.ffi {
  requires static org.jspecify;

  exports dev.pantorch.ffi to
      dev.pantorch;
  exports dev.pantorch.ffi.generated to
      dev.pantorch;
}
