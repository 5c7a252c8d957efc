/// Programs to run (`examples/run NAME`) and to learn from. Those on real data end with one line
/// for scripts: the name, then `key=value` pairs.
@NullMarked
package dev.pantorch.examples;

import org.jspecify.annotations.NullMarked;
