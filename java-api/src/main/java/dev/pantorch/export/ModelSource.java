package dev.pantorch.export;

import dev.pantorch.DType;
import dev.pantorch.DeviceType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the C++ source in a package says of the model's inputs and constants. The compiled model
/// checks them by the same lines, but only if the environment asks for it, and has no function to
/// tell them.
///
/// @param names the source's names for the inputs
/// @param inputs what each input must be
/// @param asserted the sizes and strides of inputs as they depend on each other
/// @param definitions what the names in these stand for
/// @param constants the weights by name
record ModelSource(
    List<String> names,
    List<InputSpec> inputs,
    List<Asserted> asserted,
    List<Definition> definitions,
    Map<String, ConstantSpec> constants) {
  private static final Pattern INPUT =
      Pattern.compile("inputs_info_\\[(\\d+)\\]\\.name = \"(\\w+)\";");
  private static final Pattern CHECK = Pattern.compile("static void check_input_(\\d+)\\(");
  private static final Pattern DTYPE =
      Pattern.compile("_expected_dtype = aoti_torch_dtype_(\\w+)\\(\\);");
  private static final Pattern DEVICE = Pattern.compile("_expected_device_type = (\\d+);");
  private static final Pattern SIZE = Pattern.compile("if \\((\\d+) != \\w+_size\\[(\\d+)\\]\\)");
  private static final Pattern BOUND =
      Pattern.compile("if \\(\\w+_size\\[(\\d+)\\] ([<>]) (\\d+)\\)");
  private static final Pattern STRIDE =
      Pattern.compile("if \\((-?\\d+) != \\w+_stride\\[(\\d+)\\]\\)");
  private static final Pattern DEFINITION =
      Pattern.compile("^ *int64_t (\\w+) = ([^;\\n]+);$", Pattern.MULTILINE);
  private static final Pattern ASSERT =
      Pattern.compile(
          "assert_size_stride\\((\\w+), \\{([^}\\n]*)\\}, \\{([^}\\n]*)\\}, \"input\"\\)");
  private static final Pattern CONSTANT =
      Pattern.compile("constants_info_\\[(\\d+)\\]\\.(\\w+) = ([^;\\n]+);");
  private static final int MOST_DIMENSIONS = 64;

  /// Sizes and strides of an input, as expressions.
  record Asserted(int input, List<String> sizes, List<String> strides) {}

  /// A name for a size.
  record Definition(String name, String expression) {}

  /// A weight.
  record ConstantSpec(DType dtype, List<Long> shape, List<Long> strides) {}

  static boolean isModel(String source) {
    return source.contains("inputs_info_[") || source.contains("outputs_info_[");
  }

  /// Reads a source; null if it is not as this version of PyTorch writes it.
  static @Nullable ModelSource parse(String source) {
    SortedMap<Integer, String> names = new TreeMap<>();
    for (Matcher m = INPUT.matcher(source); m.find(); ) {
      names.put(Integer.valueOf(m.group(1)), m.group(2));
    }
    SortedMap<Integer, InputSpec> inputs = new TreeMap<>();
    for (Matcher m = CHECK.matcher(source); m.find(); ) {
      int end = source.indexOf("\n}", m.end());
      InputSpec input = end < 0 ? null : input(source.substring(m.end(), end));
      if (input == null) return null;
      inputs.put(Integer.valueOf(m.group(1)), input);
    }
    if (!inputs.keySet().equals(names.keySet())
        || (!inputs.isEmpty() && inputs.lastKey() != inputs.size() - 1)) {
      return null;
    }
    List<String> inOrder = List.copyOf(names.values());
    List<InputSpec> specs = List.copyOf(inputs.values());
    List<Asserted> asserted = new ArrayList<>();
    for (Matcher m = ASSERT.matcher(source); m.find(); ) {
      int input = inOrder.indexOf(m.group(1));
      if (input < 0) continue;
      Asserted found = new Asserted(input, list(m.group(2)), list(m.group(3)));
      if (found.sizes.size() != specs.get(input).shape().size()) return null;
      asserted.add(found);
    }
    List<Definition> definitions = new ArrayList<>();
    Matcher m = DEFINITION.matcher(source);
    m.region(Math.max(0, source.indexOf("::run_impl(")), source.length());
    while (m.find()) definitions.add(new Definition(m.group(1), m.group(2)));
    return new ModelSource(inOrder, specs, asserted, definitions, constants(source));
  }

  private static @Nullable InputSpec input(String check) {
    Matcher dtype = DTYPE.matcher(check);
    Matcher device = DEVICE.matcher(check);
    if (!dtype.find()) return null;
    SortedMap<Integer, Long> least = new TreeMap<>();
    SortedMap<Integer, Long> most = new TreeMap<>();
    SortedMap<Integer, Long> strides = new TreeMap<>();
    for (Matcher m = SIZE.matcher(check); m.find(); ) {
      least.put(Integer.valueOf(m.group(2)), Long.valueOf(m.group(1)));
      most.put(Integer.valueOf(m.group(2)), Long.valueOf(m.group(1)));
    }
    for (Matcher m = BOUND.matcher(check); m.find(); ) {
      (m.group(2).equals("<") ? least : most)
          .put(Integer.valueOf(m.group(1)), Long.valueOf(m.group(3)));
    }
    for (Matcher m = STRIDE.matcher(check); m.find(); ) {
      strides.put(Integer.valueOf(m.group(2)), Long.valueOf(m.group(1)));
    }
    int dims = 1 + Math.max(last(least), Math.max(last(most), last(strides)));
    if (dims > MOST_DIMENSIONS) return null;
    List<InputSpec.Size> shape = new ArrayList<>();
    List<@Nullable Long> steps = new ArrayList<>();
    for (int i = 0; i < dims; i++) {
      shape.add(
          new InputSpec.Size(least.getOrDefault(i, 0L), most.getOrDefault(i, Long.MAX_VALUE)));
      steps.add(strides.get(i));
    }
    DType type = dtype(dtype.group(1));
    DeviceType kind =
        device.find() ? DeviceType.ofCode(Integer.parseInt(device.group(1))) : DeviceType.CPU;
    return type == null ? null : new InputSpec(type, kind, shape, steps);
  }

  private static int last(SortedMap<Integer, Long> values) {
    return values.isEmpty() ? -1 : values.lastKey();
  }

  private static @Nullable DType dtype(String name) {
    return Arrays.stream(DType.values())
        .filter(dtype -> dtype.torchName().equals(name))
        .findFirst()
        .orElse(null);
  }

  private static List<String> list(String text) {
    return Arrays.stream(text.split(",", -1)).map(String::strip).filter(t -> !t.isEmpty()).toList();
  }

  private static Map<String, ConstantSpec> constants(String source) {
    Map<String, Map<String, String>> fields = new LinkedHashMap<>();
    for (Matcher m = CONSTANT.matcher(source); m.find(); ) {
      fields.computeIfAbsent(m.group(1), k -> new HashMap<>()).put(m.group(2), m.group(3));
    }
    Map<String, ConstantSpec> constants = new LinkedHashMap<>();
    for (Map<String, String> constant : fields.values()) {
      String name = constant.getOrDefault("original_fqn", "").replace("\"", "");
      DType dtype =
          dtype(constant.getOrDefault("dtype", "").replaceFirst("^cached_torch_dtype_", ""));
      List<Long> shape = numbers(constant.get("shape"));
      List<Long> strides = numbers(constant.get("stride"));
      if (dtype != null && shape != null && strides != null) {
        constants.put(name, new ConstantSpec(dtype, shape, strides));
      }
    }
    return constants;
  }

  private static @Nullable List<Long> numbers(@Nullable String braced) {
    if (braced == null || !braced.matches("\\{[\\d, ]*\\}")) return null;
    return list(braced.substring(1, braced.length() - 1)).stream().map(Long::valueOf).toList();
  }
}
