package dev.pantorch.parity;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Whether results may be compared to the bit: the vectorised kernels give other last bits on
/// another instruction set and another number of threads, so the fixtures were made under pins that
/// the build repeats for the tests.
///
/// @param differences what is not as it was when the fixtures were made, empty when all is
record Environment(List<String> differences) {

  static final Environment CURRENT = current();

  boolean isExact() {
    return differences.isEmpty();
  }

  private static Environment current() {
    JsonNode recorded = Fixtures.json("environment.json");
    var differences = new ArrayList<String>();
    for (Map.Entry<String, JsonNode> pin : recorded.get("variables").properties()) {
      String found = System.getenv(pin.getKey());
      if (!pin.getValue().asText().equals(found)) {
        differences.add("%s is %s, not %s".formatted(pin.getKey(), found, pin.getValue().asText()));
      }
    }
    String machine = System.getProperty("os.arch").replace("amd64", "x86_64");
    if (!machine.equals(recorded.get("machine").asText())) {
      differences.add(
          "the machine is %s, not %s".formatted(machine, recorded.get("machine").asText()));
    }
    if (!differences.isEmpty()) {
      System.err.println(
          "Parity is compared within tolerances, not to the bit: "
              + String.join("; ", differences));
    }
    return new Environment(List.copyOf(differences));
  }
}
