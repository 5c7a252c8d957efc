package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.Init;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.MultiheadAttention;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An LSTM that reads ten years, month by month, and says how the next twelve months differ from a
/// straight line. Its last output says so, and with attention what twelve queries, one a month
/// asked, find among its outputs at all months.
///
/// The line goes through the means of the first and the last year, so that shifting and scaling the
/// series changes nothing.
final class AttentionModel extends Co2Forecaster {
  static final int HEADS = 4;
  static final int HISTORY = 10 * Co2Model.YEAR;
  private static final int HIDDEN_SIZE = 32;
  // The season is about a tenth of what the level varies by.
  private static final double SCALE = 10;
  // Months from the middle of the last year to its last month.
  private static final double HALF_YEAR = 5.5;

  private final LSTM lstm;
  private final Linear fc;
  private final @Nullable Attending attending;

  /// The layers of attention.
  private record Attending(
      Tensor queries, Tensor positions, MultiheadAttention attention, Linear brought) {}

  /// A model with weights drawn from the default generator.
  AttentionModel(boolean withAttention) {
    lstm = register("lstm", new LSTM(1, HIDDEN_SIZE, o -> o.batchFirst(true)));
    fc = register("fc", new Linear(HIDDEN_SIZE, Co2Model.HORIZON));
    attending =
        withAttention
            ? new Attending(
                vectors("queries", Co2Model.HORIZON),
                vectors("positions", HISTORY),
                register(
                    "attention",
                    new MultiheadAttention(HIDDEN_SIZE, HEADS, o -> o.vdim(1L).batchFirst(true))),
                register("brought", new Linear(HIDDEN_SIZE, 1)))
            : null;
  }

  private Tensor vectors(String name, long count) {
    return registerParameter(name, Init.xavierUniform_(Torch.empty(count, HIDDEN_SIZE)));
  }

  /// The line in the history and in the year to forecast (batch, months).
  private static Tensor line(Tensor x) {
    Tensor years = x.reshape(x.size(0), -1, Co2Model.YEAR).mean(2);
    Tensor last = years.narrow(1, years.size(1) - 1, 1);
    Tensor slope = last.sub(years.narrow(1, 0, 1)).div(HISTORY - Co2Model.YEAR);
    Tensor months = Torch.arange(1 - HISTORY, Co2Model.HORIZON + 1).add(HALF_YEAR);
    return last.add(slope.mul(months));
  }

  private static Tensor read(Tensor x, Tensor line) {
    return x.sub(line.narrow(1, 0, HISTORY).unsqueeze(2)).mul(SCALE);
  }

  /// Keys are the outputs and their positions, values what is read.
  private static MultiheadAttention.Output attend(
      Attending attending, Tensor read, Tensor outputs, boolean needWeights) {
    return attending.attention.forward(
        attending.queries.expand(read.size(0), -1, -1),
        outputs.add(attending.positions),
        read,
        o -> o.needWeights(needWeights).averageAttnWeights(false));
  }

  @Override
  Tensor forward(Tensor x) {
    Tensor line = line(x);
    Tensor read = read(x, line);
    Tensor outputs = lstm.forward(read).output();
    Tensor difference = fc.forward(outputs.select(1, -1));
    if (attending != null) {
      Tensor attended = attend(attending, read, outputs, false).attnOutput();
      difference = difference.add(attending.brought.forward(attended).squeeze(2));
    }
    Tensor ahead = line.narrow(1, HISTORY, Co2Model.HORIZON);
    return ahead.add(difference.div(SCALE)).unsqueeze(2);
  }

  /// How much each head looks at each month for each month asked.
  ///
  /// @param x (batch, months, 1)
  /// @return weights (batch, head, 12, months), which sum to 1 over the months
  Tensor weights(Tensor x) {
    Tensor read = read(x, line(x));
    Attending layers = Objects.requireNonNull(attending, "a model with attention");
    Tensor weights = attend(layers, read, lstm.forward(read).output(), true).attnOutputWeights();
    return Objects.requireNonNull(weights, "asked for");
  }
}
