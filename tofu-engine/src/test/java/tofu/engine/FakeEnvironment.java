package tofu.engine;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import tofu.engine.link.Resolver;
import tofu.engine.link.Workers;
import tofu.engine.loop.Uninterruptibly;
import tofu.engine.net.Net;

/// A world that a test makes up; who waits for the loops really waits.
///
/// Threads: any.
record FakeEnvironment(
        Supplier<Net> nets,
        LongSupplier clock,
        Resolver resolver,
        Workers workers,
        Runnable whileSpinning,
        ObjLongConsumer<Object> parking)
        implements Environment {
    @Override
    public Net openNet() {
        return nets.get();
    }

    @Override
    public Workers newWorkers() {
        return workers;
    }

    @Override
    public long nanoTime() {
        return clock.getAsLong();
    }

    @Override
    public long seed() {
        return 42;
    }

    @Override
    public int readBytes() {
        return 64 << 10;
    }

    @Override
    public ByteBuffer newScratch() {
        return ByteBuffer.allocateDirect(64 << 10);
    }

    @Override
    public void park(Object blocker, long nanos) {
        parking.accept(blocker, nanos);
    }

    @Override
    public void spin() {
        whileSpinning.run();
    }

    @Override
    public void await(CountDownLatch latch) {
        Uninterruptibly.await(latch);
    }
}
