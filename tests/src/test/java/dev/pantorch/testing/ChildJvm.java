package dev.pantorch.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A Java program in a process of its own, with the class path of this one.
///
/// ```java
/// String output = ChildJvm.of(DeepPasses.class).flags("-Xmx64m").arguments(60).output();
/// ```
public final class ChildJvm {
  private final String main;
  private final List<String> prefix = new ArrayList<>();
  private final List<String> flags = new ArrayList<>();
  private final List<String> arguments = new ArrayList<>();
  private final Map<String, @Nullable String> environment = new HashMap<>();
  private @Nullable File directory;
  private Duration limit = Duration.ofMinutes(5);

  private ChildJvm(String main) {
    this.main = main;
  }

  /// One that may call native code and has the libtorch and the shim of this one.
  public static ChildJvm of(Class<?> main) {
    return of(main.getName());
  }

  /// The same with the name of a class, or a source file.
  public static ChildJvm of(String main) {
    ChildJvm jvm = plain(main).flags("--enable-native-access=ALL-UNNAMED");
    for (String name : List.of("pantorch.libtorch.home", "pantorch.library")) {
      String value = System.getProperty(name);
      if (value != null) jvm.flags("-D" + name + "=" + value);
    }
    return jvm;
  }

  /// One that is told nothing but its class path.
  public static ChildJvm plain(String main) {
    return new ChildJvm(main);
  }

  /// Adds options of the JVM, system properties among them.
  public ChildJvm flags(String... more) {
    flags.addAll(List.of(more));
    return this;
  }

  /// Adds arguments of the program.
  public ChildJvm arguments(Object... more) {
    for (Object each : more) arguments.add(each.toString());
    return this;
  }

  /// Sets a variable, or takes it out if the value is null.
  public ChildJvm environment(String name, @Nullable String value) {
    environment.put(name, value);
    return this;
  }

  /// The working directory, that of this process unless set.
  public ChildJvm directory(Path folder) {
    directory = folder.toFile();
    return this;
  }

  /// A command that starts the command which follows it.
  public ChildJvm prefix(List<String> command) {
    prefix.addAll(command);
    return this;
  }

  /// How long {@link #run} lets it run, five minutes unless set.
  public ChildJvm limit(Duration duration) {
    limit = duration;
    return this;
  }

  public List<String> command() {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(arguments);
    return command;
  }

  /// For what has to be done while it runs.
  public ProcessBuilder builder() {
    ProcessBuilder builder = new ProcessBuilder(command()).directory(directory);
    environment.forEach((name, value) -> {
      if (value == null) builder.environment().remove(name);
      else builder.environment().put(name, value);
    });
    return builder;
  }

  public ProcessResult run() throws IOException, InterruptedException {
    return ProcessResult.of(builder(), limit);
  }

  /// Runs it, which must end with 0, and returns what it printed.
  public String output() throws IOException, InterruptedException {
    return run().expectSuccess();
  }
}
