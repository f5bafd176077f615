package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import tofu.api.Ampe;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.tests.rigs.Door;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Hoard;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Transport;
import tofu.tests.rigs.Warnings;

/// Messages that are forgotten in great number: paranoid leak detection finds each of them, once.
/// Alone in the process, as it silences the log, which would get a stack for each.
@Isolated
class LeakFault {
    private static final int LEAKS = 1_000;
    private static final int HONEST = 10_000;

    /// How often a handler is called within itself.
    private static final int DEPTH = 5;

    private static final int POOL = 64;

    private static final Pattern LEAK =
            Pattern.compile("LEAK: (a|\\d+) messages? became unreachable");

    /// Held, as the log manager would forget it.
    private static final Logger LOGGER = Logger.getLogger("tofu");

    @Test
    void aThousandOfAThousandForgottenMessagesAreFound() {
        Warnings warnings = Warnings.collect();
        boolean console = LOGGER.getUseParentHandlers();
        LOGGER.setUseParentHandlers(false);
        Options options = Options.builder().leakDetection(LeakDetection.PARANOID).build();
        try (Ampe engine = Ampe.open(options)) {
            plant(engine);
            awaitCollection();
            engine.put(engine.get());
            assertThat(warnings.texts())
                    .as("told as soon as the next message is got")
                    .singleElement(STRING)
                    .contains("LeakFault.forget");
        } finally {
            LOGGER.setUseParentHandlers(console);
            Warnings.stop();
        }
        assertThat(warnings.texts()).last(STRING).contains("LEASE=" + LEAKS);
        assertThat(warnings.texts().stream().mapToInt(LeakFault::leaks).sum()).isEqualTo(LEAKS);
        System.out.printf("leak detection: %d of %d leaks found%n", LEAKS, LEAKS);
    }

    /// A handler is called by who gets a message, and may get and send messages itself; what it
    /// forgets calls it again, deeper.
    @Test
    void aHandlerThatUsesTheEngineAgainAndAgainDisturbsNothing() {
        boolean console = LOGGER.getUseParentHandlers();
        LOGGER.setUseParentHandlers(false);
        Options options = Options.builder().leakDetection(LeakDetection.PARANOID).build();
        try (Ampe clients = Ampe.open(options);
                Ampe servers = Ampe.open()) {
            Peer server = new Peer(servers);
            Door door = server.listen(Transport.TCP);
            Link link = Link.open(new Peer(clients), server, door.address());
            Talkative handler = new Talkative(link);
            LOGGER.addHandler(handler);
            try {
                forget(clients);
                awaitCollection();
                link.client().say(OpCode.SIGNAL, link.clientChannel(), DEPTH + 1);
            } finally {
                LOGGER.removeHandler(handler);
            }
            for (long id = 1; id <= DEPTH + 1; id++) {
                server.expect(OpCode.SIGNAL, id);
            }
            link.bye();
        } finally {
            LOGGER.setUseParentHandlers(console);
        }
    }

    /// Who gets a message gets what the handler throws instead, and the pool loses nothing.
    @Test
    void aHandlerThatThrowsCostsNoMessage() {
        boolean console = LOGGER.getUseParentHandlers();
        LOGGER.setUseParentHandlers(false);
        Options options =
                Options.builder()
                        .leakDetection(LeakDetection.PARANOID)
                        .maxPoolMessages(POOL)
                        .build();
        try (Ampe engine = Ampe.open(options)) {
            Throwing handler = new Throwing();
            LOGGER.addHandler(handler);
            try {
                forget(engine);
                awaitCollection();
                assertThatThrownBy(() -> engine.get()).isSameAs(handler.planted);
            } finally {
                LOGGER.removeHandler(handler);
            }
            assertThat(Hoard.sizeOf(engine)).as("all but the forgotten one").isEqualTo(POOL - 1);
        } finally {
            LOGGER.setUseParentHandlers(console);
        }
    }

    /// Forgets a message, gets one, which calls it again, and sends that, unless it is deep enough.
    ///
    /// Thread: one.
    private static final class Talkative extends Handler {
        private final Link link;
        private int depth;
        private int said;

        Talkative(Link link) {
            this.link = link;
        }

        @Override
        public void publish(LogRecord entry) {
            if (depth < DEPTH) {
                depth++;
                forget(link.client().ampe());
                awaitCollection();
                link.client()
                        .say(OpCode.SIGNAL, link.clientChannel(), message -> message.id(++said));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private static final class Throwing extends Handler {
        private final Error planted = new LinkageError("planted");

        @Override
        public void publish(LogRecord entry) {
            throw planted;
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /// How many leaks a line of the log is for: those with one stack share one.
    private static int leaks(String line) {
        Matcher leak = LEAK.matcher(line);
        if (!leak.find()) {
            return 0;
        }
        return leak.group(1).equals("a") ? 1 : Integer.parseInt(leak.group(1));
    }

    /// Waits until the JVM has told of all that was unreachable.
    ///
    /// It tells of what it finds in batches, one after the other, each in any order; what is found
    /// before a batch is taken joins it, ahead of the rest. So the first object may be told of
    /// before the messages of its batch, but the second, which is made only then, may not.
    private static void awaitCollection() {
        System.gc();
        awaitCollectionOfOne();
        awaitCollectionOfOne();
    }

    private static void awaitCollectionOfOne() {
        ReferenceQueue<Object> told = new ReferenceQueue<>();
        PhantomReference<Object> one = new PhantomReference<>(new Object(), told);
        Eventually.holds(
                "the collector tells of an object",
                () -> {
                    System.gc();
                    return told.poll() == one;
                });
    }

    /// Forgets some of the messages it gets, and closes the others, at once or later.
    private static void plant(Ampe engine) {
        List<Message> later = new ArrayList<>();
        for (int i = 0; i < HONEST; i++) {
            Message message = engine.get();
            if (i % 2 == 0) {
                engine.put(message);
            } else {
                later.add(message);
            }
            if (i % (HONEST / LEAKS) == 0) {
                forget(engine);
            }
        }
        later.forEach(engine::put);
    }

    private static void forget(Ampe engine) {
        assertThat(engine.get()).isNotNull();
    }
}
