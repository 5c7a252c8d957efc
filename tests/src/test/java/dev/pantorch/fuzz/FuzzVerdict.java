package dev.pantorch.fuzz;

import com.fasterxml.jackson.databind.JsonNode;

/// Whether a call that ended a child is a fault of ours: {@link FuzzRun} notes how it ended
/// (`end`), how it ended by itself (`alone`), and in Python (`python`).
final class FuzzVerdict {
  private FuzzVerdict() {}

  static boolean isHung(JsonNode found) {
    return found.get("end").asText().equals("hung");
  }

  /// A call that did not return is no fault if it returns by itself (the machine was busy), or if
  /// it does not return in Python; what was not made again is the same as one that was.
  static boolean isFault(JsonNode found) {
    if (!found.has("alone") || found.get("alone").asText().equals("returned")) {
      return !isHung(found);
    }
    String python = found.path("python").asText();
    return !python.startsWith("SIG") && !python.equals("hung");
  }
}
