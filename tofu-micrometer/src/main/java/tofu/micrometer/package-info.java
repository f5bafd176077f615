/// Meters of Micrometer for what an [engine][tofu.api.Ampe] counts: [TofuMetrics].
@NullMarked
package tofu.micrometer;

import org.jspecify.annotations.NullMarked;
