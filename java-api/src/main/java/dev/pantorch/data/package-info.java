/// Data for training: `torch.utils.data` with loaders whose workers are virtual threads, windows
/// over time series, and scalers that are fitted on the training part only.
@NullMarked
package dev.pantorch.data;

import org.jspecify.annotations.NullMarked;
