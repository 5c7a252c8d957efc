package dev.pantorch;

import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.internal.Substitution;
import dev.pantorch.internal.TensorCalls;
import dev.pantorch.ops.Internal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Prints tensors to the letter as Python does.
///
/// [Printing](https://docs.pytorch.org/docs/2.13/generated/torch.set_printoptions.html)
final class TensorPrinter {
  private static final String PREFIX = "tensor(";
  private static final String NESTED_PREFIX = "nested_tensor(";

  private final PrintOptions options;

  private TensorPrinter(PrintOptions options) {
    this.options = options;
  }

  static String print(Tensor tensor, PrintOptions options) {
    if (tensor.isClosed()) return PREFIX + "closed)";
    try {
      if (!tensor.isDefined()) return PREFIX + "undefined)";
    } catch (IllegalStateException e) {
      // Printing, in a debugger for instance, should not throw.
      return PREFIX + "of another thread's scope)";
    }
    try (TensorScope scope = TensorScope.open()) {
      // A parametrized tensor is computed with gradients, and once.
      Tensor value = Substitution.value(tensor);
      try (Autograd.Mode mode = Autograd.unrecorded()) {
        return new TensorPrinter(options).text(value);
      }
    }
  }

  private String text(Tensor tensor) {
    List<String> suffixes = new ArrayList<>();
    Device device = tensor.device();
    boolean nested = TensorCalls.describe(tensor).has(pantorch_h.PT_TENSOR_NESTED());
    if (!device.isCpu()) suffixes.add("device='" + device + "'");
    String size = "size=" + tuple(tensor.shape());
    boolean meta = device.type() == DeviceType.META;
    String contents;
    if (isSparse(tensor.layout())) {
      contents = sparse(tensor, meta, suffixes);
    } else if (nested) {
      contents = nested(tensor);
    } else if (tensor.isQuantized()) {
      suffixes.add(size);
      addDtype(tensor, suffixes);
      QuantizationText.addTo(suffixes, tensor, options);
      contents = elements(tensor.dequantize(), PREFIX.length());
    } else if (meta) {
      suffixes.add(size);
      if (tensor.dtype() != Torch.getDefaultDtype()) suffixes.add("dtype=" + tensor.dtype());
      contents = "...";
    } else if (tensor.numel() == 0) {
      if (tensor.dim() != 1) suffixes.add(size);
      if (tensor.dtype() != Torch.getDefaultDtype()) suffixes.add("dtype=" + tensor.dtype());
      contents = "[]";
    } else {
      if (options.edgeItems() == 0) suffixes.add(size);
      addDtype(tensor, suffixes);
      contents = elements(tensor, PREFIX.length());
    }
    if (tensor.layout() != Layout.STRIDED) suffixes.add("layout=" + tensor.layout());
    String gradFn = gradFn(tensor);
    if (gradFn != null) {
      suffixes.add("grad_fn=<" + gradFn + ">");
    } else if (tensor.requiresGrad()) {
      suffixes.add("requires_grad=True");
    }
    String prefix = nested ? NESTED_PREFIX : PREFIX;
    return withSuffixes(prefix, contents, suffixes, tensor.layout() == Layout.SPARSE);
  }

  private String nested(Tensor tensor) {
    return tensor.unbind().stream()
        .map(part -> text(part).indent(2).stripTrailing())
        .collect(Collectors.joining(",\n", "[\n", "\n]"));
  }

  private static boolean isSparse(Layout layout) {
    return switch (layout) {
      case SPARSE, SPARSE_CSR, SPARSE_CSC, SPARSE_BSR, SPARSE_BSC -> true;
      default -> false;
    };
  }

  /// The dtype, unless Python would have made the same of such elements.
  private static void addDtype(Tensor tensor, List<String> suffixes) {
    DType dtype = tensor.dtype();
    DType standard = Torch.getDefaultDtype();
    DType complex = standard == DType.FLOAT64 ? DType.COMPLEX128 : DType.COMPLEX64;
    if (dtype != standard && dtype != complex && dtype != DType.INT64 && dtype != DType.BOOL) {
      suffixes.add("dtype=" + dtype);
    }
  }

  private static @Nullable String gradFn(Tensor tensor) {
    try {
      return tensor.gradFn();
    } catch (TorchException e) {
      // A view that was changed in no-grad mode has no function to name.
      return "Invalid";
    }
  }

  /// `(2, 3)`, `(2,)`, `()`
  private static String tuple(long[] sizes) {
    String list = Arrays.stream(sizes).mapToObj(Long::toString).collect(Collectors.joining(", "));
    return "(" + list + (sizes.length == 1 ? ",)" : ")");
  }

  private String withSuffixes(
      String prefix, String contents, List<String> suffixes, boolean onOwnLine) {
    StringBuilder all = new StringBuilder(prefix).append(contents);
    int indent = prefix.length();
    int lineLength = all.length() - all.lastIndexOf("\n") + 1;
    boolean newLine = onOwnLine;
    for (String suffix : suffixes) {
      if (newLine || lineLength + suffix.length() + 2 > options.lineWidth()) {
        all.append(",\n").append(" ".repeat(indent)).append(suffix);
        lineLength = indent + suffix.length();
        newLine = false;
      } else {
        all.append(", ").append(suffix);
        lineLength += suffix.length() + 2;
      }
    }
    return all.append(")").toString();
  }

  // Sparse tensors print the dense ones that they consist of.

  private String sparse(Tensor tensor, boolean meta, List<String> suffixes) {
    suffixes.add("size=" + tuple(tensor.shape()));
    if (!meta) suffixes.add("nnz=" + Internal.nnz(tensor));
    addDtype(tensor, suffixes);
    return switch (tensor.layout()) {
      case SPARSE ->
          parts(
              meta,
              new Part("indices", Internal.indices(tensor)),
              new Part("values", Internal.values(tensor)));
      case SPARSE_CSR, SPARSE_BSR ->
          parts(
              meta,
              new Part("crow_indices", tensor.crowIndices()),
              new Part("col_indices", tensor.colIndices()),
              new Part("values", tensor.values()));
      default ->
          parts(
              meta,
              new Part("ccol_indices", tensor.ccolIndices()),
              new Part("row_indices", tensor.rowIndices()),
              new Part("values", tensor.values()));
    };
  }

  private record Part(String name, Tensor tensor) {}

  private String parts(boolean meta, Part... parts) {
    return Arrays.stream(parts)
        .map(part -> part(part, meta))
        .collect(Collectors.joining(",\n" + " ".repeat(PREFIX.length())));
  }

  private String part(Part part, boolean meta) {
    String prefix = part.name() + "=" + PREFIX;
    Tensor tensor = part.tensor().detach();
    String contents = meta ? "..." : elements(tensor, PREFIX.length() + prefix.length());
    if (meta || tensor.numel() == 0) contents += ", size=" + tuple(tensor.shape());
    return prefix + contents + ")";
  }

  // Elements.

  private String elements(Tensor tensor, int indent) {
    if (tensor.numel() == 0) return "[]";
    Tensor dense = tensor.layout() == Layout.STRIDED ? tensor : tensor.toDense();
    boolean summarize = dense.numel() > options.threshold();
    if (summarize && options.edgeItems() == 0 && dense.dim() > 0) return "[...]";
    Tensor shown = summarize ? edges(dense) : dense;
    return new Rows(shown.shape(), dense.shape(), printed(shown), options).text(indent);
  }

  /// The elements that a summary shows, in every dimension the first and the last.
  private Tensor edges(Tensor tensor) {
    int edge = options.edgeItems();
    Tensor shown = tensor;
    for (int dim = 0; dim < tensor.dim(); dim++) {
      long size = tensor.size(dim);
      if (size > 2L * edge) {
        shown =
            Torch.cat(
                List.of(shown.narrow(dim, 0, edge), shown.narrow(dim, size - edge, edge)), dim);
      }
    }
    return shown;
  }

  private PrintedElements printed(Tensor tensor) {
    DType dtype = tensor.dtype();
    if (dtype.isComplex()) {
      Tensor resolved = tensor.resolveConj().resolveNeg();
      return PrintedElements.ofPairs(Torch.viewAsReal(resolved).toDoubleArray(), options);
    }
    if (dtype == DType.FLOAT4_E2M1FN_X2) {
      // Has no values of its own in PyTorch; its bytes are shown.
      return PrintedElements.of(tensor.view(DType.UINT8).toDoubleArray(), options);
    }
    if (dtype.isFloatingPoint()) return PrintedElements.of(tensor.toDoubleArray(), options);
    return PrintedElements.of(words(tensor, dtype));
  }

  private static String[] words(Tensor tensor, DType dtype) {
    if (dtype == DType.BOOL) {
      boolean[] flags = tensor.toBooleanArray();
      String[] words = new String[flags.length];
      for (int i = 0; i < flags.length; i++) words[i] = flags[i] ? "True" : "False";
      return words;
    }
    boolean unsigned = dtype == DType.UINT64;
    long[] numbers = (unsigned ? tensor.contiguous().view(DType.INT64) : tensor).toLongArray();
    return Arrays.stream(numbers)
        .mapToObj(n -> unsigned ? Long.toUnsignedString(n) : Long.toString(n))
        .toArray(String[]::new);
  }

  /// The brackets and line breaks around printed elements.
  ///
  /// @param shown the sizes of what is printed
  /// @param whole the sizes of the tensor; where they are larger, dots stand for the rest
  @SuppressWarnings("ArrayRecordComponent") // handed on to one reader
  private record Rows(long[] shown, long[] whole, PrintedElements elements, PrintOptions options) {
    String text(int indent) {
      return shown.length == 0 ? elements.texts()[0] : block(0, 0, indent);
    }

    /// The block of one dimension that begins at an element.
    private String block(int dim, int first, int indent) {
      int size = (int) shown[dim];
      int below = 1;
      for (int i = dim + 1; i < shown.length; i++) below *= (int) shown[i];
      boolean vector = dim + 1 == shown.length;
      List<String> items = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        if (shown[dim] < whole[dim] && i == size / 2) items.add(vector ? " ..." : "...");
        int at = first + i * below;
        items.add(vector ? elements.texts()[at] : block(dim + 1, at, indent + 1));
      }
      String nextLine = " ".repeat(indent + 1);
      if (vector) return "[" + String.join(",\n" + nextLine, lines(items, indent)) + "]";
      String between = "," + "\n".repeat(shown.length - dim - 1) + nextLine;
      return "[" + String.join(between, items) + "]";
    }

    private List<String> lines(List<String> items, int indent) {
      int perLine = Math.max(1, Math.floorDiv(options.lineWidth() - indent, elements.width() + 2));
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < items.size(); i += perLine) {
        lines.add(String.join(", ", items.subList(i, Math.min(items.size(), i + perLine))));
      }
      return lines;
    }
  }
}
