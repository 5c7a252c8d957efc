package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.ParamGroup;
import dev.pantorch.optim.SGD;
import dev.pantorch.optim.lr.ChainedScheduler;
import dev.pantorch.optim.lr.ConstantLR;
import dev.pantorch.optim.lr.CosineAnnealingLR;
import dev.pantorch.optim.lr.CosineAnnealingWarmRestarts;
import dev.pantorch.optim.lr.CyclicLR;
import dev.pantorch.optim.lr.ExponentialLR;
import dev.pantorch.optim.lr.LRScheduler;
import dev.pantorch.optim.lr.LambdaLR;
import dev.pantorch.optim.lr.LinearLR;
import dev.pantorch.optim.lr.MultiStepLR;
import dev.pantorch.optim.lr.MultiplicativeLR;
import dev.pantorch.optim.lr.OneCycleLR;
import dev.pantorch.optim.lr.PolynomialLR;
import dev.pantorch.optim.lr.SequentialLR;
import dev.pantorch.optim.lr.StepLR;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Schedules set the rates and momenta that Python's set, to the last bit of a double, over 200
/// steps; they do so from a state that Python or Java has saved in the middle, too.
class SchedulerParityTest {
  /// `0.95 ** epoch` as Python computes it, since Java's own power need not be the same.
  private static final double[] POWERS =
      Fixtures.json("schedulers.json")
          .get("powers")
          .valueStream()
          .mapToDouble(JsonNode::asDouble)
          .toArray();

  // Each has a twin of the same name in schedulers.py.
  private static final Map<String, Function<Optimizer<?>, LRScheduler>> CASES =
      Map.ofEntries(
          Map.entry("lambda", o -> new LambdaLR(o, epoch -> POWERS[epoch])),
          Map.entry(
              "lambda of each group",
              o -> new LambdaLR(o, List.of(epoch -> 1.0 / (epoch + 1), epoch -> epoch / 7.0))),
          Map.entry("multiplicative", o -> new MultiplicativeLR(o, epoch -> 1 - 1.0 / (epoch + 3))),
          Map.entry("step", o -> new StepLR(o, 30, 0.3)),
          Map.entry("multi step", o -> new MultiStepLR(o, List.of(30, 80, 80, 150), 0.3)),
          Map.entry("constant", ConstantLR::new),
          Map.entry("constant 40", o -> new ConstantLR(o, c -> c.factor(0.7).totalIters(40))),
          Map.entry("linear", LinearLR::new),
          Map.entry(
              "linear down",
              o -> new LinearLR(o, c -> c.startFactor(1).endFactor(0.01).totalIters(120))),
          Map.entry("exponential", o -> new ExponentialLR(o, 0.97)),
          Map.entry("polynomial", PolynomialLR::new),
          Map.entry("polynomial 0.9", o -> new PolynomialLR(o, c -> c.totalIters(180).power(0.9))),
          Map.entry("polynomial 2.5", o -> new PolynomialLR(o, c -> c.totalIters(150).power(2.5))),
          Map.entry("cosine", o -> new CosineAnnealingLR(o, 50)),
          Map.entry("cosine to a rate", o -> new CosineAnnealingLR(o, 70, c -> c.etaMin(1e-3))),
          Map.entry("warm restarts", o -> new CosineAnnealingWarmRestarts(o, 13)),
          Map.entry(
              "warm restarts, longer",
              o -> new CosineAnnealingWarmRestarts(o, 7, c -> c.tMult(3).etaMin(1e-4))),
          Map.entry("cyclic", o -> new CyclicLR(o, 0.001, 0.1, c -> c.stepSizeUp(17))),
          Map.entry("cyclic triangular2", o -> triangular2(o, -1)),
          Map.entry(
              "cyclic exp_range",
              o ->
                  new CyclicLR(
                      o,
                      0.001,
                      0.1,
                      c ->
                          c.stepSizeUp(9)
                              .mode(CyclicLR.Mode.EXP_RANGE)
                              .gamma(0.98)
                              .cycleMomentum(false))),
          Map.entry(
              "cyclic scale_fn",
              o ->
                  new CyclicLR(
                      o,
                      0.001,
                      0.1,
                      c ->
                          c.stepSizeUp(9)
                              .scaleFn(x -> 1 / (x + 1))
                              .scaleMode(CyclicLR.ScaleMode.ITERATIONS)
                              .baseMomentum(List.of(0.5, 0.6))
                              .maxMomentum(List.of(0.9, 0.8)))),
          Map.entry("one cycle", o -> new OneCycleLR(o, 0.1, c -> c.totalSteps(200))),
          Map.entry(
              "one cycle linear",
              o ->
                  new OneCycleLR(
                      o,
                      List.of(0.1, 0.4),
                      c ->
                          c.epochs(20)
                              .stepsPerEpoch(10)
                              .annealStrategy(OneCycleLR.AnnealStrategy.LINEAR)
                              .pctStart(0.21)
                              .divFactor(7))),
          Map.entry(
              "one cycle three phases",
              o ->
                  new OneCycleLR(
                      o,
                      0.1,
                      c ->
                          c.totalSteps(200)
                              .threePhase(true)
                              .pctStart(0.4)
                              .finalDivFactor(300)
                              .baseMomentum(0.8)
                              .maxMomentum(List.of(0.9, 0.97)))),
          Map.entry(
              "one cycle without momentum",
              o -> new OneCycleLR(o, 0.1, c -> c.totalSteps(200).cycleMomentum(false))),
          Map.entry(
              "sequential",
              o ->
                  new SequentialLR(
                      o,
                      List.of(
                          new LinearLR(o, c -> c.startFactor(0.1).totalIters(20)),
                          new CosineAnnealingLR(o, 100),
                          new ExponentialLR(o, 0.9)),
                      List.of(20, 120))),
          Map.entry(
              "sequential of others",
              o ->
                  new SequentialLR(
                      o,
                      List.of(
                          new ConstantLR(o, c -> c.factor(0.1).totalIters(10)),
                          new PolynomialLR(o, c -> c.totalIters(30).power(2)),
                          new MultiStepLR(o, List.of(5, 9), 0.5),
                          new StepLR(o, 4, 0.7),
                          new LinearLR(o),
                          new ConstantLR(o)),
                      List.of(10, 40, 60, 80, 130))),
          Map.entry(
              "sequential with restarts",
              o ->
                  new SequentialLR(
                      o,
                      List.of(
                          new LambdaLR(o, epoch -> (epoch + 1) / 10.0),
                          new CosineAnnealingWarmRestarts(o, 15, c -> c.tMult(2))),
                      List.of(10))),
          Map.entry(
              "sequential of chained",
              o ->
                  new SequentialLR(
                      o,
                      List.of(
                          new ChainedScheduler(
                              List.of(
                                  new ConstantLR(o, c -> c.factor(0.5).totalIters(8)),
                                  new ExponentialLR(o, 0.95))),
                          new StepLR(o, 10, 0.5)),
                      List.of(50))),
          Map.entry(
              "chained",
              o ->
                  new ChainedScheduler(
                      List.of(
                          new ConstantLR(o, c -> c.factor(0.1).totalIters(20)),
                          new ExponentialLR(o, 0.98),
                          new CosineAnnealingLR(o, 60)))));

  private static final Map<String, BiFunction<Optimizer<?>, Integer, LRScheduler>> RESUMED =
      Map.of(
          "step", (o, last) -> new StepLR(o, 30, 0.3, last),
          "exponential", (o, last) -> new ExponentialLR(o, 0.97, last),
          "linear down",
              (o, last) ->
                  new LinearLR(
                      o, c -> c.startFactor(1).endFactor(0.01).totalIters(120).lastEpoch(last)),
          "cosine", (o, last) -> new CosineAnnealingLR(o, 50, c -> c.lastEpoch(last)),
          "warm restarts",
              (o, last) -> new CosineAnnealingWarmRestarts(o, 13, c -> c.lastEpoch(last)),
          "polynomial 0.9",
              (o, last) -> new PolynomialLR(o, c -> c.totalIters(180).power(0.9).lastEpoch(last)),
          "multiplicative",
              (o, last) -> new MultiplicativeLR(o, epoch -> 1 - 1.0 / (epoch + 3), last),
          "cyclic triangular2", SchedulerParityTest::triangular2,
          "one cycle", (o, last) -> new OneCycleLR(o, 0.1, c -> c.totalSteps(200).lastEpoch(last)));

  private final JsonNode fixture = Fixtures.json("schedulers.json");
  private final TensorFile tensors = Fixtures.tensors("schedulers.safetensors");
  private final int steps = fixture.get("steps").asInt();
  private final int savedAfter = fixture.get("savedAfter").asInt();

  private static LRScheduler triangular2(Optimizer<?> optimizer, int lastEpoch) {
    return new CyclicLR(
        optimizer,
        List.of(0.001, 0.002),
        List.of(0.1, 0.3),
        c ->
            c.stepSizeUp(17)
                .stepSizeDown(11)
                .mode(CyclicLR.Mode.TRIANGULAR2)
                .baseMomentum(0.7)
                .maxMomentum(0.99)
                .lastEpoch(lastEpoch));
  }

  private Stream<String> cases() {
    return fixture.get("cases").properties().stream().map(Map.Entry::getKey);
  }

  @TestFactory
  Stream<DynamicTest> should_schedule_as_python_does() {
    return cases().map(name -> dynamicTest(name, () -> whole(name)));
  }

  private void whole(String name) {
    try (var scope = TensorScope.open()) {
      Optimizer<?> optimizer = optimizer(name);
      LRScheduler scheduler = make(name).apply(optimizer);
      List<Double> rows = new ArrayList<>(values(optimizer));
      run(optimizer, rows, savedAfter, _ -> scheduler.step());

      assertThat(plain(scheduler.stateDict()))
          .as("state dict")
          .isEqualTo(plain(fixture.get("cases").get(name).get("scheduler")));
      assertThat(scheduler.getLastLr())
          .isEqualTo(optimizer.paramGroups().stream().map(ParamGroup::lr).toList());

      run(optimizer, rows, steps - savedAfter, _ -> scheduler.step());
      assertThat(rows).isEqualTo(recorded(name));
    }
  }

  @TestFactory
  Stream<DynamicTest> should_go_on_from_a_state_that_python_saved() {
    return cases()
        .map(name ->
            dynamicTest(
                name, () -> goOn(name, plain(fixture.get("cases").get(name).get("scheduler")))));
  }

  @TestFactory
  Stream<DynamicTest> should_go_on_from_a_state_that_java_saved() {
    return cases()
        .map(name ->
            dynamicTest(
                name,
                () -> {
                  try (var scope = TensorScope.open()) {
                    Optimizer<?> optimizer = optimizer(name);
                    LRScheduler scheduler = make(name).apply(optimizer);
                    for (int i = 0; i < savedAfter; i++) {
                      optimizer.step();
                      scheduler.step();
                    }
                    goOn(name, scheduler.stateDict());
                  }
                }));
  }

  private void goOn(String name, Map<String, ?> state) {
    try (var scope = TensorScope.open()) {
      Optimizer<?> optimizer = optimizer(name);
      LRScheduler scheduler = make(name).apply(optimizer);
      scheduler.loadStateDict(state);
      restore(optimizer, name);
      List<Double> rows = new ArrayList<>(values(optimizer));
      run(optimizer, rows, steps - savedAfter, _ -> scheduler.step());

      List<Double> all = recorded(name);
      assertThat(rows).isEqualTo(all.subList(all.size() - rows.size(), all.size()));
    }
  }

  @TestFactory
  Stream<DynamicTest> should_go_on_after_an_epoch() {
    return Fixtures.strings(fixture.get("resumed")).stream()
        .map(name ->
            dynamicTest(
                name,
                () -> {
                  try (var scope = TensorScope.open()) {
                    Optimizer<?> optimizer = optimizer("SGD." + name);
                    restore(optimizer, "SGD." + name);
                    LRScheduler scheduler =
                        requireNonNull(RESUMED.get(name)).apply(optimizer, savedAfter);
                    List<Double> rows = new ArrayList<>(values(optimizer));
                    run(optimizer, rows, 40, _ -> scheduler.step());
                    assertThat(rows).isEqualTo(recorded("resumed." + name));
                  }
                }));
  }

  @TestFactory
  Stream<DynamicTest> should_go_to_points_within_epochs() {
    return fixture.get("fractions").properties().stream()
        .map(fraction ->
            dynamicTest(
                fraction.getKey(),
                () -> {
                  try (var scope = TensorScope.open()) {
                    Optimizer<?> optimizer = optimizer("SGD");
                    var scheduler =
                        (CosineAnnealingWarmRestarts) make(fraction.getKey()).apply(optimizer);
                    double part = fraction.getValue().asDouble();
                    List<Double> rows = new ArrayList<>(values(optimizer));
                    run(optimizer, rows, steps, step -> scheduler.step((step + 1) * part));
                    assertThat(rows).isEqualTo(recorded("fractions." + fraction.getKey()));
                  }
                }));
  }

  private static Function<Optimizer<?>, LRScheduler> make(String name) {
    return requireNonNull(CASES.get(name.replaceFirst("^(SGD|Adam)[.]", "")));
  }

  private static Optimizer<?> optimizer(String name) {
    List<Tensor> first = List.of(Torch.zeros(1).requiresGrad_());
    List<Tensor> second = List.of(Torch.zeros(1).requiresGrad_());
    return name.startsWith("Adam")
        ? new Adam(first, 0.05).addParamGroup(second, o -> o.lr(0.3))
        : new SGD(first, o -> o.lr(0.05).momentum(0.5)).addParamGroup(second, o -> o.lr(0.3));
  }

  /// Gives the groups the options that Python's had when it saved.
  private void restore(Optimizer<?> optimizer, String name) {
    JsonNode groups = fixture.get("cases").get(name).get("groups");
    for (int i = 0; i < groups.size(); i++) {
      ParamGroup<?> group = optimizer.paramGroups().get(i);
      plain(groups.get(i)).forEach(group::set);
    }
  }

  private static void run(Optimizer<?> optimizer, List<Double> rows, int steps, IntConsumer step) {
    for (int i = 0; i < steps; i++) {
      optimizer.step();
      step.accept(i);
      rows.addAll(values(optimizer));
    }
  }

  /// Rate and momentum of each group.
  private static List<Double> values(Optimizer<?> optimizer) {
    List<Double> values = new ArrayList<>();
    for (ParamGroup<?> group : optimizer.paramGroups()) {
      values.add(group.lr());
      Object momentum =
          group.get("betas") instanceof List<?> betas ? betas.getFirst() : group.get("momentum");
      values.add(((Number) requireNonNull(momentum)).doubleValue());
    }
    return values;
  }

  private List<Double> recorded(String name) {
    try (var scope = TensorScope.open()) {
      List<Double> all = new ArrayList<>();
      for (double value : tensors.tensor(name).flatten().toDoubleArray()) all.add(value);
      return all;
    }
  }

  /// A state as it is after a way through JSON, where whole numbers are of one kind.
  private static Map<String, Object> plain(Object state) {
    try {
      return Fixtures.JSON.readValue(
          Fixtures.JSON.writeValueAsString(state), new TypeReference<>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
