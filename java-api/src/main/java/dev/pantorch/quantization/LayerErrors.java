package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.HookHandle;
import dev.pantorch.Tensor;
import dev.pantorch.internal.LayerForm;
import dev.pantorch.internal.ModuleQuantization;
import dev.pantorch.internal.RecordComponents;
import dev.pantorch.nn.Module;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What quantized layers return, beside what their twins in the float model do.
final class LayerErrors {
  private static final ModuleQuantization ACCESS = ModuleQuantization.get();

  private LayerErrors() {}

  /// The layers to look at: where in both models, and which layer computes it.
  private static Map<String, Module> watched(Module quantized) {
    Map<String, Module> watched = new LinkedHashMap<>();
    Map<Module, String> fused = new HashMap<>();
    Map<String, Module> modules = quantized.namedModules();
    modules.forEach((path, module) -> {
      LayerForm form = ACCESS.form(module);
      Module head = form == null ? null : form.computedBy();
      if (head != null && ACCESS.isQuantized(head)) fused.put(head, path);
    });
    modules.forEach((path, module) -> {
      if (!ACCESS.isQuantized(module) || module instanceof DeQuantStub) return;
      watched.put(fused.getOrDefault(module, path), module);
    });
    return watched;
  }

  static List<Comparison.LayerError> of(
      Module model, Module quantized, Runnable run, Runnable runQuantized) {
    Map<String, Module> watched = watched(quantized);
    Map<String, List<Tensor>> floats = record(model, watched, run);
    Map<String, List<Tensor>> bytes = record(quantized, watched, runQuantized);
    Map<Module, String> paths = new HashMap<>();
    quantized.namedModules().forEach((path, module) -> paths.put(module, path));
    List<Comparison.LayerError> errors = new ArrayList<>();
    watched.forEach((path, layer) -> {
      List<Tensor> expected = floats.getOrDefault(path, List.of());
      List<Tensor> actual = bytes.getOrDefault(path, List.of());
      // A layer that was not called has no error.
      if (expected.isEmpty() || expected.size() != actual.size()) return;
      String name = paths.getOrDefault(layer, path);
      errors.add(error(name, layer.toString(), expected, actual));
    });
    return List.copyOf(errors);
  }

  private static Map<String, List<Tensor>> record(
      Module model, Map<String, Module> watched, Runnable run) {
    Map<String, List<Tensor>> outputs = new HashMap<>();
    List<HookHandle> hooks = new ArrayList<>();
    try {
      model
          .namedModules()
          .forEach((path, module) -> {
            if (!watched.containsKey(path)) return;
            List<Tensor> seen = outputs.computeIfAbsent(path, p -> new ArrayList<>());
            hooks.add(
                module.registerForwardHook((layer, input, output) -> {
                  collect(output, seen);
                  return null;
                }));
          });
      run.run();
    } finally {
      hooks.forEach(HookHandle::close);
    }
    return outputs;
  }

  private static void collect(@Nullable Object value, List<Tensor> tensors) {
    switch (value) {
      // Lengths of packed sequences are no outputs.
      case Tensor tensor when !tensor.isQuantized() && !tensor.dtype().isFloatingPoint() -> {}
      case Tensor tensor -> {
        Tensor floats = tensor.isQuantized() ? tensor.dequantize() : tensor.detach();
        tensors.add(floats.to(DType.FLOAT64));
      }
      case List<?> list -> list.forEach(each -> collect(each, tensors));
      case Record record -> {
        for (RecordComponent component : record.getClass().getRecordComponents()) {
          collect(RecordComponents.read(record, component), tensors);
        }
      }
      case null, default -> {}
    }
  }

  private static Comparison.LayerError error(
      String path, String layer, List<Tensor> expected, List<Tensor> actual) {
    double signal = 0;
    double noise = 0;
    double largest = 0;
    double sum = 0;
    long count = 0;
    for (int i = 0; i < expected.size(); i++) {
      Tensor difference = expected.get(i).sub(actual.get(i)).abs();
      if (difference.numel() == 0) continue;
      signal += expected.get(i).square().sum().item();
      noise += difference.square().sum().item();
      largest = Math.max(largest, difference.max().item());
      sum += difference.sum().item();
      count += difference.numel();
    }
    String type = layer.substring(0, layer.indexOf('('));
    return new Comparison.LayerError(
        path, type, 10 * Math.log10(signal / noise), largest, sum / count);
  }
}
