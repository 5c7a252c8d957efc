package dev.pantorch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.data.Example;
import dev.pantorch.junit.LeakCheck;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.MSELoss;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.ReLU;
import dev.pantorch.nn.Sequential;
import dev.pantorch.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The learning-rate finder, the one-batch check, and what is said when training diverges.
@ExtendWith(LeakCheck.class)
class DebuggingTest {
  @Test
  void should_find_a_learning_rate_and_leave_no_trace() {
    var task = new Task();
    task.trainer(o -> o.epochs(1)).fit();
    List<String> before = task.bits();

    LearningRateFinder.Result found =
        task.trainer(o -> {}).findLearningRate(f -> f.from(1e-5).to(10).steps(60));
    assertThat(found.rates().getFirst()).isEqualTo(1e-5);
    assertThat(found.rates()).isSorted().hasSizeBetween(30, 60);
    // From one rate to the next by the 59th root of a million.
    assertThat(found.rates().get(1) / 1e-5).isCloseTo(Math.pow(1e6, 1 / 59.0), within(1e-9));
    assertThat(found.suggestion()).isIn(found.rates());
    assertThat(found.plot().png()).isNotEmpty();
    assertThat(task.bits()).isEqualTo(before);
    assertThat(task.model.isTraining()).isTrue();
  }

  @Test
  void should_suggest_where_the_loss_falls_fastest() {
    List<Double> rates = IntStream.range(0, 20).mapToObj(i -> (double) i).toList();
    // Flat, then -1, -3, -2 a step, then up. numpy.gradient of losses[10:-1] is lowest at 14, where
    // the loss falls from 9 to 4 within two steps.
    List<Double> losses =
        IntStream.of(10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 9, 6, 4, 8, 9, 9, 9)
            .mapToObj(loss -> (double) loss)
            .toList();
    assertThat(LearningRateFinder.suggestion(rates, losses)).isEqualTo(14);
    assertThat(LearningRateFinder.suggestion(rates.subList(0, 12), losses.subList(0, 12))).isNaN();
  }

  @Test
  void should_see_whether_one_batch_can_be_learned() {
    var task = new Task();
    List<String> before = task.bits();
    Trainer<Task.Model, Example> trainer = task.trainer(o -> {});
    OverfitCheck.Result passed = trainer.overfitOneBatch(o -> o.steps(400).target(0.02));
    assertThat(passed.passed()).isTrue();
    assertThat(passed.losses().getLast()).isLessThanOrEqualTo(0.02);
    assertThat(passed.toString())
        .startsWith("passed: loss ")
        .contains(" steps on one batch, from ");
    OverfitCheck.Result failed = trainer.overfitOneBatch(o -> o.steps(2));
    assertThat(failed.passed()).isFalse();
    assertThat(failed.target()).isEqualTo(failed.losses().getFirst() / 10);
    assertThat(failed.toString())
        .isEqualTo(
            "failed: loss %s after 2 steps on one batch, from %s; %s was to be reached. Look for labels that do not belong to their inputs, a loss that does not fit the output (logits or probabilities, shapes that broadcast), frozen parameters or parameters the optimizer was not given, and a learning rate that is too small or too great"
                .formatted(
                    History.text(failed.losses().get(1)),
                    History.text(failed.losses().getFirst()),
                    History.text(failed.target())));
    assertThat(task.bits()).isEqualTo(before);
  }

  /// Scales its input, and is open to hooks.
  private static final class Net extends Module {
    final Sequential layers =
        register("layers", new Sequential(new Linear(2, 3), new ReLU(), new Linear(3, 1)));

    Tensor forward(Tensor x) {
      return layers.forward(x);
    }
  }

  private static DivergenceException diverge(
      Net model, double rate, List<Example> batches, LossFunction<Net, Example> loss) {
    var trainer =
        new Trainer<>(model, new SGD(model.parameters(), rate), batches, loss, o -> o.epochs(9));
    var thrown = new ArrayList<DivergenceException>();
    assertThatThrownBy(trainer::fit).isInstanceOfSatisfying(DivergenceException.class, thrown::add);
    return thrown.getFirst();
  }

  private static Tensor mse(Net model, Example batch) {
    return new MSELoss().forward(model.forward(batch.input()), batch.target());
  }

  private static Example example(float... input) {
    return new Example(Torch.tensor(input).unsqueeze(0), Torch.ones(1, 1));
  }

  @Test
  void should_name_the_layer_whose_output_is_not_finite() {
    Torch.manualSeed(0);
    var model = new Net();
    Torch.noGrad(() -> model.getParameter("layers.2.weight").fill_(1e30));
    Torch.noGrad(() -> model.getParameter("layers.0.bias").fill_(1e30));
    DivergenceException e = diverge(model, 0.1, List.of(example(1, 2)), DebuggingTest::mse);
    assertThat(e)
        .hasMessage(
            """
            Training diverged in epoch 1, batch 1 (step 1): the loss is inf.
            First not finite: the output of layers.2 (Linear).
            What to do: lower the learning rate (now 0.1) or let it rise slowly at first, clip gradients (clipGradNorm(1.0)), and look at what this layer is given.\
            """);
    assertThat(e.layer()).isEqualTo("layers.2");
    assertThat(e.epoch()).isEqualTo(1);
    assertThat(e.batch()).isEqualTo(1);
    assertThat(e.step()).isEqualTo(1);
  }

  @Test
  void should_name_the_batch_that_is_not_finite() {
    DivergenceException e =
        diverge(new Net(), 0.1, List.of(example(1, 2), example(1, Float.NaN)), DebuggingTest::mse);
    assertThat(e)
        .hasMessage(
            """
            Training diverged in epoch 1, batch 2 (step 2): the loss is nan.
            First not finite: the batch itself.
            What to do: look for missing values in the data and for divisions by 0 in its preparation (a constant feature has the deviation 0).\
            """);
    assertThat(e.layer()).isNull();
  }

  @Test
  void should_name_the_parameter_that_is_not_finite() {
    var model = new Net();
    Torch.noGrad(() -> model.getParameter("layers.0.bias").fill_(Float.NaN));
    DivergenceException e = diverge(model, 0.5, List.of(example(1, 2)), DebuggingTest::mse);
    assertThat(e)
        .hasMessage(
            """
            Training diverged in epoch 1, batch 1 (step 1): the loss is nan.
            First not finite: the parameter layers.0.bias, since an earlier step.
            What to do: lower the learning rate (now 0.5) or let it rise slowly at first, clip gradients (clipGradNorm(1.0)).\
            """);
    assertThat(e.layer()).isEqualTo("layers.0.bias");
  }

  @Test
  void should_say_that_it_is_the_loss() {
    DivergenceException e =
        diverge(
            new Net(),
            0.5,
            List.of(example(1, 2)),
            (model, batch) -> model.forward(batch.input()).mul(0).log().mean());
    assertThat(e)
        .hasMessage(
            """
            Training diverged in epoch 1, batch 1 (step 1): the loss is -inf.
            First not finite: the loss; the outputs of all layers are finite.
            What to do: look for a logarithm or a division of 0 in the loss: take a loss of logits (BCEWithLogitsLoss, CrossEntropyLoss), or add a small number.\
            """);
  }

  @Test
  void should_name_the_layer_whose_gradient_is_not_finite() {
    DivergenceException e =
        diverge(
            new Net(),
            0.5,
            List.of(example(1, 2)),
            // The square root of 0 is fine, and its derivative is not.
            (model, batch) -> model.forward(batch.input()).mul(0).sqrt().mean());
    assertThat(e)
        .hasMessage(
            """
            Training diverged in epoch 1, batch 1 (step 1): the norm of the gradients is nan.
            First not finite: the gradient at the output of layers.2 (Linear).
            What to do: clip gradients (clipGradNorm(1.0)), lower the learning rate (now 0.5), and look for a square root, a norm or a logarithm of 0, which have no finite gradient.\
            """);
  }

  @Test
  void should_let_divergence_pass_where_that_is_wished() {
    var model = new Net();
    History history =
        new Trainer<>(
                model,
                new SGD(model.parameters(), 0.1),
                List.of(example(1, Float.NaN)),
                DebuggingTest::mse,
                o -> o.detectDivergence(false))
            .fit();
    assertThat(history.values("loss")).containsExactly(Double.NaN);
  }
}
