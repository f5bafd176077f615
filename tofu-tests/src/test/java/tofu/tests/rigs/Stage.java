package tofu.tests.rigs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;
import tofu.api.Ampe;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.engine.EngineProvider;

/// Where one test plays: opens its engines, peers and raw sockets, and strikes them afterwards.
///
/// Strict: every message must have been expected, every message's memory given back, every thread
/// of an engine ended, nothing warned of.
///
/// Thread: the test's.
public final class Stage implements BeforeEachCallback, AfterEachCallback {
    private static final String STAGE_HAND = "stage-hand";

    /// The engines' threads, and those that open and close engines.
    private final ThreadGroup threads = new ThreadGroup("stage");

    private final List<Ampe> engines = new ArrayList<>();
    private final List<Peer> peers = new ArrayList<>();
    private final List<AutoCloseable> sockets = new ArrayList<>();
    private Warnings warnings = new Warnings();

    /// What the engines' sockets suffer from, if anything.
    private @Nullable Throttle throttle;

    @Override
    public void beforeEach(ExtensionContext context) {
        warnings = Warnings.collect(threads);
        throttle = Throttle.of(context.getRequiredTestClass());
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        boolean passed = context.getExecutionException().isEmpty();
        if (throttle != null
                && context.getExecutionException().stream()
                        .anyMatch(e -> !(e instanceof TestAbortedException))) {
            System.err.println(context.getDisplayName() + " failed with " + throttle);
        }
        List<String> unread = new ArrayList<>();
        for (Peer peer : passed ? peers : List.<Peer>of()) {
            List<Received> rest = peer.unread();
            if (!rest.isEmpty()) {
                unread.add(rest + peer.story());
            }
        }
        strike();
        Warnings.stop(threads);
        if (passed) {
            assertThat(unread).as("messages that nobody expected").isEmpty();
            assertThat(warnings.texts()).as("warnings").isEmpty();
        }
    }

    /// Closes everything now; a test that checks what is left behind calls it itself.
    public void strike() throws Exception {
        for (AutoCloseable socket : sockets.reversed()) {
            socket.close();
        }
        sockets.clear();
        List<FutureTask<Void>> closing = new ArrayList<>();
        for (Ampe engine : engines) {
            closing.add(
                    start(
                            () -> {
                                engine.close();
                                return null;
                            }));
        }
        engines.clear();
        for (FutureTask<Void> task : closing) {
            get(task, "an engine does not close");
        }
        Eventually.holds("the engines' threads end", () -> engineThreads().isEmpty());
    }

    /// Takes a warning away that has to be there.
    public void expectWarning(String part) {
        assertThat(takeWarning(part)).as(() -> part + " in " + warnings.texts()).isTrue();
    }

    /// Takes a warning away.
    ///
    /// @return whether it was there
    public boolean takeWarning(String part) {
        return warnings.texts().removeIf(text -> text.contains(part));
    }

    /// Opens an engine that watches every message.
    public Ampe engine(UnaryOperator<Options.Builder> options) {
        Options.Builder builder = Options.builder().leakDetection(LeakDetection.PARANOID);
        Options built = options.apply(builder).build();
        Ampe engine = get(start(() -> open(built)), "an engine does not open");
        engines.add(engine);
        return engine;
    }

    private Ampe open(Options options) {
        return throttle == null
                ? Ampe.open(options)
                : EngineProvider.open(options, new ThrottledEnvironment(throttle));
    }

    /// Opens a group on an engine of its own.
    public Peer peer() {
        return peer(UnaryOperator.identity());
    }

    /// The same, with options.
    public Peer peer(UnaryOperator<Options.Builder> options) {
        return peerOn(engine(options));
    }

    /// Opens a group on an engine that others use, too.
    public Peer peerOn(Ampe engine) {
        Peer peer = new Peer(engine);
        peers.add(peer);
        return peer;
    }

    /// Opens two peers, and connects and greets.
    public Link link(Transport transport) {
        return link(transport, UnaryOperator.identity());
    }

    /// The same, with options for both.
    public Link link(Transport transport, UnaryOperator<Options.Builder> options) {
        Peer server = peer(options);
        return Link.open(peer(options), server, server.listen(transport).address());
    }

    /// Connects a raw socket.
    public RawPeer raw(String address) {
        return own(RawPeer.connect(address));
    }

    /// Listens on a raw socket.
    public RawDoor rawDoor(Transport transport) {
        return own(RawDoor.open(transport));
    }

    /// Accepts a raw socket.
    public RawPeer accept(RawDoor door) {
        return own(door.accept());
    }

    /// Closes something afterwards.
    ///
    /// @return the same
    public <T extends AutoCloseable> T own(T socket) {
        sockets.add(socket);
        return socket;
    }

    /// The threads that the engines of this test have.
    public List<Thread> engineThreads() {
        Thread[] found = new Thread[threads.activeCount() + 64];
        int count = threads.enumerate(found);
        return Arrays.stream(found, 0, count)
                .filter(thread -> !thread.getName().equals(STAGE_HAND))
                .toList();
    }

    private <T> FutureTask<T> start(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread thread = new Thread(threads, task, STAGE_HAND);
        thread.setDaemon(true);
        thread.start();
        return task;
    }

    private <T> T get(FutureTask<T> task, String what) {
        try {
            return task.get(Peer.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            StringBuilder stacks = new StringBuilder();
            for (Thread thread : engineThreads()) {
                stacks.append("\n").append(thread).append(List.of(thread.getStackTrace()));
            }
            return fail(what + stacks, e);
        } catch (Exception e) {
            throw new AssertionError(what, e);
        }
    }
}
