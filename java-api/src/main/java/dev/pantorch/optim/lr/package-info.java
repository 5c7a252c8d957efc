/// Learning-rate schedules: `torch.optim.lr_scheduler`.
@NullMarked
package dev.pantorch.optim.lr;

import org.jspecify.annotations.NullMarked;
