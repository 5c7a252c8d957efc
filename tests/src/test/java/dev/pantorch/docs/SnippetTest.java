package dev.pantorch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.util.JavacTask;
import dev.pantorch.Tensor;
import dev.pantorch.nn.Module;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/// Code in the documentation is code, and each public class has some.
class SnippetTest {
  @Test
  void should_compile_each_snippet_of_the_documentation() throws IOException {
    List<Snippet> snippets =
        Sources.documented().flatMap(file -> Snippet.of(file).stream()).toList();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    JavacTask task =
        (JavacTask)
            ToolProvider.getSystemJavaCompiler()
                .getTask(
                    null,
                    null,
                    found,
                    List.of(
                        "-proc:none",
                        "--should-stop=ifError=FLOW",
                        "-Xmaxerrs",
                        "1000",
                        "-cp",
                        classPath),
                    null,
                    snippets);
    task.analyze();

    assertThat(snippets).hasSizeGreaterThan(350);
    assertThat(found.getDiagnostics())
        .filteredOn(each -> each.getKind() == Diagnostic.Kind.ERROR)
        .map(Snippet::describe)
        .isEmpty();
  }

  /// Exempt is what programs do not begin with: exceptions, which are thrown at them; enums and
  /// annotations, which show in the snippets of what takes them; classes that only Pantorch
  /// extends, whose subclasses have snippets, and the interfaces that {@link Tensor} consists of.
  @Test
  void should_show_a_snippet_for_each_public_class() {
    assertThat(
            Sources.publicClasses()
                .filter(type -> !Throwable.class.isAssignableFrom(type))
                .filter(type -> !type.isEnum() && !type.isAnnotation())
                .filter(type -> !isOfPantorchOnly(type) && !isPartOfTensor(type))
                .filter(type -> !Sources.comment(type).contains("/// ```java\n")))
        .isEmpty();
  }

  private static boolean isOfPantorchOnly(Class<?> type) {
    return !type.isInterface()
        && Modifier.isAbstract(type.getModifiers())
        && (type.isSealed()
            || Stream.of(type.getDeclaredConstructors())
                .noneMatch(
                    made -> (made.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0));
  }

  private static boolean isPartOfTensor(Class<?> type) {
    return type.isSealed() && List.of(type.getPermittedSubclasses()).equals(List.of(Tensor.class));
  }

  @Test
  void should_tell_the_shapes_of_each_layer() {
    List<Class<?>> layers =
        Sources.publicClasses()
            .filter(type -> type.getPackage().equals(Module.class.getPackage()))
            .filter(type -> Module.class.isAssignableFrom(type))
            .filter(type -> !Modifier.isAbstract(type.getModifiers()))
            .toList();

    assertThat(layers).hasSizeGreaterThan(140);
    assertThat(layers).filteredOn(type -> !Sources.comment(type).contains("/// **Shape")).isEmpty();
  }
}
