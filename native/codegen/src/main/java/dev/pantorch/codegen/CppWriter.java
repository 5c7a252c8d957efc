package dev.pantorch.codegen;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/// Writes the C++ side: one small function per operator, and the table that finds it by name.
///
/// A function is linear: read the slots, call `at::_ops::NAME::call`, or `redispatch` where
/// `native/src/below_autograd.h` allows it, write the results. The readers and writers are
/// hand-written in `native/src/slots.h`.
final class CppWriter {
  /// Parsing libtorch's headers costs 4-5 s a unit, so two units (for two cores) are best.
  static final int UNITS = 2;

  /// Operators that are made of others and return, with any arguments, what one kernel has made and
  /// nobody has changed or viewed since: nothing would be counted at libtorch's front end.
  private static final Set<String> OF_KERNELS = Set.of("layer_norm", "log_softmax", "softmax");

  /// The same if the first two arguments are matrices; `linear` views what it returns for others.
  private static final Set<String> OF_MATRICES = Set.of("linear", "matmul");

  static final String NOTICE = "// Written by native/codegen: do not edit.\n";

  private final List<Schema> schemas;
  private final Set<String> composites;
  private final ArgumentChecks checks;
  private final Predicate<Schema> writesUncounted;

  /// @param schemas the operators to write
  /// @param composites the names of operators that are made of others ([Headers#composites])
  /// @param checks which operators are checked before the call
  /// @param writesUncounted which operators write to tensors without counting it
  CppWriter(
      List<Schema> schemas,
      Set<String> composites,
      ArgumentChecks checks,
      Predicate<Schema> writesUncounted) {
    this.schemas = schemas;
    this.composites = composites;
    this.checks = checks;
    this.writesUncounted = writesUncounted;
  }

  /// Translation unit number `index` of [#UNITS].
  String unit(int index) {
    int from = schemas.size() * index / UNITS;
    int to = schemas.size() * (index + 1) / UNITS;
    var out = new StringBuilder(NOTICE);
    out.append(
        """
        #include <ATen/Operators.h>
        #include <ATen/core/Tensor.h>

        #include "argument_checks.h"
        #include "below_autograd.h"
        #include "further_checks.h"
        #include "gradient_checks.h"
        #include "layout_checks.h"
        #include "hidden_writes.h"
        #include "recurrent_checks.h"
        #include "resize_checks.h"
        #include "slots.h"

        // NOLINTBEGIN
        namespace pantorch::operators {
        """);
    schemas.subList(from, to).forEach(schema -> function(out, schema));
    return out.append(
            """

            }  // namespace pantorch::operators
            // NOLINTEND
            """)
        .toString();
  }

  /// The unit with the name table, which needs none of libtorch's headers.
  String table() {
    var out = new StringBuilder(NOTICE);
    out.append(
        """
        #include "operators.h"

        #include <algorithm>
        #include <iterator>

        namespace pantorch::operators {
        """);
    for (Schema schema : schemas) {
      out.append("void %s(int64_t*);\n".formatted(functionName(schema)));
    }
    out.append(
        """
        }  // namespace pantorch::operators

        namespace pantorch {
        namespace {

        // Sorted by name, byte by byte.
        constexpr OperatorEntry kOperators[] = {
        """);
    var sorted = new ArrayList<>(schemas);
    sorted.sort(Comparator.comparing(Schema::qualifiedName));
    for (Schema schema : sorted) {
      out.append(
          "    {\"%s\", \"%s\", operators::%s},\n"
              .formatted(
                  schema.qualifiedName(),
                  schema.qualifiedText().replace("\\", "\\\\").replace("\"", "\\\""),
                  functionName(schema)));
    }
    return out.append(
            """
            };

            }  // namespace

            const OperatorEntry* find_operator(std::string_view qualified_name) {
              const OperatorEntry* found = std::lower_bound(
                  std::begin(kOperators), std::end(kOperators), qualified_name,
                  [](const OperatorEntry& entry, std::string_view name) { return entry.name < name; });
              return found != std::end(kOperators) && found->name == qualified_name ? found : nullptr;
            }

            size_t operator_count() { return std::size(kOperators); }

            const OperatorEntry* operator_at(size_t index) {
              return index < std::size(kOperators) ? &kOperators[index] : nullptr;
            }

            }  // namespace pantorch
            """)
        .toString();
  }

  private void function(StringBuilder out, Schema schema) {
    Packet packet = Packet.of(schema);
    var values = new ArrayList<String>();
    for (int i = 0; i < schema.arguments().size(); i++) {
      values.add(read(schema.arguments().get(i).type(), packet.offsets().get(i)));
    }
    out.append("\n// ").append(schema.qualifiedText()).append('\n');
    out.append(
        "void %s(int64_t*%s) {\n".formatted(functionName(schema), packet.slots() == 0 ? "" : " s"));
    if (checks.covers(schema)) {
      out.append("  %s;\n".formatted(checks.call(schema, values)));
    }
    if (writesUncounted.test(schema)) out.append("  const HiddenWrite written;\n");
    String arguments = String.join(", ", values);
    if (hasKernelBelowAutograd(schema)) {
      List<String> tensors = tensors(schema, packet);
      out.append(
          "  if (const BelowAutograd below(%s); below%s) {\n"
              .formatted(
                  String.join(", ", tensors),
                  OF_MATRICES.contains(schema.name())
                      ? " && %s.dim() == 2 && %s.dim() == 2"
                          .formatted(tensors.get(0), tensors.get(1))
                      : ""));
      out.append("    return ").append(call(schema, "redispatch", "below.keys(), " + arguments));
      out.append("  }\n");
    }
    out.append("  ").append(call(schema, "call", arguments)).append("}\n");
  }

  private static String call(Schema schema, String entry, String arguments) {
    String call = "at::_ops::%s::%s(%s)".formatted(schema.structName(), entry, arguments);
    return (schema.results().isEmpty() ? call : "write_results(s, " + call + ")") + ";\n";
  }

  /// Whether the kernel of a call without gradients can be called past libtorch's front end:
  /// nothing is changed or viewed, which is counted there, the kernel is chosen by the tensors and
  /// not by what the result is to be, and the operator is not made of others, which would then be
  /// called past it, too, unless those are known.
  private boolean hasKernelBelowAutograd(Schema schema) {
    return schema.arguments().stream().anyMatch(a -> a.type().base() == Type.Base.TENSOR)
        && schema.arguments().stream().noneMatch(a -> a.type().base() == Type.Base.DEVICE)
        && schema.arguments().stream().allMatch(a -> a.type().alias().isEmpty())
        && schema.results().stream().allMatch(r -> r.type().alias().isEmpty())
        && (!composites.contains(schema.name())
            || OF_KERNELS.contains(schema.name())
            || OF_MATRICES.contains(schema.name()));
  }

  /// The operator's tensors and lists of tensors, null where an optional one is absent.
  private static List<String> tensors(Schema schema, Packet packet) {
    var tensors = new ArrayList<String>();
    for (int i = 0; i < schema.arguments().size(); i++) {
      Type type = schema.arguments().get(i).type();
      if (type.base() == Type.Base.TENSOR) {
        int slot = packet.offsets().get(i);
        tensors.add(
            type.list() ? "read_array<at::Tensor>(" + at(slot) + ")" : "tensor(" + at(slot) + ")");
      }
    }
    return tensors;
  }

  private static String functionName(Schema schema) {
    return "op_" + schema.structName();
  }

  private static String read(Type type, int slot) {
    if (type.is(Type.Base.TENSOR)) {
      return "tensor(" + at(slot) + ")";
    }
    return "read<" + cppType(type) + ">(" + at(slot) + ")";
  }

  private static String at(int slot) {
    return slot == 0 ? "s" : "s + " + slot;
  }

  /// The C++ type that `at::_ops` takes for a schema type, without `const &`.
  static String cppType(Type type) {
    if (type.isIntegerList()) {
      String symbolic = type.base() == Type.Base.SYM_INT ? "Sym" : "";
      return type.optional()
          ? "at::Optional" + symbolic + "IntArrayRef"
          : (symbolic.isEmpty() ? "at::" : "c10::Sym") + "IntArrayRef";
    }
    String plain =
        !type.list()
            ? elementType(type.base())
            : switch (type.base()) {
              case TENSOR ->
                  type.optionalElement()
                      ? "c10::List<std::optional<at::Tensor>>"
                      : "at::TensorList";
              case SCALAR -> "Scalars";
              case BOOL -> "std::array<bool, " + type.size() + ">";
              default -> "at::ArrayRef<" + elementType(type.base()) + ">";
            };
    return type.optional() ? "std::optional<" + plain + ">" : plain;
  }

  private static String elementType(Type.Base base) {
    return switch (base) {
      case TENSOR -> "at::Tensor";
      case INT -> "int64_t";
      case SYM_INT -> "c10::SymInt";
      case BOOL -> "bool";
      case FLOAT -> "double";
      case STR -> "std::string_view";
      case SCALAR -> "at::Scalar";
      case SCALAR_TYPE -> "at::ScalarType";
      case LAYOUT -> "at::Layout";
      case MEMORY_FORMAT -> "at::MemoryFormat";
      case DEVICE -> "at::Device";
      case GENERATOR -> "at::Generator";
      case DEVICE_INDEX, STORAGE, STREAM, Q_SCHEME, SYM_BOOL ->
          throw new IllegalArgumentException("no encoding for " + base);
    };
  }
}
