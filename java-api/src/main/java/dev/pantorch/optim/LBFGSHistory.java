package dev.pantorch.optim;

import static java.util.Objects.requireNonNull;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// What L-BFGS knows of the iterations before. Between steps it is in the state, as Python has it
/// there; tensors are written over where they can be, so that memory does not grow.
final class LBFGSHistory {
  private final SequencedMap<String, @Nullable Object> state;
  private final int size;
  private final List<@Nullable Tensor> changes;
  private final List<@Nullable Tensor> steps;
  private final List<@Nullable Tensor> inverses;
  private final List<@Nullable Tensor> weights;
  private @Nullable Tensor lastGrad;
  private @Nullable Tensor direction;
  private Scalar step;
  private Scalar scale;
  private double lastLoss;

  LBFGSHistory(SequencedMap<String, @Nullable Object> state, int size) {
    this.state = state;
    this.size = size;
    state.putIfAbsent("func_evals", 0);
    state.putIfAbsent("n_iter", 0);
    changes = list("old_dirs");
    steps = list("old_stps");
    inverses = list("ro");
    weights = list("al");
    lastGrad = (Tensor) state.get("prev_flat_grad");
    direction = (Tensor) state.get("d");
    step = scalar("t");
    scale = scalar("H_diag");
    lastLoss = scalar("prev_loss").value();
  }

  void countEvals(int evals) {
    state.put("func_evals", count("func_evals") + evals);
  }

  void countIteration() {
    state.put("n_iter", count("n_iter") + 1);
  }

  boolean isFirst() {
    return count("n_iter") == 1;
  }

  private int count(String name) {
    return ((Number) requireNonNull(state.get(name))).intValue();
  }

  private Scalar scalar(String name) {
    return switch (state.get(name)) {
      case Tensor tensor -> Scalar.of(tensor);
      case Number number -> Scalar.of(number.doubleValue());
      case null, default -> Scalar.of(1);
    };
  }

  private List<@Nullable Tensor> list(String name) {
    List<@Nullable Tensor> list = new ArrayList<>();
    if (state.get(name) instanceof List<?> saved) saved.forEach(t -> list.add((Tensor) t));
    return list;
  }

  /// Where to go from the present gradient.
  Tensor direction(Tensor grad) {
    Tensor next;
    if (lastGrad == null || direction == null) {
      next = grad.neg();
      lastGrad = grad.clone(null).keep();
    } else {
      Tensor last = lastGrad;
      Tensor way = direction;
      next =
          TensorScope.scope(() -> {
            learn(grad.sub(last), way.mul(step.value()));
            return product(grad);
          });
      last.copy_(grad);
    }
    return next;
  }

  /// Takes note of where the iteration goes.
  void remember(Tensor direction, Scalar step, double loss) {
    Tensor before = this.direction;
    if (before != null && before != direction && before != state.get("d")) before.close();
    this.direction = direction;
    this.step = step;
    this.lastLoss = loss;
  }

  private void learn(Tensor change, Tensor way) {
    Scalar curvature = Scalar.of(change.dot(way));
    if (!Scalar.of(1e-10).isLess(curvature)) return;
    append(changes, change);
    append(steps, way);
    append(inverses, asTensor(Scalar.of(1).dividedBy(curvature), change));
    scale = curvature.dividedBy(Scalar.of(change.dot(change)));
  }

  private void append(List<@Nullable Tensor> history, Tensor value) {
    if (history.size() == size) {
      history.add(requireNonNull(history.removeFirst()).copy_(value));
    } else {
      history.add(value.keep());
    }
  }

  private static Tensor asTensor(Scalar value, Tensor like) {
    return Torch.full(new long[0], value.value(), like.dtype().on(like.device()));
  }

  /// The negative gradient times the inverse of the estimated curvature, by two recursions.
  private Tensor product(Tensor grad) {
    while (weights.size() < size) weights.add(null);
    Scalar[] factors = new Scalar[changes.size()];
    Tensor q = grad.neg();
    for (int i = factors.length - 1; i >= 0; i--) {
      factors[i] = along(steps.get(i), q, inverses.get(i));
      q.add_(requireNonNull(changes.get(i)), -factors[i].value());
      Tensor weight = weights.get(i);
      if (weight == null) weights.set(i, asTensor(factors[i], grad).keep());
      else weight.fill_(factors[i].value());
    }
    Tensor r = q.mul(scale.value());
    for (int i = 0; i < factors.length; i++) {
      Scalar factor = along(changes.get(i), r, inverses.get(i));
      r.add_(requireNonNull(steps.get(i)), factors[i].minus(factor).value());
    }
    return r;
  }

  private static Scalar along(@Nullable Tensor vector, Tensor other, @Nullable Tensor inverse) {
    return Scalar.of(requireNonNull(vector).dot(other)).times(Scalar.of(requireNonNull(inverse)));
  }

  /// Writes everything down, under Python's names and in its order.
  void save() {
    Tensor last = requireNonNull(lastGrad);
    if (!weights.isEmpty()) state.put("al", weights);
    if (state.get("d") instanceof Tensor saved) saved.copy_(requireNonNull(direction));
    else state.put("d", requireNonNull(direction).clone(null).keep());
    save("t", step, last);
    state.put("old_dirs", changes);
    state.put("old_stps", steps);
    state.put("ro", inverses);
    save("H_diag", scale, last);
    state.put("prev_flat_grad", last);
    state.put("prev_loss", lastLoss);
  }

  private void save(String name, Scalar scalar, Tensor like) {
    DType dtype = scalar.dtype();
    if (dtype == null) {
      // Python's H_diag is 1 at first, an integer.
      state.put(name, name.equals("H_diag") ? (Object) 1 : scalar.value());
    } else if (state.get(name) instanceof Tensor old && old.dtype() == dtype) {
      old.fill_(scalar.value());
    } else {
      TensorOptions options = dtype.on(like.device());
      state.put(name, Torch.full(new long[0], scalar.value(), options).keep());
    }
  }
}
