/// Measurements: JMH benchmarks of the parts, and programs that measure the whole.
@NullMarked
package tofu.bench;

import org.jspecify.annotations.NullMarked;
