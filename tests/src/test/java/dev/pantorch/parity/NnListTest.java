package dev.pantorch.parity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.nn.Functional;
import dev.pantorch.nn.Module;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Whatever `torch.nn` has is here, or docs/modules.md says why it is not.
class NnListTest {
  private final JsonNode lists = Fixtures.json("nn.json");

  @Test
  void should_have_every_class_of_nn() throws IOException {
    check("classes", "class", name -> ModuleDbTest.find(name) != null);
  }

  @Test
  void should_have_every_function_of_functional() throws IOException {
    Set<String> names = methods(Functional.class);
    check("functions", "function", name -> names.contains(PythonCall.camel(name)));
  }

  @Test
  void should_have_every_method_of_module() throws IOException {
    Set<String> names = methods(Module.class);
    check("methods", "method of Module", name -> names.contains(PythonCall.camel(name)));
  }

  private void check(String list, String heading, Predicate<String> isHere) throws IOException {
    Set<String> missing =
        Fixtures.elements(lists.get(list)).stream()
            .map(JsonNode::asText)
            .filter(isHere.negate())
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(new TreeSet<>(notHere(heading)))
        .as("what docs/modules.md says is not here, under '%s'", heading)
        .isEqualTo(missing);
  }

  /// Protected methods are a module's own business, and count.
  private static Set<String> methods(Class<?> type) {
    return Stream.concat(Arrays.stream(type.getMethods()), Arrays.stream(type.getDeclaredMethods()))
        .map(Method::getName)
        .collect(Collectors.toSet());
  }

  /// The names in the first column of the table that begins with a heading.
  private static List<String> notHere(String heading) throws IOException {
    return Files.readString(Path.of("../docs/modules.md"))
        .lines()
        .dropWhile(line -> !line.startsWith("| " + heading + " | why |"))
        .skip(2)
        .takeWhile(line -> line.startsWith("|"))
        .flatMap(line -> Arrays.stream(line.split("\\|", -1)[1].split(",", -1)))
        .map(name -> name.strip().replace("`", ""))
        .toList();
  }
}
