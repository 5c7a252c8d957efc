package dev.pantorch.internal;

/// Who frees a tensor that any thread may use.
sealed interface HandleHolder permits TensorEntry, LightGroup {
  /// Takes the tensor's handle out: the caller frees it, or gives it another holder.
  long take(NativeTensor tensor);
}
