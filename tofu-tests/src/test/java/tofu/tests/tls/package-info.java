/// TLS over real sockets: what works, each way to fail, and peers that nobody here wrote.
@NullMarked
package tofu.tests.tls;

import org.jspecify.annotations.NullMarked;
