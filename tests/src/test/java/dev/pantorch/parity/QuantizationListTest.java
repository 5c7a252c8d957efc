package dev.pantorch.parity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.quantization.Quantization;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Whatever `torch.ao.quantization` has is here, or docs/quantization.md says why it is not.
class QuantizationListTest {
  @Test
  void should_have_every_name_or_say_why_not() throws IOException {
    List<String> missing = new ArrayList<>();
    List<Pattern> patterns = patterns();
    Set<Pattern> used = new HashSet<>();
    for (JsonNode node : Fixtures.json("static_quantization.json").get("names")) {
      String name = node.asText();
      if (isHere(name)) continue;
      List<Pattern> matching = patterns.stream().filter(p -> p.matcher(name).matches()).toList();
      used.addAll(matching);
      if (matching.isEmpty()) missing.add(name);
    }
    assertThat(missing).as("neither here nor in docs/quantization.md").isEmpty();
    assertThat(used)
        .as("patterns of docs/quantization.md that name something")
        .hasSameElementsAs(patterns);
  }

  private static boolean isHere(String name) {
    Set<String> methods =
        Arrays.stream(Quantization.class.getMethods())
            .map(Method::getName)
            .collect(Collectors.toSet());
    String camel = PythonCall.camel(name);
    if (methods.contains(camel) || methods.contains(camel + "_")) return true;
    try {
      Class.forName("dev.pantorch.quantization." + name);
      return true;
    } catch (ClassNotFoundException _) {
      return false;
    }
  }

  private static List<Pattern> patterns() throws IOException {
    return Files.readString(Path.of("../docs/quantization.md"))
        .lines()
        .dropWhile(line -> !line.equals("| name | why |"))
        .skip(2)
        .takeWhile(line -> line.startsWith("|"))
        .flatMap(line -> Arrays.stream(line.split("\\|", -1)[1].split(",", -1)))
        .map(name -> name.strip().replace("`", "").replace("*", ".*"))
        .map(Pattern::compile)
        .toList();
  }
}
