/// The command that measures, and its reports.
@NullMarked
package tofu.cli.bench;

import org.jspecify.annotations.NullMarked;
