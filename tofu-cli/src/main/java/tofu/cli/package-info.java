/// The commands of `tofuctl` that talk, and what all of its commands share.
@NullMarked
package tofu.cli;

import org.jspecify.annotations.NullMarked;
