/// Datasets, samplers and loaders.
@NullMarked
package dev.pantorch.data;

import org.jspecify.annotations.NullMarked;
