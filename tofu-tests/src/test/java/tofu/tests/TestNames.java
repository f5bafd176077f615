package tofu.tests;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// Host names for tests, so that no test asks a name server; public, as the JDK asks for it.
///
/// Each call makes a new name, since the JDK remembers what a name stood for.
///
/// Threads: any.
public final class TestNames extends InetAddressResolverProvider {
    private static final String DOMAIN = ".tofu.test";
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final Map<String, Lookup> HANGING = new ConcurrentHashMap<>();

    /// A name whose lookup hangs.
    ///
    /// @param host the name
    /// @param begun opens when somebody asks for it
    /// @param end to be opened; then the name is unknown
    record Lookup(String host, CountDownLatch begun, CountDownLatch end) {}

    /// For [java.util.ServiceLoader].
    public TestNames() {}

    /// A name that nobody knows.
    static String unknown() {
        return "unknown-" + NUMBERS.getAndIncrement() + DOMAIN;
    }

    /// A name of two addresses: 127.0.0.2, where nobody listens, and 127.0.0.1.
    static String ofTwoAddresses() {
        return "two-" + NUMBERS.getAndIncrement() + DOMAIN;
    }

    /// A name whose lookup hangs, even if it is interrupted, as it does in the system's resolver.
    static Lookup hanging() {
        String host = "hanging-" + NUMBERS.getAndIncrement() + DOMAIN;
        Lookup lookup = new Lookup(host, new CountDownLatch(1), new CountDownLatch(1));
        HANGING.put(host, lookup);
        return lookup;
    }

    @Override
    public InetAddressResolver get(Configuration configuration) {
        return new Resolver(configuration.builtinResolver());
    }

    @Override
    public String name() {
        return "names for tests";
    }

    private record Resolver(InetAddressResolver system) implements InetAddressResolver {
        @Override
        public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
                throws UnknownHostException {
            if (!host.endsWith(DOMAIN)) {
                return system.lookupByName(host, policy);
            }
            if (host.startsWith("two-")) {
                return Stream.of(
                        InetAddress.getByAddress(host, new byte[] {127, 0, 0, 2}),
                        InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1}));
            }
            Lookup lookup = HANGING.remove(host);
            if (lookup != null) {
                lookup.begun.countDown();
                awaitUninterruptibly(lookup.end);
            }
            throw new UnknownHostException(host);
        }

        @Override
        public String lookupByAddress(byte[] address) throws UnknownHostException {
            return system.lookupByAddress(address);
        }

        private static void awaitUninterruptibly(CountDownLatch latch) {
            boolean interrupted = false;
            boolean open = false;
            while (!open) {
                try {
                    open = true;
                    latch.await(Peer.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                    open = false;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
