package tofu.tests.rigs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import tofu.engine.Environment;
import tofu.engine.SystemEnvironment;
import tofu.engine.link.Resolver;
import tofu.engine.net.Net;
import tofu.engine.net.NioNet;

/// The real world, with slow sockets and the smallest buffers.
///
/// Threads: any.
final class ThrottledEnvironment implements Environment {
    private static final int READ_BYTES = 16;
    private static final int STAGING_BYTES = 8 << 10;

    private final SystemEnvironment system = new SystemEnvironment();
    private final Throttle throttle;
    private final SplittableRandom seeds;

    ThrottledEnvironment(Throttle throttle) {
        this.throttle = throttle;
        this.seeds = new SplittableRandom(throttle.seed());
    }

    /// Called by one thread, before the loops run.
    @Override
    public Net openNet() throws IOException {
        return new ThrottledNet(NioNet.open(System::nanoTime), throttle, seeds.split());
    }

    @Override
    public long nanoTime() {
        return system.nanoTime();
    }

    @Override
    public Resolver resolver() {
        return system.resolver();
    }

    @Override
    public long seed() {
        return throttle.seed();
    }

    @Override
    public int readBytes() {
        return READ_BYTES;
    }

    @Override
    public ByteBuffer newScratch() {
        return ByteBuffer.allocateDirect(STAGING_BYTES);
    }

    @Override
    public void await(CountDownLatch latch) {
        system.await(latch);
    }
}
