/// `tofuctl top`: what the engines of a running JVM count.
@NullMarked
package tofu.cli.top;

import org.jspecify.annotations.NullMarked;
