package tofu.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import tofu.engine.link.Recorder;
import tofu.engine.link.Resolver;
import tofu.engine.loop.EngineThread;
import tofu.engine.loop.Uninterruptibly;
import tofu.engine.net.Net;
import tofu.engine.net.NioNet;

/// The real world: NIO, the system's clock and its name lookup.
///
/// Threads: any.
public final class SystemEnvironment implements Environment {
    private static final int READ_BYTES = 64 << 10;

    private static final int SCRATCH_BYTES = 64 << 10;

    private final Resolver resolver = new SystemResolver();
    private final long seed = System.nanoTime();
    private final boolean uniprocessor = Runtime.getRuntime().availableProcessors() == 1;

    /// For one engine: it closes the resolver.
    public SystemEnvironment() {}

    @Override
    public Net openNet() throws IOException {
        return NioNet.open(this::nanoTime);
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public boolean isUniprocessor() {
        return uniprocessor;
    }

    @Override
    public Resolver resolver() {
        return resolver;
    }

    @Override
    public long seed() {
        return seed;
    }

    @Override
    public int readBytes() {
        return READ_BYTES;
    }

    @Override
    public ByteBuffer newScratch() {
        return ByteBuffer.allocateDirect(SCRATCH_BYTES);
    }

    @Override
    public boolean inBackground(Runnable task) {
        return EngineThread.tryStart("tofu-report", task);
    }

    @Override
    public Recorder newRecorder(int engine) {
        return FlightRecording.of(engine);
    }

    @Override
    public void await(CountDownLatch latch) {
        Uninterruptibly.await(latch);
    }
}
