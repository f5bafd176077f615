package tofu.tests.rigs;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Host names for tests, so that no test asks a name server; public, as the JDK asks for it.
///
/// Each call makes a new name, since the JDK remembers what a name stood for.
///
/// Threads: any.
public final class TestNames extends InetAddressResolverProvider {
    private static final String DOMAIN = ".tofu.test";
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final Map<String, Answer> ANSWERS = new ConcurrentHashMap<>();

    /// What becomes of a lookup.
    @FunctionalInterface
    public interface Answer {
        @Nullable Stream<InetAddress> addresses() throws UnknownHostException;
    }

    /// A name whose lookup hangs.
    ///
    /// @param host the name
    /// @param begun opens when somebody asks for it
    /// @param end to be opened; then the name is unknown
    public record Lookup(String host, CountDownLatch begun, CountDownLatch end) {}

    /// For [java.util.ServiceLoader].
    public TestNames() {}

    /// A name that nobody knows.
    public static String unknown() {
        return "unknown-" + NUMBERS.getAndIncrement() + DOMAIN;
    }

    /// A name whose lookup ends as the answer says.
    public static String answeredBy(Answer answer) {
        String host = "answered-" + NUMBERS.getAndIncrement() + DOMAIN;
        ANSWERS.put(host, answer);
        return host;
    }

    /// A name of several addresses.
    public static String of(String... literals) {
        return answeredBy(() -> Stream.of(literals).map(InetAddress::ofLiteral));
    }

    /// A name of two addresses: 127.0.0.2, where nobody listens, and 127.0.0.1.
    public static String ofTwoAddresses() {
        return of("127.0.0.2", "127.0.0.1");
    }

    /// A name whose lookup hangs, even if it is interrupted, as it does in the system's resolver.
    public static Lookup hanging() {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        String host =
                answeredBy(
                        () -> {
                            begun.countDown();
                            awaitUninterruptibly(end);
                            throw new UnknownHostException();
                        });
        return new Lookup(host, begun, end);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
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
        @SuppressWarnings("NullAway") // a provider may be broken
        public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
                throws UnknownHostException {
            if (!host.endsWith(DOMAIN)) {
                return system.lookupByName(host, policy);
            }
            Answer answer = ANSWERS.remove(host);
            if (answer == null) {
                throw new UnknownHostException(host);
            }
            return answer.addresses();
        }

        @Override
        public String lookupByAddress(byte[] address) throws UnknownHostException {
            return system.lookupByAddress(address);
        }
    }
}
