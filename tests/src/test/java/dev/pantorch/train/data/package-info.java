/// Data from CSV files.
@NullMarked
package dev.pantorch.train.data;

import org.jspecify.annotations.NullMarked;
