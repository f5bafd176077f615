package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tofu.engine.link.Resolver;

/// Bounds of name lookups, with a name service that a test writes.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class SystemResolverTest {
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");
    private static final ThreadFactory DAEMONS = Thread.ofPlatform().daemon().factory();

    private final CountDownLatch hangUntil = new CountDownLatch(1);

    /// Names whose lookup hangs, as they are begun.
    private final BlockingQueue<String> hanging = new LinkedBlockingQueue<>();

    private final BlockingQueue<List<InetAddress>> answers = new LinkedBlockingQueue<>();
    private final SystemResolver resolver = new SystemResolver(this::addressesOf, DAEMONS);

    private InetAddress[] addressesOf(String host) throws UnknownHostException {
        if (!host.startsWith("hang")) {
            return new InetAddress[] {HERE};
        }
        hanging.add(host);
        boolean interrupted = false;
        while (hangUntil.getCount() > 0) {
            try {
                hangUntil.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        throw new UnknownHostException(host);
    }

    @AfterEach
    void close() {
        hangUntil.countDown();
        resolver.close();
    }

    private Resolver.@Nullable Question ask(String host) {
        return resolver.ask(host, answers::add);
    }

    /// Asks for names that hang.
    private List<Resolver.Question> hang(int count) {
        List<Resolver.Question> questions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Resolver.Question question = ask("hang" + i);
            assertThat(question).as("question " + i).isNotNull();
            questions.add(question);
        }
        return questions;
    }

    private static <T> T take(BlockingQueue<T> queue) throws InterruptedException {
        T taken = queue.poll(30, TimeUnit.SECONDS);
        assertThat(taken).isNotNull();
        return taken;
    }

    @Test
    void namesThatHangDoNotStopOthers() throws Exception {
        hang(SystemResolver.MAX_LOOKUPS - 1);
        assertThat(ask("good")).isNotNull();

        assertThat(take(answers)).containsExactly(HERE);
    }

    @Test
    void whoAsksForTheSameNameSharesALookup() throws Exception {
        for (int i = 0; i < 10 * SystemResolver.MAX_LOOKUPS; i++) {
            assertThat(ask("hang")).isNotNull();
        }
        assertThat(take(hanging)).isEqualTo("hang");
        ask("good");
        assertThat(take(answers)).containsExactly(HERE);
        hangUntil.countDown();
        for (int i = 0; i < 10 * SystemResolver.MAX_LOOKUPS; i++) {
            assertThat(take(answers)).isEmpty();
        }
        assertThat(hanging).as("asked for again").isEmpty();
    }

    @Test
    void aNameIsLookedUpAnewEachTime() throws Exception {
        hangUntil.countDown();
        for (int i = 0; i < 3; i++) {
            ask("hang");
            assertThat(take(hanging)).isEqualTo("hang");
            assertThat(take(answers)).isEmpty();
        }
    }

    @Test
    void oneNameTooManyIsRefusedAndAsksNobody() {
        hang(SystemResolver.MAX_LOOKUPS + SystemResolver.MAX_WAITING);
        assertThat(ask("good")).isNull();
        assertThat(ask("hang0")).as("one that is being looked up").isNotNull();
    }

    @Test
    void whatIsWithdrawnMakesRoomForOthers() throws Exception {
        List<Resolver.Question> questions =
                hang(SystemResolver.MAX_LOOKUPS + SystemResolver.MAX_WAITING);
        questions
                .subList(SystemResolver.MAX_LOOKUPS, questions.size())
                .forEach(Resolver.Question::withdraw);
        for (int i = 0; i < 10 * SystemResolver.MAX_WAITING; i++) {
            Resolver.Question question = ask("hang-too" + i);
            assertThat(question).as("question " + i).isNotNull();
            question.withdraw();
        }
        assertThat(ask("good")).isNotNull();
        hangUntil.countDown();

        List<InetAddress> found = new ArrayList<>();
        for (int i = 0; i <= SystemResolver.MAX_LOOKUPS; i++) {
            found.addAll(take(answers));
        }
        assertThat(found).containsExactly(HERE);
    }

    @Test
    void aLookupGivenUpAnswersThoseWhoStillWait() throws Exception {
        Resolver.Question first = ask("hang");
        assertThat(first).isNotNull();
        take(hanging);
        resolver.ask("hang", found -> answers.add(List.of(HERE, HERE)));
        first.withdraw();
        first.withdraw();
        hangUntil.countDown();

        assertThat(take(answers)).hasSize(2);
        assertThat(answers).isEmpty();
    }

    // ---- lookups that end as none should

    private static Stream<Arguments> misbehaviour() {
        return Stream.of(
                service(
                        "an Error",
                        host -> {
                            throw new LinkageError("planted");
                        }),
                service(
                        "no memory",
                        host -> {
                            throw new OutOfMemoryError("planted");
                        }),
                service(
                        "an exception",
                        host -> {
                            throw new IllegalStateException("planted");
                        }),
                service("null", SystemResolverTest::nothing),
                service("no address", host -> new InetAddress[0]),
                service("null for an address", host -> new InetAddress[1]));
    }

    @SuppressWarnings("NullAway") // as a provider that is broken
    private static InetAddress[] nothing(String host) {
        return null;
    }

    private static Arguments service(String name, SystemResolver.NameService service) {
        return Arguments.of(Named.of(name, service));
    }

    @ParameterizedTest
    @MethodSource("misbehaviour")
    void aLookupIsAnsweredHoweverItEnds(SystemResolver.NameService service) throws Exception {
        try (SystemResolver broken = new SystemResolver(service, DAEMONS)) {
            // More than there are threads: none of them is lost.
            for (int i = 0; i < 2 * SystemResolver.MAX_LOOKUPS; i++) {
                broken.ask("any" + i, answers::add);
            }
            for (int i = 0; i < 2 * SystemResolver.MAX_LOOKUPS; i++) {
                assertThat(take(answers)).isEmpty();
            }
        }
    }

    @Test
    void ofThousandsOfAddressesTheFirstAreFound() throws Exception {
        InetAddress[] thousands =
                IntStream.range(0, 10_000)
                        .mapToObj(i -> InetAddress.ofLiteral("10.0." + i / 256 + "." + i % 256))
                        .toArray(InetAddress[]::new);
        try (SystemResolver large = new SystemResolver(host -> thousands, DAEMONS)) {
            large.ask("large", answers::add);

            assertThat(take(answers))
                    .containsExactly(List.of(thousands).subList(0, 32).toArray(InetAddress[]::new));
        }
    }

    // ---- threads

    @Test
    void withoutAThreadAQuestionIsRefused() throws Exception {
        boolean[] exhausted = {true};
        ThreadFactory threads =
                task -> {
                    if (exhausted[0]) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    return DAEMONS.newThread(task);
                };
        try (SystemResolver poor = new SystemResolver(this::addressesOf, threads)) {
            for (int i = 0; i < 2 * SystemResolver.MAX_LOOKUPS; i++) {
                assertThat(poor.ask("good", answers::add)).isNull();
            }
            exhausted[0] = false;

            assertThat(poor.ask("good", answers::add)).isNotNull();
            assertThat(take(answers)).containsExactly(HERE);
        }
    }

    @Test
    void threadsHaveNothingOfWhoAsks() throws Exception {
        InheritableThreadLocal<String> inherited = new InheritableThreadLocal<>();
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        Consumer<List<InetAddress>> look =
                found -> {
                    Thread thread = Thread.currentThread();
                    seen.add(thread.getName().replaceAll("\\d+", "N"));
                    seen.add("" + inherited.get());
                    seen.add("loader " + (thread.getContextClassLoader() == ODD_LOADER));
                    seen.add("priority " + thread.getPriority());
                    seen.add("daemon " + thread.isDaemon());
                    seen.add("group " + (thread.getThreadGroup() == ODD_GROUP));
                    answers.add(found);
                };
        try (SystemResolver real = new SystemResolver()) {
            Thread asker =
                    new Thread(
                            ODD_GROUP,
                            () -> {
                                inherited.set("the application's");
                                real.ask("127.0.0.1", look);
                            });
            asker.setPriority(Thread.MAX_PRIORITY);
            asker.setContextClassLoader(ODD_LOADER);
            asker.start();
            take(answers);
        }
        assertThat(seen)
                .containsExactly(
                        "tofu-resolver-N",
                        "null",
                        "loader false",
                        "priority 5",
                        "daemon true",
                        "group false");
    }

    private static final ThreadGroup ODD_GROUP = new ThreadGroup("odd");
    private static final ClassLoader ODD_LOADER = new ClassLoader() {};

    // ---- the end

    @Test
    void aClosedResolverIsAskedInVain() {
        resolver.close();
        assertThat(ask("good")).isNull();
    }

    @Test
    void closingDoesNotWaitForALookupThatHangs() throws Exception {
        Resolver.Question question = ask("hang");
        assertThat(question).isNotNull();
        take(hanging);
        resolver.close();
        question.withdraw();
        assertThat(hangUntil.getCount()).isEqualTo(1);
    }
}
