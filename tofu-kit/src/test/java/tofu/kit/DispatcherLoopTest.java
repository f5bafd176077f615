package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.Options;
import tofu.api.Status;

/// A dispatcher with a thread of its own: how it wakes, and how it ends.
@Timeout(60)
class DispatcherLoopTest {
    @Test
    void aSleepingLoopHearsOfTasksAndTimers() throws Exception {
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start()) {
            for (int i = 0; i < 200; i++) {
                CompletableFuture<String> done = new CompletableFuture<>();
                if (i % 2 == 0) {
                    dispatcher.execute(() -> done.complete("task"));
                } else {
                    dispatcher.after(Duration.ZERO, () -> done.complete("timer"));
                }
                assertThat(done.get(20, TimeUnit.SECONDS)).isNotNull();
            }
        }
    }

    /// Waking it needs a message; but what was added is there, whoever could be told of it.
    @Test
    void whatIsAddedIsRunThoughThereIsNoMemoryToWakeTheLoop() throws Exception {
        Options options =
                Options.builder()
                        .initialPoolMessages(0)
                        .maxPoolBytes(1 << 20)
                        .leakDetection(LeakDetection.OFF)
                        .build();
        List<Message> all = new ArrayList<>();
        try (Ampe ampe = Ampe.open(options);
                ChannelGroup other = ampe.create();
                Dispatcher dispatcher = new Dispatcher(ampe).start()) {
            untilNoMemory(() -> all.add(ampe.get()));
            untilNoMemory(() -> other.updateReceiver(null));
            for (int i = 0; i < 3; i++) {
                CompletableFuture<String> done = new CompletableFuture<>();
                dispatcher.execute(() -> done.complete("task"));
                assertThat(done.get(20, TimeUnit.SECONDS)).isEqualTo("task");
            }
            all.forEach(Message::close);
        }
    }

    /// The engine keeps the message that it had no memory to hand out.
    @Test
    void theLoopOutlivesAWantOfMemoryToReceive() throws Exception {
        AtomicInteger none = new AtomicInteger(1);
        AtomicInteger told = new AtomicInteger();
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(shortOfMemoryToReceive(ampe, none))) {
            CompletableFuture<String> done = new CompletableFuture<>();
            dispatcher.onFailure((failure, channel) -> told.incrementAndGet()).start();
            dispatcher.after(Duration.ofMillis(1), () -> done.complete("timer"));
            assertThat(done.get(20, TimeUnit.SECONDS)).isEqualTo("timer");
            CompletableFuture<String> later = new CompletableFuture<>();
            dispatcher.execute(() -> later.complete("task"));
            assertThat(later.get(20, TimeUnit.SECONDS)).isEqualTo("task");
            assertThat(told).hasValue(1);
            assertThat(dispatcher.isEnded()).isFalse();
        }
    }

    private static Ampe shortOfMemoryToReceive(Ampe ampe, AtomicInteger none) {
        return Proxies.of(
                Ampe.class,
                (proxy, method, arguments) -> {
                    Object result = Proxies.pass(ampe, method, arguments);
                    return result instanceof ChannelGroup group ? failing(group, none) : result;
                });
    }

    private static ChannelGroup failing(ChannelGroup group, AtomicInteger none) {
        return Proxies.of(
                ChannelGroup.class,
                (proxy, method, arguments) -> {
                    boolean receives = method.getName().startsWith("waitReceive");
                    if (receives && none.getAndDecrement() > 0) {
                        throw new OutOfMemoryError("planted");
                    }
                    return Proxies.pass(group, method, arguments);
                });
    }

    private static void untilNoMemory(Runnable call) {
        assertThatThrownBy(
                        () -> {
                            while (true) {
                                call.run();
                            }
                        })
                .isInstanceOfSatisfying(
                        AmpeException.class,
                        e -> assertThat(e.status()).isEqualTo(Status.ALLOCATION_FAILED));
    }

    @Test
    void stopEndsTheLoopAndWhatWaitsIsRun() throws Exception {
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe)) {
            CountDownLatch last = new CountDownLatch(1);
            dispatcher.execute(
                    () -> {
                        dispatcher.stop();
                        dispatcher.execute(last::countDown);
                    });
            dispatcher.run();
            assertThat(last.getCount()).isZero();
            assertThat(dispatcher.isEnded()).isTrue();
            assertThatThrownBy(() -> dispatcher.execute(() -> {}))
                    .isInstanceOf(RejectedExecutionException.class);
            assertThatThrownBy(dispatcher::run).isInstanceOf(IllegalStateException.class);
        }
    }

    /// The loop looks whether it is to stop after it has said that it sleeps.
    @Test
    void stopIsNeverMissed() throws Exception {
        try (Ampe ampe = Ampe.open()) {
            for (int i = 0; i < 1_000; i++) {
                Dispatcher dispatcher = new Dispatcher(ampe).start();
                for (int spin = i % 100 * 20; spin > 0; spin--) {
                    Thread.onSpinWait();
                }
                dispatcher.stop();
                assertThat(dispatcher.awaitEnd(Duration.ofSeconds(20))).as("try " + i).isTrue();
            }
        }
    }

    @Test
    void anInterruptEndsTheLoopAndStays() throws Exception {
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe)) {
            CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
            Thread thread =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        dispatcher.run();
                                        interrupted.complete(Thread.interrupted());
                                    });
            thread.interrupt();
            assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
            dispatcher.awaitEnd();
        }
    }

    @Test
    void aHandlerMayClose() throws Exception {
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start()) {
            dispatcher.execute(dispatcher::close);
            dispatcher.awaitEnd();
        }
    }

    @Test
    void closeWaitsForTheHandlerAtWork() throws Exception {
        AtomicInteger done = new AtomicInteger();
        CountDownLatch working = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (Ampe ampe = Ampe.open()) {
            Dispatcher dispatcher = new Dispatcher(ampe).start();
            dispatcher.execute(
                    () -> {
                        working.countDown();
                        try {
                            goOn.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                        done.incrementAndGet();
                    });
            working.await();
            Thread closer = Thread.ofVirtual().start(dispatcher::close);
            goOn.countDown();
            closer.join();
            assertThat(done).hasValue(1);
            assertThat(dispatcher.isEnded()).isTrue();
        }
    }

    @Test
    void anEngineThatClosesEndsTheLoop() throws Exception {
        Ampe ampe = Ampe.open();
        Dispatcher dispatcher = new Dispatcher(ampe).start();
        ampe.close();
        dispatcher.awaitEnd();
        dispatcher.close();
    }
}
