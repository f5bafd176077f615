/// The only place that touches sockets: one small port, [tofu.engine.net.Net], and its
/// implementation over NIO.
@NullMarked
package tofu.engine.net;

import org.jspecify.annotations.NullMarked;
