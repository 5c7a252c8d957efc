package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;

/// An LSTM that reads some years, month by month, and says how the next twelve months differ from a
/// simple forecast.
///
/// What it reads and what is simple depends on the {@link Target}. All of them commute with
/// shifting and scaling the series, so it does not matter that a scaler has been at it.
final class Co2Model extends Co2Forecaster {
  static final int YEAR = 12;
  static final int HORIZON = YEAR;
  private static final int HIDDEN_SIZE = 32;

  /// What is forecast, from plain to prepared.
  enum Target {
    /// The level itself, with its trend.
    LEVEL,
    /// The growth over twelve months, which has no season and less of a trend.
    GROWTH,
    /// The growth, less its mean over the last twelve months: no trend is left.
    CENTRED,
    /// As centred, and less what the mean of three years' seasons corrects of the last year's.
    SEASON
  }

  private final LSTM lstm;
  private final Linear fc;
  private final Target target;

  /// A model with weights drawn from the default generator.
  Co2Model(Target target) {
    this.target = target;
    lstm = register("lstm", new LSTM(1, HIDDEN_SIZE, o -> o.batchFirst(true)));
    fc = register("fc", new Linear(HIDDEN_SIZE, HORIZON));
  }

  @Override
  Tensor forward(Tensor x) {
    Tensor read =
        switch (target) {
          case LEVEL, GROWTH -> x;
          case CENTRED, SEASON -> x.sub(lastYear(x).unsqueeze(2));
        };
    Tensor difference = fc.forward(lstm.forward(read).output().select(1, -1));
    return base(target, x).add(difference).unsqueeze(2);
  }

  /// What is forecast before the LSTM says anything.
  ///
  /// In words for the season: the growth of the last year goes on, and what the growth of a month
  /// differed from it was noise to two thirds, that of the year before to one third. Added to the
  /// levels of the last year, this puts the mean of three years' seasons in place of the last one.
  ///
  /// @param x (batch, months, 1), whole years and two of them at least
  /// @return (batch, 12)
  static Tensor base(Target target, Tensor x) {
    return switch (target) {
      case LEVEL, GROWTH -> Torch.zerosLike(x.narrow(1, 0, HORIZON).squeeze(2));
      case CENTRED -> lastYear(x).expand(-1, HORIZON);
      case SEASON -> {
        Tensor years = x.reshape(x.size(0), -1, YEAR);
        Tensor deviations = years.sub(years.mean(2, true));
        Tensor noise = deviations.select(1, -1).mul(2).add(deviations.select(1, -2)).div(3);
        yield lastYear(x).sub(noise);
      }
    };
  }

  /// The mean of the last twelve months (batch, 1).
  private static Tensor lastYear(Tensor x) {
    return x.narrow(1, x.size(1) - YEAR, YEAR).mean(1);
  }
}
