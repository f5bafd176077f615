package tofu.engine;

/// Makes the engine's threads. They keep nothing of whoever happens to start them but his thread
/// group: no InheritableThreadLocals, the system's class loader as context class loader, the usual
/// priority. They do not keep the process from ending.
///
/// Threads: any.
final class EngineThread {
    private EngineThread() {}

    /// Makes a thread that is yet to be started.
    static Thread unstarted(String name, Runnable work) {
        return Thread.ofPlatform()
                .name(name)
                .daemon()
                .inheritInheritableThreadLocals(false) // nor the context class loader
                .priority(Thread.NORM_PRIORITY)
                .unstarted(work);
    }
}
