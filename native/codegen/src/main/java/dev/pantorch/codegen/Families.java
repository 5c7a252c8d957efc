package dev.pantorch.codegen;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The table of families: which Java types an operator's methods and functions go to, and which
/// page of PyTorch's reference describes it.
final class Families {
  /// @param methods the interface for methods of Tensor, null for none
  /// @param functions the class with the functions' bodies
  /// @param alias a second class, whose functions call the first's, null for none
  record Family(String methods, String functions, String alias, String title) {}

  /// Where the table lists an operator.
  ///
  /// @param hasPage whether PyTorch's reference has a page for it
  record Place(Family family, boolean hasPage) {}

  private final Map<String, Place> byName = new LinkedHashMap<>();
  private final Map<String, Place> byPattern = new LinkedHashMap<>();
  private final Set<String> unused = new LinkedHashSet<>();

  Families() throws IOException {
    Family family = null;
    for (String line : Resources.lines("families.txt")) {
      if (!line.startsWith(" ")) {
        family = parse(line);
        continue;
      }
      for (String word : line.strip().split(" ", -1)) {
        boolean hasPage = !word.endsWith("-");
        String name = hasPage ? word : word.substring(0, word.length() - 1);
        boolean pattern = name.contains("*");
        (pattern ? byPattern : byName)
            .put(pattern ? name.replace("*", ".*") : name, new Place(family, hasPage));
        unused.add(name);
      }
    }
  }

  /// The place of an operator by its name without overload.
  ///
  /// @throws IllegalStateException if the table does not know it, as of a newer libtorch
  Place place(String operator) {
    String functional =
        operator.endsWith("_") ? operator.substring(0, operator.length() - 1) : operator;
    for (String name : List.of(operator, functional)) {
      Place place = byName.get(name);
      if (place != null) {
        unused.remove(name);
        return place;
      }
    }
    for (var entry : byPattern.entrySet()) {
      if (functional.matches(entry.getKey())) {
        unused.remove(entry.getKey().replace(".*", "*"));
        return entry.getValue();
      }
    }
    throw new IllegalStateException("families.txt has no place for operator " + operator);
  }

  /// The interfaces for methods of Tensor with their titles, in the order of the table.
  List<Family> interfaces() {
    var families = new LinkedHashSet<Family>();
    for (Place place : byName.values()) {
      if (place.family().methods() != null) {
        families.add(place.family());
      }
    }
    return new ArrayList<>(families);
  }

  /// A name that no operator has is a mistake, or a trace of an older libtorch.
  void requireAllUsed() {
    if (!unused.isEmpty()) {
      throw new IllegalStateException("families.txt names no operator of this libtorch: " + unused);
    }
  }

  private static Family parse(String line) {
    int colon = line.indexOf(':');
    String[] types = line.substring(0, colon).split(" ", -1);
    String methods = types.length == 1 || types[0].equals("-") ? null : types[0];
    String[] functions = types[types.length - 1].split("\\+", -1);
    return new Family(
        methods,
        functions[0],
        functions.length > 1 ? functions[1] : null,
        line.substring(colon + 1).strip());
  }
}
