package dev.pantorch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.ParamGroup;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The optimizer of {@link Optimizer}'s Javadoc.
class OwnOptimizerTest {
  static final class SignSGD extends Optimizer<SignSGD.Group> {
    static final class Group extends ParamGroup<Group> {
      Group() {
        lr(0.01);
      }

      @Override
      protected Group newGroup() {
        return new Group();
      }

      @Override
      protected void validate() {}
    }

    SignSGD(List<Tensor> parameters) {
      super(parameters, new Group(), o -> {});
    }

    @Override
    protected void update(Group group) {
      for (Tensor parameter : group.params()) {
        Tensor gradient = parameter.grad();
        if (gradient != null) parameter.sub_(gradient.sign().mul(group.lr()));
      }
    }
  }

  @Test
  void should_step_by_an_update_of_ones_own() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor w = Torch.tensor(1.0, -3.0).requiresGrad_();
      Tensor unused = Torch.tensor(5.0).requiresGrad_();
      SignSGD optimizer = new SignSGD(List.of(w, unused));

      w.pow(2).sum().backward();
      optimizer.step();

      // The signs of 2 w are 1 and -1.
      assertThat(w.toDoubleArray()).containsExactly(1 - 0.01, -3 + 0.01);
      assertThat(unused.item()).isEqualTo(5);
    }
  }
}
