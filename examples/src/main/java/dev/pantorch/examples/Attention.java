package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.examples.Co2Windows.Part;
import dev.pantorch.train.plot.AttentionPlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Month;
import java.time.format.TextStyle;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// Which months tell the next year's carbon dioxide? Attention over the outputs of an LSTM that
/// reads ten years of Mauna Loa.
///
/// A model that sees the last output only and one with attention are trained alike and tested once,
/// beside simple forecasts. Then what the heads look at is drawn. The page
/// `docs/examples/attention.md` tells where each choice comes from.
@Command(
    name = "examples/run attention",
    description =
        "Which months tell the next year's carbon dioxide? Trains an LSTM with attention.")
public final class Attention extends TrainingExample {
  private static final int YEAR = Co2Model.YEAR;
  private static final double LEARNING_RATE = 5e-3;
  private static final List<String> MONTHS =
      Arrays.stream(Month.values())
          .map(month -> month.getDisplayName(TextStyle.SHORT, Locale.ENGLISH))
          .toList();

  /// A run that reports to a writer.
  ///
  /// @param out where lines and, if it is a terminal, the progress bar go
  public Attention(PrintWriter out) {
    super(out, "attention", 60);
  }

  /// Trains, tests, draws and saves.
  ///
  /// @param args see `--help`
  public static void main(String[] args) {
    run(Attention::new, args);
  }

  @Override
  int train() throws IOException {
    try (var scope = TensorScope.open()) {
      // With one thread the bits do not depend on how many cores the machine has.
      Torch.setNumThreads(1);
      var data = new Co2Windows(Co2Data.load(), Co2Model.Target.LEVEL, AttentionModel.HISTORY);
      out.printf(
          "Carbon dioxide of %d months, ten years in, one year out: %d windows to train, %d to"
              + " validate, %d to test.%n",
          data.data().months().size(),
          data.train().size(),
          data.validation().size(),
          data.test().size());
      out.println("LSTM, last output:");
      var plain = train(data, false, "model-last.safetensors");
      out.println("LSTM with attention:");
      var attention = train(data, true, "model.safetensors");
      Path curve = output.resolve("loss.png");
      attention.losses("CO2, with attention").save(curve);
      out.printf("Loss curve: %s%n", curve);
      draw(attention.model(), data.test());
      report(data, plain, attention);
    }
    return CommandLine.ExitCode.OK;
  }

  private Co2Training.Result<AttentionModel> train(
      Co2Windows data, boolean withAttention, String checkpoint) throws IOException {
    Torch.manualSeed(seed);
    return new Co2Training("attention", data, epochs, LEARNING_RATE, out)
        .run(() -> new AttentionModel(withAttention), output.resolve(checkpoint));
  }

  /// Draws which calendar months each head looks at, all years together, for the first forecast of
  /// the test part, which is made in a December.
  private void draw(AttentionModel model, Part test) throws IOException {
    Tensor x = test.all().input().narrow(0, 0, 1);
    Tensor weights =
        Torch.noGrad(() -> model.weights(x)).view(AttentionModel.HEADS, YEAR, -1, YEAR).sum(2);
    for (int head = 0; head < AttentionModel.HEADS; head++) {
      Tensor rows = weights.select(0, head);
      long[] most = rows.argmax(1).toLongArray();
      out.printf(
          "Head %d looks for %s.%n",
          head + 1,
          IntStream.range(0, YEAR)
              .mapToObj(i ->
                  String.format(
                      Locale.ROOT,
                      "%s at %s %.2f",
                      MONTHS.get(i),
                      MONTHS.get((int) most[i]),
                      rows.get(i, most[i]).item()))
              .collect(Collectors.joining(", ")));
      Path plot = output.resolve("attention-%d.png".formatted(head + 1));
      new AttentionPlot("Months that head %d looks at".formatted(head + 1), MONTHS, MONTHS, rows)
          .save(plot);
      out.printf("Attention: %s%n", plot);
    }
  }

  private void report(
      Co2Windows data,
      Co2Training.Result<AttentionModel> plain,
      Co2Training.Result<AttentionModel> attention) {
    double[] level = data.data().level().toDoubleArray();
    HoltWinters setting = HoltWinters.fit(data.train(), level);
    Tensor smoothed = setting.forecasts(level);
    String holtWinters =
        String.format(
            Locale.ROOT,
            "Holt-Winters (%s, %s, %s)",
            setting.alpha(),
            setting.beta(),
            setting.gamma());
    out.printf("%n%-36s %14s   %15s%n", "", "2000-2009", "2010-2020, test");
    out.printf("%-36s %6s %7s   %7s %7s%n", "ppm", "MAE", "RMSE", "MAE", "RMSE");
    String line =
        String.join(
            " ",
            row(data, "LSTM with attention", "", part -> attention.forecasts(data, part)),
            row(data, "LSTM, last output", "last_output_", part -> plain.forecasts(data, part)),
            row(data, holtWinters, "holt_winters_", part -> part.of(smoothed)),
            row(data, "seasonal naive with drift", "drift_", Part::seasonalNaiveWithDrift),
            row(data, "seasonal naive", "naive_", Part::seasonalNaive));
    out.printf("%nattention %s%n", line);
  }

  /// Prints a row of the table.
  ///
  /// @return the figures of the test part for scripts
  private String row(
      Co2Windows data, String name, String prefix, Function<Part, Tensor> forecaster) {
    ForecastScores before = scores(data.validation(), forecaster);
    ForecastScores test = scores(data.test(), forecaster);
    out.printf(
        Locale.ROOT,
        "%-36s %6.3f %7.3f   %7.3f %7.3f%n",
        name,
        before.mae(),
        before.rmse(),
        test.mae(),
        test.rmse());
    return String.format(
        Locale.ROOT, "%smae=%.3f %srmse=%.3f", prefix, test.mae(), prefix, test.rmse());
  }

  private static ForecastScores scores(Part part, Function<Part, Tensor> forecaster) {
    return ForecastScores.of(forecaster.apply(part), part.truth());
  }
}
