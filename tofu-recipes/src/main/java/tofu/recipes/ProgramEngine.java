package tofu.recipes;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tofu.api.Ampe;
import tofu.api.Options;

/// The engine of a program: it is closed when the process is told to end, too (Ctrl-C, `kill`), so
/// that the file of a Unix domain socket never stays behind.
///
/// Threads: any.
final class ProgramEngine implements AutoCloseable {
    private final Ampe ampe;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread exitHook = new Thread(this::closeAtExit, "engine-exit");

    private ProgramEngine(Ampe ampe) {
        this.ampe = ampe;
    }

    /// Opens an engine.
    static ProgramEngine open(Options options) {
        ProgramEngine engine = new ProgramEngine(Ampe.open(options));
        Runtime.getRuntime().addShutdownHook(engine.exitHook);
        return engine;
    }

    Ampe ampe() {
        return ampe;
    }

    /// Closes the engine: what was sent is delivered, and no thread, socket or file is left.
    @Override
    public void close() {
        ampe.close();
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(exitHook);
        } catch (IllegalStateException exiting) {
            // The hook runs already, and finds the engine closed.
        }
    }

    private void closeAtExit() {
        ampe.close();
        try {
            // The program's thread learns it as SHUTDOWN_STARTED; it may want to print a last line.
            closed.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
