package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tofu.engine.channel.Crew;
import tofu.engine.loop.EngineThread;

/// The engine's threads keep nothing of whoever happens to start them.
class EngineThreadTest {
    private static final InheritableThreadLocal<@Nullable String> LOCAL =
            new InheritableThreadLocal<>();

    /// Does something on a thread that has all that a child may inherit.
    private static void inheritably(Crew.Work work) throws Exception {
        FutureTask<Void> task =
                new FutureTask<>(
                        () -> {
                            LOCAL.set("inherited");
                            try (URLClassLoader loader = new URLClassLoader(new URL[0])) {
                                Thread.currentThread().setContextClassLoader(loader);
                                work.run();
                            }
                            return null;
                        });
        Thread parent = new Thread(task);
        parent.setPriority(Thread.MIN_PRIORITY);
        parent.start();
        task.get(20, TimeUnit.SECONDS);
    }

    private static void expectNothingInherited(Thread thread) {
        assertThat(thread.getContextClassLoader()).isEqualTo(ClassLoader.getSystemClassLoader());
        assertThat(thread.getPriority()).isEqualTo(Thread.NORM_PRIORITY);
        assertThat(thread.isDaemon()).isTrue();
    }

    @Test
    void aThreadInheritsNothing() throws Exception {
        inheritably(
                () -> {
                    FutureTask<@Nullable String> seen = new FutureTask<>(LOCAL::get);
                    Thread thread = EngineThread.unstarted("tofu-test", seen);
                    expectNothingInherited(thread);
                    thread.start();
                    assertThat(seen.get(20, TimeUnit.SECONDS)).isNull();
                });
    }

    @Test
    void aLoopsThreadInheritsNothing() throws Exception {
        inheritably(
                () -> {
                    try (ThreadedRig rig = new ThreadedRig(EngineRig.options().build())) {
                        expectNothingInherited(rig.loopThread());
                    }
                });
    }

    @Test
    void enginesAreToldApartByTheNamesOfTheirThreads() {
        try (ThreadedRig one = new ThreadedRig(EngineRig.options().build());
                ThreadedRig other = new ThreadedRig(EngineRig.options().build())) {
            assertThat(one.loopThread()).isNotEqualTo(other.loopThread());
        }
    }
}
