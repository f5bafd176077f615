/// Connections as bytes: the commands that pass frames on, and those that play them again.
@NullMarked
package tofu.cli.wire;

import org.jspecify.annotations.NullMarked;
