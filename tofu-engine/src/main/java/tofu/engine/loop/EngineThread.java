package tofu.engine.loop;

/// Makes the engine's threads. They keep nothing of whoever happens to start them but his thread
/// group: no InheritableThreadLocals, the system's class loader as context class loader, the usual
/// priority. They do not keep the process from ending.
///
/// Threads: any.
public final class EngineThread {
    private EngineThread() {}

    /// Makes a thread that is yet to be started.
    ///
    /// @param name its name
    /// @param work what it does
    /// @return the thread
    public static Thread unstarted(String name, Runnable work) {
        return unstarted(Thread.currentThread().getThreadGroup(), name, work);
    }

    /// Makes a thread that is yet to be started, in a group that need not be the caller's.
    ///
    /// @param group its group
    /// @param name its name
    /// @param work what it does
    /// @return the thread
    @SuppressWarnings("ThreadPriorityCheck") // not to rely on it, but to inherit nobody's
    public static Thread unstarted(ThreadGroup group, String name, Runnable work) {
        return Thread.ofPlatform()
                .group(group)
                .name(name)
                .daemon()
                .inheritInheritableThreadLocals(false) // nor the context class loader
                .priority(Thread.NORM_PRIORITY)
                .unstarted(work);
    }

    /// Starts a thread for something that may be left out.
    ///
    /// @param name its name
    /// @param work what it does
    /// @return false if the system has none
    public static boolean tryStart(String name, Runnable work) {
        try {
            unstarted(name, work).start();
            return true;
        } catch (OutOfMemoryError noThread) {
            return false;
        }
    }
}
