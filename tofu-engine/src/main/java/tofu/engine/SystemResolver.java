package tofu.engine;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tofu.engine.link.Resolver;
import tofu.engine.loop.EngineThread;

/// Asks the system, each name on a thread of its own, so that one that hangs stops no other; who
/// asks for the same name shares the lookup.
///
/// Platform threads: a lookup blocks in native code, and would pin the carriers of the
/// application's virtual threads. They end when they are not needed.
///
/// Nothing can end a lookup that hangs: it keeps its thread, and is asked no more. It is not
/// interrupted while the engine is open, as it would fail for others of the process, too.
///
/// Threads: any.
final class SystemResolver implements Resolver {
    /// How many names are looked up at a time.
    static final int MAX_LOOKUPS = 64;

    /// How many more names wait for their turn; who asks for another one is refused.
    static final int MAX_WAITING = 1_024;

    /// Who knows the addresses: the JDK, and what providers it has. Foreign code.
    @FunctionalInterface
    interface NameService {
        InetAddress[] addressesOf(String host) throws UnknownHostException;
    }

    private final NameService service;
    private final ThreadPoolExecutor threads;

    /// Held for a moment; never while a name is looked up, or an answer given.
    private final ReentrantLock lock = new ReentrantLock();

    /// By host: all that have been begun and not ended, or that wait.
    private final Map<String, Lookup> lookups = new HashMap<>();

    SystemResolver() {
        this(InetAddress::getAllByName, threadsOf(Thread.currentThread().getThreadGroup()));
    }

    /// Threads in the group of who opens the engine, not of whoever happens to ask.
    private static ThreadFactory threadsOf(ThreadGroup group) {
        AtomicInteger next = new AtomicInteger();
        return work ->
                EngineThread.unstarted(group, "tofu-resolver-" + next.getAndIncrement(), work);
    }

    SystemResolver(NameService service, ThreadFactory factory) {
        this.service = service;
        threads =
                new ThreadPoolExecutor(
                        MAX_LOOKUPS,
                        MAX_LOOKUPS,
                        1,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(MAX_WAITING),
                        factory);
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public @Nullable Question ask(String host, Consumer<List<InetAddress>> found) {
        lock.lock();
        try {
            Lookup lookup = lookups.get(host);
            if (lookup == null) {
                lookup = new Lookup(host);
                threads.execute(lookup);
                lookups.put(host, lookup);
            }
            return lookup.add(found);
        } catch (RuntimeException | Error unable) {
            // Too many wait, there is no thread, no memory, or no class: it costs this question.
            return null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            threads.shutdownNow();
            lookups.clear();
        } finally {
            lock.unlock();
        }
    }

    /// A name that is looked up, for all who ask for it meanwhile.
    private final class Lookup implements Runnable {
        private final String host;

        /// Who wants the answer; under the lock.
        private final Set<Asker> askers = new LinkedHashSet<>();

        Lookup(String host) {
            this.host = host;
        }

        Question add(Consumer<List<InetAddress>> found) {
            Asker asker = new Asker(found);
            askers.add(asker);
            return asker;
        }

        @Override
        public void run() {
            List<InetAddress> addresses = lookUp();
            end().forEach(asker -> asker.found.accept(addresses));
        }

        private List<InetAddress> lookUp() {
            try {
                return Arrays.stream(service.addressesOf(host))
                        .filter(Objects::nonNull)
                        .limit(MAX_ADDRESSES)
                        .toList();
            } catch (UnknownHostException | RuntimeException | Error e) {
                // Whatever it is, somebody waits for an answer.
                return List.of();
            }
        }

        /// From now on nobody joins the lookup.
        private List<Asker> end() {
            lock.lock();
            try {
                lookups.remove(host, this);
                return List.copyOf(askers);
            } finally {
                lock.unlock();
            }
        }

        private void remove(Asker asker) {
            lock.lock();
            try {
                askers.remove(asker);
                if (askers.isEmpty() && threads.remove(this)) {
                    lookups.remove(host, this);
                }
            } finally {
                lock.unlock();
            }
        }

        private final class Asker implements Question {
            private final Consumer<List<InetAddress>> found;

            Asker(Consumer<List<InetAddress>> found) {
                this.found = found;
            }

            @Override
            public void withdraw() {
                remove(this);
            }
        }
    }
}
