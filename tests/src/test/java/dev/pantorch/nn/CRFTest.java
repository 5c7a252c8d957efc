package dev.pantorch.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantorch.Autograd;
import dev.pantorch.DType;
import dev.pantorch.IndexException;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The CRF against the enumeration of all sequences of tags, in double precision.
class CRFTest {
  private static final int TAGS = 3;
  private static final int[] LENGTHS = {4, 2, 1};

  private final CRF crf = seeded();
  private final Tensor mask = SequenceLosses.mask(Torch.tensor(4L, 2L, 1L), 4);
  private final Tensor emissions = Torch.randn(DType.FLOAT64, 3, 4, TAGS);
  private final Tensor tags = Torch.randint(TAGS, new long[] {3, 4}, DType.INT64);

  private static CRF seeded() {
    Torch.manualSeed(5);
    CRF crf = new CRF(TAGS, o -> o.dtype(DType.FLOAT64));
    for (Tensor parameter : crf.parameters()) Init.normal_(parameter);
    return crf;
  }

  private double score(int sequence, int[] path) {
    double[] x = emissions.select(0, sequence).toDoubleArray();
    double[] moves = crf.getParameter("transitions").toDoubleArray();
    double score = crf.getParameter("start_transitions").toDoubleArray()[path[0]];
    for (int t = 0; t < path.length; t++) {
      score += x[t * TAGS + path[t]];
      if (t > 0) score += moves[path[t - 1] * TAGS + path[t]];
    }
    return score + crf.getParameter("end_transitions").toDoubleArray()[path[path.length - 1]];
  }

  private static List<int[]> paths(int length) {
    List<int[]> paths = new ArrayList<>();
    int count = (int) Math.pow(TAGS, length);
    for (int n = 0; n < count; n++) {
      int[] path = new int[length];
      for (int t = 0, rest = n; t < length; t++, rest /= TAGS) path[t] = rest % TAGS;
      paths.add(path);
    }
    return paths;
  }

  private double partition(int sequence) {
    return paths(LENGTHS[sequence]).stream().mapToDouble(p -> Math.exp(score(sequence, p))).sum();
  }

  @Test
  void should_give_the_likelihood_that_enumeration_gives() {
    double[] found = crf.forward(emissions, tags, mask, Reduction.NONE).toDoubleArray();

    for (int i = 0; i < LENGTHS.length; i++) {
      int[] path = tags.select(0, i).narrow(0, 0, LENGTHS[i]).to(DType.INT32).toIntArray();
      assertThat(found[i]).isCloseTo(score(i, path) - Math.log(partition(i)), within(1e-10));
    }
    double sum = found[0] + found[1] + found[2];
    assertThat(crf.forward(emissions, tags, mask, Reduction.SUM).item())
        .isCloseTo(sum, within(1e-10));
    assertThat(crf.forward(emissions, tags, mask, Reduction.MEAN).item())
        .isCloseTo(sum / 3, within(1e-10));
  }

  @Test
  void should_decode_the_best_of_all_sequences() {
    CRF.Decoded decoded = crf.decode(emissions, mask);

    for (int i = 0; i < LENGTHS.length; i++) {
      int sequence = i;
      int[] best =
          paths(LENGTHS[i]).stream()
              .max((a, b) -> Double.compare(score(sequence, a), score(sequence, b)))
              .orElseThrow();
      assertThat(decoded.sequences().get(i)).containsExactly(best);
      assertThat(decoded.scores().toDoubleArray()[i]).isCloseTo(score(i, best), within(1e-10));
    }
    assertThat(decoded.tags().select(0, 2).toLongArray()).endsWith(-100, -100, -100);
    assertThat(crf.decode(emissions).sequences().getFirst())
        .containsExactly(decoded.sequences().getFirst());
  }

  @Test
  void should_give_the_marginals_that_enumeration_gives() {
    double[] found = crf.marginals(emissions, mask).toDoubleArray();

    for (int i = 0; i < LENGTHS.length; i++) {
      double[] expected = new double[4 * TAGS];
      for (int[] path : paths(LENGTHS[i])) {
        double p = Math.exp(score(i, path)) / partition(i);
        for (int t = 0; t < path.length; t++) expected[t * TAGS + path[t]] += p;
      }
      for (int k = 0; k < expected.length; k++) {
        assertThat(found[i * 4 * TAGS + k]).isCloseTo(expected[k], within(1e-10));
      }
    }
  }

  @Test
  void should_have_the_gradients_of_finite_differences() {
    List<Tensor> inputs = new ArrayList<>(List.of(emissions.requiresGrad_(true)));
    inputs.addAll(crf.parameters());

    assertThat(
            Autograd.gradcheck(
                all -> List.of(crf.forward(all.getFirst(), tags, mask, Reduction.NONE)),
                inputs,
                o -> {}))
        .isTrue();
  }

  @Test
  void should_not_look_at_padding() {
    Tensor padding = mask.logicalNot();
    Tensor spoilt = emissions.maskedFill(padding.unsqueeze(2), Double.NaN).requiresGrad_(true);
    Tensor marked = tags.maskedFill(padding, -100);
    Tensor likelihood = crf.forward(spoilt, marked, mask, Reduction.SUM);
    likelihood.backward();

    assertThat(likelihood.item())
        .isEqualTo(crf.forward(emissions, tags, mask, Reduction.SUM).item());
    assertThat(crf.getParameter("transitions").grad()).isNotNull();
    for (Tensor parameter : crf.parameters()) {
      Tensor gradient = parameter.grad();
      assertThat(gradient != null && gradient.isfinite().all().itemBoolean()).isTrue();
    }
    assertThat(crf.decode(spoilt, mask).sequences().get(1))
        .containsExactly(crf.decode(emissions, mask).sequences().get(1));
  }

  @Test
  void should_stay_finite_with_scores_that_exp_cannot_take() {
    assertThat(crf.forward(emissions.mul(1e6), tags).isfinite().itemBoolean()).isTrue();
  }

  @Test
  void should_refuse_what_does_not_fit() {
    assertThatThrownBy(() -> new CRF(0))
        .isExactlyInstanceOf(ValueException.class)
        .hasMessage("invalid number of tags: 0");
    assertThatThrownBy(() -> crf.decode(emissions.select(0, 0)))
        .isExactlyInstanceOf(ShapeException.class)
        .hasMessage("emissions must have dimension of 3, got 2");
    assertThatThrownBy(() -> crf.decode(Torch.zeros(3, 4, 2)))
        .isExactlyInstanceOf(ShapeException.class)
        .hasMessage("expected last dimension of emissions is 3, got 2");
    assertThatThrownBy(() -> crf.forward(emissions, tags.narrow(1, 0, 3)))
        .isExactlyInstanceOf(ShapeException.class)
        .hasMessage(
            "the first two dimensions of emissions and tags must match, got (3, 4) and (3, 3)");
    assertThatThrownBy(() -> crf.decode(emissions, mask.narrow(0, 0, 2)))
        .isExactlyInstanceOf(ShapeException.class)
        .hasMessage(
            "the first two dimensions of emissions and mask must match, got (3, 4) and (2, 4)");
    assertThatThrownBy(() -> crf.decode(emissions, mask.logicalNot()))
        .isExactlyInstanceOf(ValueException.class)
        .hasMessage("mask of the first timestep must all be on");
    assertThatThrownBy(() -> crf.decode(emissions, tags))
        .isExactlyInstanceOf(ValueException.class)
        .hasMessage("mask must be of dtype torch.bool, got torch.int64");
    assertThatThrownBy(() -> crf.forward(emissions, tags.add(TAGS)))
        .isExactlyInstanceOf(IndexException.class)
        .hasMessageMatching("Tag [345] is out of bounds\\.");
    assertThat(crf).hasToString("CRF(num_tags=3)");
  }
}
