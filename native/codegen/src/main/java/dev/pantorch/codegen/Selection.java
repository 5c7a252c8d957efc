package dev.pantorch.codegen;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// Which operators are generated, and why the others are not.
///
/// @param generated the operators to generate, sorted
/// @param leftOut every other operator with its reason, sorted
record Selection(List<Schema> generated, List<LeftOut> leftOut) {

  /// An operator that gets no method of its own; `Torch.op` still reaches it.
  record LeftOut(Schema schema, String reason) {}

  static Selection of(List<Schema> schemas) throws IOException {
    var kept = new PatternTable("kept-internals.txt");
    var unsafe = new PatternTable("unsafe.txt");
    var generated = new ArrayList<Schema>();
    var leftOut = new ArrayList<LeftOut>();
    for (Schema schema : schemas) {
      String reason = whyLeftOut(schema, kept, unsafe);
      if (reason == null) {
        generated.add(schema);
      } else {
        leftOut.add(new LeftOut(schema, reason));
      }
    }
    kept.requireAllUsed();
    unsafe.requireAllUsed();
    return new Selection(List.copyOf(generated), List.copyOf(leftOut));
  }

  /// How many operators each reason leaves out.
  TreeMap<String, Integer> countsByReason() {
    var counts = new TreeMap<String, Integer>();
    leftOut.forEach(l -> counts.merge(l.reason(), 1, Integer::sum));
    return counts;
  }

  private static String whyLeftOut(Schema schema, PatternTable kept, PatternTable unsafe) {
    if (schema.isOutVariant()) {
      return "out-variant";
    }
    String inexpressible = inexpressibleType(schema);
    if (inexpressible != null) {
      return "needs a " + inexpressible;
    }
    if (unsafe.matches(schema)) {
      return "unsafe";
    }
    if (schema.name().startsWith("__")) {
      return "spelling of a Python operator";
    }
    return !schema.name().startsWith("_") || kept.matches(schema) ? null : "internal";
  }

  private static String inexpressibleType(Schema schema) {
    for (Argument argument : schema.arguments()) {
      if (!argument.type().base().isExpressible()) {
        return argument.type().base().schemaName;
      }
    }
    for (Schema.Result result : schema.results()) {
      if (!result.type().base().isExpressible()) {
        return result.type().base().schemaName;
      }
    }
    return null;
  }
}
