/// MBeans for what an [engine][tofu.api.Ampe] counts: [TofuMXBeans].
@NullMarked
package tofu.management;

import org.jspecify.annotations.NullMarked;
