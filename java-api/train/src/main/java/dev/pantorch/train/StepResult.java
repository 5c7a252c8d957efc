package dev.pantorch.train;

/// What happened in an optimizer step.
///
/// ```java
/// class Printer implements Callback {
///   @Override
///   public void onStepEnd(Trainer<?, ?> trainer, StepResult step) {
///     if (step.step() % 100 == 0) System.out.println(step.loss() + " " + step.learningRate());
///   }
/// }
/// ```
///
/// @param epoch its epoch, from 1
/// @param batch the last batch that went into it, within the epoch and from 1
/// @param step its number over all epochs, from 1
/// @param loss the mean of its batches' losses
/// @param gradientNorm the 2-norm of the gradients before clipping; NaN where it was not computed
/// @param learningRate that of the first parameter group, which the step was made with
public record StepResult(
    int epoch, long batch, long step, double loss, double gradientNorm, double learningRate) {}
