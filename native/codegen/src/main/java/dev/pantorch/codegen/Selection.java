package dev.pantorch.codegen;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Which operators are generated, and why the others are not.
///
/// @param generated the operators to generate, sorted
/// @param leftOut every other operator with its reason, sorted
record Selection(List<Schema> generated, List<LeftOut> leftOut) {

  /// An operator that gets no method of its own; `Torch.op` still reaches it.
  record LeftOut(Schema schema, String reason) {}

  /// A line `pattern` of the resource below a `group: reason` line.
  private record Kept(Pattern pattern, String reason) {}

  static Selection of(List<Schema> schemas) throws IOException {
    List<Kept> kept = keptInternals();
    var generated = new ArrayList<Schema>();
    var leftOut = new ArrayList<LeftOut>();
    var unused = new ArrayList<>(kept);
    for (Schema schema : schemas) {
      String reason = whyLeftOut(schema, kept, unused);
      if (reason == null) {
        generated.add(schema);
      } else {
        leftOut.add(new LeftOut(schema, reason));
      }
    }
    if (!unused.isEmpty()) {
      throw new IllegalStateException(
          "kept-internals.txt names no operator of this libtorch: "
              + unused.stream().map(k -> k.pattern().pattern()).toList());
    }
    return new Selection(List.copyOf(generated), List.copyOf(leftOut));
  }

  /// How many operators each reason leaves out.
  TreeMap<String, Integer> countsByReason() {
    var counts = new TreeMap<String, Integer>();
    leftOut.forEach(l -> counts.merge(l.reason(), 1, Integer::sum));
    return counts;
  }

  private static String whyLeftOut(Schema schema, List<Kept> kept, List<Kept> unused) {
    if (schema.isOutVariant()) {
      return "out-variant";
    }
    String inexpressible = inexpressibleType(schema);
    if (inexpressible != null) {
      return "needs a " + inexpressible;
    }
    if (schema.name().startsWith("__")) {
      return "spelling of a Python operator";
    }
    if (!schema.name().startsWith("_")) {
      return null;
    }
    for (Kept k : kept) {
      if (k.pattern().matcher(schema.nameWithOverload()).matches()) {
        unused.remove(k);
        return null;
      }
    }
    return "internal";
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

  private static List<Kept> keptInternals() throws IOException {
    var kept = new ArrayList<Kept>();
    String reason = null;
    for (String line : Resources.lines("kept-internals.txt")) {
      if (line.startsWith(" ")) {
        kept.add(new Kept(Pattern.compile(line.strip()), reason));
      } else {
        reason = line;
      }
    }
    return kept;
  }
}
