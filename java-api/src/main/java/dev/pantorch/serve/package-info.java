/// Answering requests with a model: batches gathered from many threads.
@NullMarked
package dev.pantorch.serve;

import org.jspecify.annotations.NullMarked;
