/// Pictures of training and of results, as PNG and SVG files. Nothing here needs a display.
@NullMarked
package dev.pantorch.train.plot;

import org.jspecify.annotations.NullMarked;
