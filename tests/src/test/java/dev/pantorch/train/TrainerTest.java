package dev.pantorch.train;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.DeviceType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.amp.GradScaler;
import dev.pantorch.data.Example;
import dev.pantorch.junit.LeakCheck;
import dev.pantorch.metrics.MeanAbsoluteError;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.MSELoss;
import dev.pantorch.nn.Module;
import dev.pantorch.optim.SGD;
import dev.pantorch.optim.lr.ReduceLROnPlateau;
import dev.pantorch.optim.lr.StepLR;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class TrainerTest {
  /// A line through points: y = w x.
  private static final class Line extends Module {
    final Linear fc = register("fc", new Linear(1, 1, o -> o.bias(false)));

    Line(double weight) {
      Torch.noGrad(() -> fc.weight().fill_(weight));
    }

    double weight() {
      return fc.weight().item();
    }
  }

  private static Example point(double... values) {
    Tensor x = Torch.tensor(values).float32().unsqueeze(1);
    return new Example(x, x.mul(3));
  }

  private static Trainer<Line, Example> line(
      Line model,
      double rate,
      java.util.function.Consumer<TrainerOptions<Line, Example>> settings) {
    return new Trainer<>(
        model,
        new SGD(model.parameters(), rate),
        List.of(point(1), point(2), point(1), point(2)),
        (m, batch) -> new MSELoss().forward(m.fc.forward(batch.input()), batch.target()),
        settings);
  }

  @Test
  void should_give_the_bits_of_the_plain_loop() {
    var plain = new Task();
    List<Double> losses = new ArrayList<>();
    List<Double> validation = new ArrayList<>();
    for (int epoch = 1; epoch <= 4; epoch++) {
      plain.model.train();
      double total = 0;
      for (Example batch : plain.loader) {
        try (var scope = TensorScope.open()) {
          plain.optimizer.zeroGrad();
          Tensor loss = Task.loss(plain.model, batch);
          loss.backward();
          clipGradNorm_(plain.model.parameters(), 0.5);
          plain.optimizer.step();
          total += loss.item() * batch.input().size(0);
        }
      }
      losses.add(total / Task.SAMPLES);
      plain.model.eval();
      double validationTotal = 0;
      for (Example batch : plain.validation) {
        validationTotal +=
            Torch.noGrad(() -> Task.loss(plain.model, batch)).item() * batch.input().size(0);
      }
      validation.add(validationTotal / 7);
      plain.scheduler.step();
    }
    List<String> expected = plain.bits();

    var task = new Task();
    History history = task.trainer(o -> {}).fit();

    assertThat(task.bits()).isEqualTo(expected);
    assertThat(history.values("loss")).isEqualTo(losses);
    assertThat(history.values("val_loss")).isEqualTo(validation);
    assertThat(history.values("lr")).containsExactly(0.01, 0.01, 0.005, 0.005);
    assertThat(history.names()).containsExactly("loss", "val_loss", "val_mae", "lr");
  }

  @Test
  void should_accumulate_to_the_gradients_of_a_large_batch() {
    // The same points, one at a time and together. The mean of 2 means of 1 is the mean of 2; all
    // numbers here are exact in binary, so the order of summation does not matter: d/dw of
    // (w - 3)^2 x^2 over x = 1, 2 is 2 (w - 3) (1 + 4) / 2.
    var separate = new Line(1);
    line(separate, 0.125, o -> o.accumulate(2)).fit();
    double weight = 1;
    for (int step = 0; step < 2; step++) weight -= 0.125 * 2 * (weight - 3) * 2.5;
    assertThat(separate.weight()).isEqualTo(weight);

    // 4 batches in steps of 3 leave one, which counts whole.
    var rest = new Line(1);
    var steps = new ArrayList<StepResult>();
    line(
            rest,
            0.125,
            o ->
                o.accumulate(3)
                    .callback(
                        new Callback() {
                          @Override
                          public void onStepEnd(Trainer<?, ?> trainer, StepResult step) {
                            steps.add(step);
                          }
                        }))
        .fit();
    double first = 1 - 0.125 * 2 * (1 - 3) * (1 + 4 + 1) / 3;
    double second = first - 0.125 * 2 * (first - 3) * 4;
    assertThat(rest.weight()).isCloseTo(second, within(1e-6));
    assertThat(steps).extracting(StepResult::batch).containsExactly(3L, 4L);
    assertThat(steps).extracting(StepResult::step).containsExactly(1L, 2L);
    // (1 - 3)^2 (1 + 4 + 1) / 3
    assertThat(steps.getFirst().loss()).isEqualTo(8);
    assertThat(steps.getFirst().gradientNorm()).isCloseTo(8, within(1e-6));
  }

  @Test
  void should_clip_values_and_schedule_steps() {
    var model = new Line(1);
    var optimizer = new SGD(model.parameters(), 1);
    List<Example> batches = List.of(point(4), point(4), point(4));
    new Trainer<>(
            model,
            optimizer,
            batches,
            (m, batch) -> new MSELoss().forward(m.fc.forward(batch.input()), batch.target()),
            o -> o.clipGradValue(0.25).schedulerPerStep(new StepLR(optimizer, 1, 0.5)))
        .fit();
    assertThat(model.weight()).isEqualTo(1 + 0.25 * (1 + 0.5 + 0.25));
  }

  @Test
  void should_stop_early_and_restore_the_best_weights() {
    // Steps go too far: (1 - 2 0.7)(1 - 2 0.7 4) = 1.84 times w - 3 after two of the four batches.
    var model = new Line(2);
    var weights = new ArrayList<Double>();
    Trainer<Line, Example> trainer =
        line(
            model,
            0.7,
            o ->
                o.epochs(50)
                    .validation(List.of(point(1)))
                    .earlyStopping("val_loss", e -> e.patience(2).restoreBest(true))
                    .callback(
                        new Callback() {
                          @Override
                          public void onEpochEnd(Trainer<?, ?> t, EpochResult epoch) {
                            weights.add(model.weight());
                          }
                        }));
    History history = trainer.fit();
    // The first epoch is the best, two more are borne.
    assertThat(history.epochs()).hasSize(3);
    assertThat(history.best("val_loss", Mode.MIN).epoch()).isEqualTo(1);
    assertThat(model.weight()).isEqualTo(weights.getFirst()).isNotEqualTo(weights.getLast());
    assertThat(trainer.history()).isSameAs(history);
  }

  @Test
  void should_bear_small_changes_by_min_delta_and_look_for_the_greatest() {
    History history =
        line(
                new Line(1),
                1e-4,
                o -> o.epochs(20).earlyStopping("loss", e -> e.patience(4).minDelta(1)))
            .fit();
    assertThat(history.epochs()).hasSize(5);
    History rising =
        line(
                new Line(1),
                1e-4,
                o -> o.epochs(20).earlyStopping("loss", e -> e.patience(1).mode(Mode.MAX)))
            .fit();
    assertThat(rising.epochs()).hasSize(2);
  }

  @Test
  void should_lower_the_rate_on_a_plateau_of_its_figure() {
    var model = new Line(3);
    var optimizer = new SGD(model.parameters(), 1);
    History history =
        new Trainer<>(
                model,
                optimizer,
                List.of(point(1)),
                (m, batch) -> new MSELoss().forward(m.fc.forward(batch.input()), batch.target()),
                o ->
                    o.epochs(4)
                        .scheduler(
                            new ReduceLROnPlateau(optimizer, p -> p.patience(0).factor(0.5)),
                            "loss"))
            .fit();
    assertThat(history.values("lr")).containsExactly(1.0, 1.0, 0.5, 0.25);
  }

  /// Predicts the next value of a series from the state so far.
  private static final class Forecaster extends Module {
    final LSTM lstm = register("lstm", new LSTM(1, 4, o -> o.batchFirst(true)));
    final Linear fc = register("fc", new Linear(4, 1));
  }

  private static StatefulLoss.Result<LSTM.State> forecast(
      Forecaster model, Example piece, LSTM.@Nullable State state) {
    LSTM.Output result = model.lstm.forward(piece.input(), state);
    Tensor predicted = model.fc.forward(result.output());
    return new StatefulLoss.Result<>(
        new MSELoss().forward(predicted, piece.target()),
        result.state(),
        predicted,
        piece.target());
  }

  @Test
  void should_carry_a_state_from_piece_to_piece() {
    Tensor series = Torch.arange(0, 25).float32().mul(0.3).sin().reshape(1, 25, 1);
    var pieces = new ArrayList<Example>();
    for (int i = 0; i < 4; i++) {
      pieces.add(new Example(series.narrow(1, 6L * i, 6), series.narrow(1, 6L * i + 1, 6)));
    }
    Torch.manualSeed(3);
    var plain = new Forecaster();
    var plainOptimizer = new SGD(plain.parameters(), 0.1);
    for (int epoch = 0; epoch < 2; epoch++) {
      LSTM.State state = null;
      for (Example piece : pieces) {
        plainOptimizer.zeroGrad();
        StatefulLoss.Result<LSTM.State> result = forecast(plain, piece, state);
        result.loss().backward();
        plainOptimizer.step();
        state = result.state().detach();
      }
    }

    Torch.manualSeed(3);
    var model = new Forecaster();
    Trainer<Forecaster, Example> trainer =
        Trainer.stateful(
            model,
            new SGD(model.parameters(), 0.1),
            pieces,
            LSTM.State.class,
            TrainerTest::forecast,
            o -> o.epochs(2).validation(pieces).metrics(Map.of("mae", new MeanAbsoluteError())));
    History history = trainer.fit();
    model
        .namedParameters()
        .forEach((name, tensor) ->
            dev.pantorch.testing.TensorAssert.assertThat(tensor)
                .isBitEqualTo(plain.getParameter(name)));
    assertThat(history.names()).containsExactly("loss", "val_loss", "val_mae", "lr");
    assertThat(trainer.evaluate(pieces)).containsOnlyKeys("loss", "mae");

    // One long sequence, cut by the trainer, is the same.
    Torch.manualSeed(3);
    var cut = new Forecaster();
    Trainer.stateful(
            cut,
            new SGD(cut.parameters(), 0.1),
            List.of(new Example(series.narrow(1, 0, 24), series.narrow(1, 1, 24))),
            LSTM.State.class,
            TrainerTest::forecast,
            o ->
                o.epochs(2)
                    .pieces(batch -> {
                      List<Tensor> inputs = batch.input().split(6, 1);
                      List<Tensor> targets = batch.target().split(6, 1);
                      var parts = new ArrayList<Example>();
                      for (int i = 0; i < inputs.size(); i++) {
                        parts.add(new Example(inputs.get(i), targets.get(i)));
                      }
                      return parts;
                    }))
        .fit();
    cut.namedParameters()
        .forEach((name, tensor) ->
            dev.pantorch.testing.TensorAssert.assertThat(tensor)
                .isBitEqualTo(plain.getParameter(name)));
  }

  private static final class Log implements Callback {
    final List<String> events = new ArrayList<>();

    @Override
    public void onFitStart(Trainer<?, ?> trainer) {
      events.add("fit");
    }

    @Override
    public void onEpochStart(Trainer<?, ?> trainer, int epoch) {
      events.add("epoch " + epoch);
    }

    @Override
    public void onStepEnd(Trainer<?, ?> trainer, StepResult step) {
      events.add("step " + step.step());
      if (step.step() == 6) trainer.stop();
    }

    @Override
    public void onEpochEnd(Trainer<?, ?> trainer, EpochResult epoch) {
      events.add("end " + epoch.epoch());
    }

    @Override
    public void onException(Trainer<?, ?> trainer, Throwable exception) {
      events.add(exception.getClass().getSimpleName());
    }

    @Override
    public void onFitEnd(Trainer<?, ?> trainer, History history) {
      events.add("done " + history.epochs().size());
    }
  }

  @Test
  void should_tell_callbacks_and_stop_when_they_say_so() {
    var log = new Log();
    line(new Line(1), 0.01, o -> o.epochs(3).callback(log)).fit();
    assertThat(log.events)
        .containsExactly(
            "fit", "epoch 1", "step 1", "step 2", "step 3", "step 4", "end 1", "epoch 2", "step 5",
            "step 6", "done 1");
  }

  @Test
  void should_pass_on_what_callbacks_and_losses_throw() {
    var cause = new IllegalStateException("no disk");
    var log = new Log();
    var failing =
        new Callback() {
          @Override
          public void onEpochEnd(Trainer<?, ?> trainer, EpochResult epoch) {
            throw cause;
          }
        };
    assertThatThrownBy(() -> line(new Line(1), 0.01, o -> o.callback(failing).callback(log)).fit())
        .isInstanceOf(CallbackException.class)
        .hasMessage(
            failing.getClass().getName()
                + " failed in onEpochEnd: java.lang.IllegalStateException: no disk")
        .hasCause(cause);
    assertThat(log.events).endsWith("step 4", "CallbackException");

    var model = new Line(1);
    var trainer =
        new Trainer<>(
            model,
            new SGD(model.parameters(), 1),
            List.of(point(1, 2)),
            (m, batch) -> m.fc.forward(batch.input()));
    assertThatThrownBy(trainer::fit)
        .isInstanceOf(ValueException.class)
        .hasMessage("the loss has one element, but the loss function returned the shape [2, 1]");
  }

  @Test
  void should_compute_in_mixed_precision() {
    var plain = new Line(1);
    var optimizer = new SGD(plain.parameters(), 0.01);
    var scaler = new GradScaler(DeviceType.CPU, s -> s.initScale(8));
    for (double x : new double[] {1, 2, 1, 2}) {
      Example batch = point(x);
      optimizer.zeroGrad();
      Tensor loss =
          Torch.autocast(
              DeviceType.CPU,
              DType.BFLOAT16,
              () -> new MSELoss().forward(plain.fc.forward(batch.input()), batch.target()));
      scaler.scale(loss).backward();
      scaler.unscale_(optimizer);
      clipGradNorm_(plain.parameters(), 0.3);
      scaler.step(optimizer);
      scaler.update();
    }

    var model = new Line(1);
    var seen = new ArrayList<DType>();
    new Trainer<>(
            model,
            new SGD(model.parameters(), 0.01),
            List.of(point(1), point(2), point(1), point(2)),
            (m, batch) -> {
              Tensor predicted = m.fc.forward(batch.input());
              seen.add(predicted.dtype());
              return new MSELoss().forward(predicted, batch.target());
            },
            o ->
                o.autocast(DType.BFLOAT16)
                    .scaler(new GradScaler(DeviceType.CPU, s -> s.initScale(8)))
                    .clipGradNorm(0.3))
        .fit();
    assertThat(seen).containsOnly(DType.BFLOAT16);
    assertThat(model.weight()).isEqualTo(plain.weight()).isNotEqualTo(1);
  }

  @Test
  void should_move_model_and_batches() {
    var model = new Line(1);
    List<Device> seen = new ArrayList<>();
    List<Map<String, Tensor>> batches =
        List.of(Map.of("x", Torch.ones(2, 1)), Map.of("x", Torch.ones(2, 1)));
    new Trainer<>(
            model,
            new SGD(model.parameters(), 1),
            batches,
            (m, batch) -> {
              Tensor x = java.util.Objects.requireNonNull(batch.get("x"));
              seen.add(x.device());
              return m.fc.forward(x).sum();
            },
            o -> o.device(Device.CPU, (batch, device) -> TensorTrees.to(batch, device)))
        .fit();
    assertThat(seen).containsExactly(Device.CPU, Device.CPU);
    Example moved = TensorTrees.to(point(1), Device.META);
    assertThat(moved.input().device()).isEqualTo(Device.META);
    assertThat(moved.target().device()).isEqualTo(Device.META);
  }

  @Test
  void should_refuse_options_that_contradict_each_other() {
    assertThatThrownBy(() -> line(new Line(1), 1, o -> o.epochs(0)))
        .hasMessage("epochs must be 1 or more, not 0");
    assertThatThrownBy(() -> line(new Line(1), 1, o -> o.accumulate(0)))
        .hasMessage("accumulate must be 1 or more, not 0");
    assertThatThrownBy(() -> line(new Line(1), 1, o -> o.pieces(List::of)))
        .hasMessage("pieces need a carried state: make the trainer by Trainer.stateful");
    assertThatThrownBy(() -> line(new Line(1), 1, o -> o.pieces(List::of).accumulate(2)))
        .hasMessage(
            "pieces and accumulate are mutually exclusive: each piece has an optimizer step of its"
                + " own");
    assertThatThrownBy(
            () -> line(new Line(1), 1, o -> o.metrics(Map.of("mae", new MeanAbsoluteError()))))
        .hasMessage(
            "metrics need a function that updates them: metrics(metrics, (model, batch, metrics) ->"
                + " loss)");
    assertThatThrownBy(() -> line(new Line(1), 1, o -> o.earlyStopping("val_loss", e -> {})).fit())
        .hasMessage("there is no figure 'val_loss' to watch; an epoch has [loss, lr]");
    var model = new Line(1);
    assertThatThrownBy(() ->
            new Trainer<>(
                    model,
                    new SGD(model.parameters(), 1),
                    List.<Example>of(),
                    (m, batch) -> m.fc.forward(batch.input()))
                .fit())
        .hasMessage("there are no batches to train on");
    assertThatThrownBy(() ->
            new Trainer<>(
                    model,
                    new SGD(model.parameters(), 1),
                    List.of(1.0),
                    (m, batch) -> m.fc.forward(Torch.ones(1, 1).mul(batch)).sum())
                .fit())
        .hasMessage(
            "a batch of type java.lang.Double has no tensor whose first dimension would tell how"
                + " many samples it has; say so by the option batchSize(batch -> ...)");
  }
}
